"""Clock rates, heat and power, from made-up systems."""

from collections.abc import Callable, Mapping

import pytest

from embprof.machine.facts import frequency
from embprof.machine.facts.frequency import BOOST, NO_TURBO, thermal_throttles
from embprof.machine.files import Files

MakeFiles = Callable[[Mapping[str, str]], Files]
SUPPLY = "sys/class/power_supply"


@pytest.mark.parametrize(
    ("content", "turbo", "off"),
    [
        ({NO_TURBO: "0"}, True, "1"),
        ({NO_TURBO: "1"}, False, "1"),
        ({BOOST: "1"}, True, "0"),
        ({BOOST: "0"}, False, "0"),
        ({NO_TURBO: "1", BOOST: "1"}, False, "1"),
        ({}, None, None),
    ],
)
def test_turbo_has_a_switch_that_says_so_or_the_opposite(
    files: MakeFiles, content: dict[str, str], *, turbo: bool | None, off: str | None
) -> None:
    found = frequency.read(files(content))
    assert (found.turbo, found.turbo_off) == (turbo, off)
    assert (found.turbo_switch is None) == (turbo is None)


@pytest.mark.parametrize(
    ("content", "on_battery"),
    [
        ({f"{SUPPLY}/BAT0/type": "Battery", f"{SUPPLY}/BAT0/status": "Discharging"}, True),
        ({f"{SUPPLY}/BAT0/type": "Battery", f"{SUPPLY}/BAT0/status": "Full"}, False),
        ({f"{SUPPLY}/AC/type": "Mains"}, False),
        ({}, None),
    ],
)
def test_a_battery_is_in_use_while_it_empties(
    files: MakeFiles, content: dict[str, str], *, on_battery: bool | None
) -> None:
    assert frequency.read(files(content)).on_battery is on_battery


def test_throttles_are_summed_over_cores_and_packages(files: MakeFiles) -> None:
    throttle = "sys/devices/system/cpu/cpu{}/thermal_throttle/{}_throttle_count"
    content = {throttle.format(0, "core"): "2", throttle.format(1, "package"): "3"}
    assert thermal_throttles(files(content)) == 5


def test_without_counts_nobody_knows_of_heat(files: MakeFiles) -> None:
    assert thermal_throttles(files({})) is None
