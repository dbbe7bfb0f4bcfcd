"""The columns of profiles: largest stages, the rest, overheads."""

from collections.abc import Callable

import pytest

from embprof.model import Estimate, Figure, Run
from embprof.report.columns import columns

PROFILE = "embprof.measurements.profile.Profile"


def figure(name: str, value: float, low: float | None = None, high: float | None = None) -> Figure:
    estimate = Estimate(value=value, low=low, high=high, n=9, basis="slices")
    return Figure(name=name, better="lower", estimate=estimate)


@pytest.fixture
def cells(run: Callable[..., Run]) -> Callable[..., dict[str, str]]:
    def make(*figures: Figure) -> dict[str, str]:
        made = run(figures=figures)
        return {column.heading: column.cell(made) for column in columns([made], PROFILE)}

    return make


Cells = Callable[..., dict[str, str]]


def test_tokenize_forward_and_the_largest_other_have_columns(cells: Cells) -> None:
    shares = {"prepare": 5.0, "tokenize": 2.0, "to_device": 1.0, "forward": 90.0, "other": 2.0}
    found = cells(*(figure(f"stage_{name}_percent", value) for name, value in shares.items()))
    stages = {name: said for name, said in found.items() if name.endswith(" %") and said}
    assert stages == {
        "prepare %": "5.0",
        "tokenize %": "2.0",
        "forward %": "90.0",
        "rest %": "3.0",
    }


def test_an_overhead_that_is_not_told_from_nothing_is_a_bound(cells: Cells) -> None:
    found = cells(
        figure("profiler_overhead_percent", 17.2, 15.0, 19.0),
        figure("stage_timer_overhead_percent", 0.4, -1.0, 1.8),
    )
    assert found["profiler +%"] == "17"
    assert found["timer +%"] == "< 1.8"


def test_without_stages_there_are_no_columns_of_them(cells: Cells) -> None:
    found = cells(figure("profiler_overhead_percent", 17.2))
    assert not [name for name in found if name.endswith(" %")]
