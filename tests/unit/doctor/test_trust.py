"""The last word on a machine."""

from collections.abc import Callable
from typing import Any

from embprof.doctor.noise import NoiseFigures
from embprof.doctor.traps import examine
from embprof.doctor.trust import conclusion, time_of
from embprof.machine.facts import Facts
from embprof.model import Estimate

MakeFacts = Callable[..., Facts]


def noise(**changes: Any) -> NoiseFigures:
    fields: dict[str, Any] = {
        "pair_sd": 0.02,
        "pairs": 8,
        "smallest_detectable": {60: 0.061, 180: 0.026, 600: 0.017},
        "ratio": Estimate(value=1.002, low=0.99, high=1.014, n=8, basis="restart pairs"),
        "others": 0.03,
        "seconds": 58.0,
    }
    return NoiseFigures(**{**fields, **changes})


def test_a_machine_is_trusted_with_the_changes_it_can_show(facts: MakeFacts) -> None:
    assert conclusion(noise(), examine(facts())) == (
        "A slowdown that is to be found here must be about 6.1 % in 1 min, 2.6 % in 3 min, "
        "1.7 % in 10 min."
    )


def test_a_machine_that_needs_longer_than_a_gate_has_says_so(facts: MakeFacts) -> None:
    for change in (0.04, None):
        said = conclusion(noise(smallest_detectable={180: change, 600: 0.025}), examine(facts()))
        assert "3.0 %, the default bound, needs more than 3 min." in said


def test_a_time_too_short_for_a_verdict_is_left_out(facts: MakeFacts) -> None:
    said = conclusion(noise(smallest_detectable={60: None, 180: 0.02}), examine(facts()))
    assert "2.0 % in 3 min" in said
    assert "1 min" not in said


def test_a_machine_that_can_show_nothing_says_so(facts: MakeFacts) -> None:
    said = conclusion(noise(smallest_detectable={60: None}), examine(facts()))
    assert said.startswith("No change can be promised")


def test_equal_workers_that_differ_are_a_reason_for_mistrust(facts: MakeFacts) -> None:
    apart = Estimate(value=1.05, low=1.02, high=1.08, n=8, basis="restart pairs")
    said = conclusion(noise(ratio=apart), examine(facts()))
    assert "5.0 % apart" in said
    assert "trust no comparison" in said


def test_without_noise_nothing_is_promised_and_warnings_are_to_be_mended(facts: MakeFacts) -> None:
    said = conclusion(None, examine(facts(memory={"available": 0})))
    assert said.startswith("The noise was not measured")
    assert said.endswith("Mend the 1 warning above first, then run this again.")


def test_times_are_told_in_minutes_where_they_are_whole() -> None:
    assert [time_of(seconds) for seconds in (60, 600, 45, 90)] == [
        "1 min",
        "10 min",
        "45 s",
        "1 min 30 s",
    ]
