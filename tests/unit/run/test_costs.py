"""What a restart costs is what its figure says, whatever a quantity's readings are summed up by."""

from typing import Literal

import pytest

from embprof.interface.figures import figures
from embprof.model import Samples, Slice, Summary
from embprof.run.costs import cost_of_restart

EVERY: tuple[Summary, ...] = ("mean", "largest", "last", "total", "rate")


def slice_of(*samples: Samples) -> Slice:
    return Slice(restart=0, warmup=False, started=0.0, seconds=1.0, samples=samples)


def pieces(
    *values: tuple[float, ...],
    name: str = "held",
    summary: Summary = "mean",
    items: int = 4,
    better: Literal["lower", "higher"] = "lower",
) -> list[Slice]:
    return [
        slice_of(
            Samples.of(name, "s", *read, items=[items] * len(read), summary=summary, better=better)
        )
        for read in values
    ]


@pytest.mark.parametrize("summary", EVERY)
def test_a_cost_is_the_figure_of_the_same_readings(summary: Summary) -> None:
    read = pieces((3.0, 5.0), (4.0,), summary=summary)
    (one,) = figures(read, "texts")
    assert one.estimate is not None
    value = 1 / one.estimate.value if summary == "rate" else one.estimate.value
    assert cost_of_restart(read) == pytest.approx(value)


def test_calls_cost_what_an_item_takes_as_throughput_does() -> None:
    read = pieces((3.0, 5.0), (4.0,), name="call_time")
    assert cost_of_restart(read) == pytest.approx(1.0)
    throughput = figures(read, "texts")[0].estimate
    assert throughput is not None
    assert throughput.value == pytest.approx(1.0)


def test_what_is_better_when_higher_costs_its_inverse() -> None:
    assert cost_of_restart(pieces((4.0, 6.0), better="higher")) == pytest.approx(0.2)


def test_what_is_read_once_at_the_end_is_of_another_quantity() -> None:
    end = pieces((100.0,), name="at_the_end")
    nothing = [slice_of()]
    assert cost_of_restart([*pieces((4.0,)), *end, *nothing]) == pytest.approx(4.0)


@pytest.mark.parametrize("summary", EVERY)
@pytest.mark.parametrize(("value", "items"), [(0.0, 4), (-1.0, 4), (1.0, 0)])
def test_readings_that_are_not_above_zero_are_no_costs(
    summary: Summary, value: float, items: int
) -> None:
    read = pieces((3.0, value), summary=summary, items=items)
    assert cost_of_restart(read) is None
