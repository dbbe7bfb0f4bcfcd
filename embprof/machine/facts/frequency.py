"""What decides how fast the cores are clocked: governor, turbo, heat, power."""

from dataclasses import dataclass

from embprof.machine import resources
from embprof.machine.files import Files

NO_TURBO = "sys/devices/system/cpu/intel_pstate/no_turbo"
BOOST = "sys/devices/system/cpu/cpufreq/boost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frequency:
    """None where the system does not tell, as in most virtual machines.

    ``turbo_switch`` is the file that turns turbo off, and ``turbo_off`` what to write into it.
    """

    governor: str | None
    driver: str | None
    turbo: bool | None
    turbo_switch: str | None
    turbo_off: str | None
    on_battery: bool | None
    profile: str | None


def read(files: Files) -> Frequency:
    """The settings now."""
    turbo, switch, off = _turbo(files)
    return Frequency(
        governor=resources.governor(),
        driver=files.text("sys/devices/system/cpu/cpu0/cpufreq/scaling_driver"),
        turbo=turbo,
        turbo_switch=switch,
        turbo_off=off,
        on_battery=_on_battery(files),
        profile=files.text("sys/firmware/acpi/platform_profile"),
    )


def thermal_throttles(files: Files) -> int | None:
    """Times that a core or package was slowed for its heat since boot (Intel tells)."""
    counts = [
        count
        for path in files.matching(
            "sys/devices/system/cpu/cpu[0-9]*/thermal_throttle/*_throttle_count"
        )
        if (count := files.number(path)) is not None
    ]
    return sum(counts) if counts else None


def _turbo(files: Files) -> tuple[bool | None, str | None, str | None]:
    """Whether turbo is on, the file that switches it and what turns it off.

    Source: kernel documentation, admin-guide/pm/intel_pstate ("no_turbo") and
    admin-guide/pm/cpufreq ("boost").
    """
    if (without := files.number(NO_TURBO)) is not None:
        return without == 0, f"/{NO_TURBO}", "1"
    if (boost := files.number(BOOST)) is not None:
        return boost == 1, f"/{BOOST}", "0"
    return None, None, None


def _on_battery(files: Files) -> bool | None:
    """Whether a battery is being used up; None where the system knows nothing of power."""
    if not (files.root / "sys/class/power_supply").is_dir():
        return None
    kinds = files.matching("sys/class/power_supply/*/type")
    batteries = [path for path in kinds if files.text(path) == "Battery"]
    states = [files.text(path.removesuffix("type") + "status") for path in batteries]
    return "Discharging" in states
