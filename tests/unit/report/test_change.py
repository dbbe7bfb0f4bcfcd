"""How much better one run is than another, and what its interval allows for."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from embprof.interface.finding import Improvement, Level
from embprof.model import Stamp
from embprof.report.change import change, priority_of

if TYPE_CHECKING:
    from tests.unit.conftest import MakeAnswer

RATE = "throughput_texts_per_s"
LATER = "20260102-000000-bbbb"


def test_more_of_a_rate_and_less_of_a_cost_are_improvements(answer: MakeAnswer) -> None:
    before = answer(rate=100.0, figures={"total_load_s": (4.0, 0.1)})
    after = answer(rate=150.0, figures={"total_load_s": (3.0, 0.1)})
    rate, cost = change(before, after, RATE), change(before, after, "total_load_s")
    assert rate is not None
    assert cost is not None
    assert (rate.improvement.share, cost.improvement.share) == pytest.approx((0.5, 0.25))
    assert rate.is_better
    assert cost.is_better
    assert cost.improvement.low is not None
    assert cost.improvement.high is not None
    assert cost.improvement.low < 0.25 < cost.improvement.high
    back = change(after, before, RATE)
    assert back is not None
    assert back.is_worse


def test_another_sweep_and_a_busy_machine_widen_the_interval(answer: MakeAnswer) -> None:
    before = answer(rate=100.0)
    widths = []
    for made in (
        answer(rate=150.0),
        answer(rate=150.0, marks="D"),
        answer(rate=150.0, marks="B"),
        answer(rate=150.0, sweep=LATER),
        answer(rate=150.0, marks="BA"),
        answer(rate=150.0, marks="BA", sweep=LATER),
    ):
        found = change(before, made, RATE)
        assert found is not None
        assert found.ratio.low is not None
        assert found.ratio.high is not None
        widths.append(found.ratio.high / found.ratio.low)
        assert len(found.notes) == (bool(made.run.stamps) + (made.run.sweep_id == LATER))
    assert widths == sorted(widths)
    assert widths[0] < 1.03
    assert widths[-1] > 3


def test_a_crowded_machine_widens_it_more_than_a_neighbour(answer: MakeAnswer) -> None:
    low: list[float] = []
    for percent in (60, 99, 101, 170):
        made = answer(rate=150.0, marks="B", hard={"cpus": 2})
        stamp = Stamp(mark="B", detail=f"others used {percent} % of a CPU")
        run = dataclasses.replace(made.run, stamps=(stamp,))
        crowded = dataclasses.replace(made, stored=dataclasses.replace(made.stored, run=run))
        found = change(answer(rate=100.0), crowded, RATE)
        assert found is not None
        low.append(found.ratio.low or 0.0)
    assert low[0] == low[1] > 1.1
    assert low[2] == low[3] < 1


def test_many_comparisons_ask_for_more(answer: MakeAnswer) -> None:
    before, after = answer(rate=100.0), answer(rate=101.6)
    one, many = change(before, after, RATE), change(before, after, RATE, comparisons=10)
    assert one is not None
    assert many is not None
    assert one.is_distinct
    assert not many.is_distinct


def test_without_an_interval_nothing_is_told(answer: MakeAnswer) -> None:
    found = change(answer(rate=1.0, half=None), answer(rate=100.0), RATE)
    assert found is not None
    assert not found.is_distinct
    assert found.improvement.low is None
    assert change(answer(), answer(rate=1.0), RATE) is None


def test_the_least_gain_decides_the_priority() -> None:
    gains = [(0.5, 0.3), (0.5, 0.15), (0.5, 0.01), (0.3, None)]
    made = [Improvement(metric=RATE, share=share, low=low) for share, low in gains]
    assert [priority_of(one) for one in made] == [
        Level.HIGH,
        Level.MEDIUM,
        Level.LOW,
        Level.HIGH,
    ]
