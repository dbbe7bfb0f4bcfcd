"""What A and B are said to give beside their ratio, in the unit of the figure."""

import math
from typing import Literal

import numpy as np
import pytest

from embprof.model import Estimate, Figure
from embprof.run.gate.judging import arm_values
from embprof.run.gate.row import Trial

Better = Literal["lower", "higher"]
RATIO = 1.25


def figure(name: str, better: Better) -> Figure:
    estimate = Estimate(value=1.0, low=None, high=None, n=1, basis="made up")
    return Figure(name=name, better=better, estimate=estimate)


def trial(middle: float, *readings: tuple[str, int]) -> Trial:
    return Trial(middles=[np.full(4, math.log(middle))] * 8, readings=set(readings))


@pytest.mark.parametrize(
    ("name", "better", "readings"),
    [
        ("throughput_texts_per_s", "higher", [("call_time_s", 32)]),
        ("throughput_texts_per_s", "higher", [("call_time_s", 8), ("call_time_s", 32)]),
        ("throughput_queries_per_s", "higher", [("round_time_s", 4)]),
        ("score_1", "higher", [("score_1", 1)]),
        ("score_1", "higher", [("score_1", 2), ("score_1", 3)]),
    ],
)
def test_of_what_is_better_when_higher_the_values_are_the_inverse_costs(
    name: str, better: Better, readings: list[tuple[str, int]]
) -> None:
    a, b = arm_values(trial(0.01, *readings), figure(name, better), RATIO)
    assert a == pytest.approx(100 * math.sqrt(RATIO))
    assert b == pytest.approx(100 / math.sqrt(RATIO))


def test_of_what_is_better_when_lower_the_values_are_the_costs() -> None:
    found = arm_values(trial(400, ("peak_rss_mb", 1)), figure("peak_rss_mb", "lower"), RATIO)
    assert found == pytest.approx((400 / math.sqrt(RATIO), 400 * math.sqrt(RATIO)))


def test_a_quantity_of_a_whole_reading_is_shown_of_one_though_an_item_was_compared() -> None:
    found = arm_values(trial(0.5, ("energy_j", 32)), figure("energy_j", "lower"), RATIO)
    assert found == pytest.approx((16 / math.sqrt(RATIO), 16 * math.sqrt(RATIO)))


def test_where_the_figure_does_not_say_what_the_ratio_is_of_there_are_none() -> None:
    of_batches = trial(0.5, ("energy_j", 8), ("energy_j", 32))
    assert arm_values(of_batches, figure("energy_j", "lower"), RATIO) == (None, None)
    of_another = trial(0.5, ("energy_j", 8))
    assert arm_values(of_another, figure("peak_rss_mb", "lower"), RATIO) == (None, None)
    assert arm_values(of_another, figure("throughput_texts_per_s", "higher"), RATIO) == (None, None)


def test_without_a_ratio_or_a_figure_there_are_none() -> None:
    known = trial(0.5, ("peak_rss_mb", 1))
    assert arm_values(known, figure("peak_rss_mb", "lower"), None) == (None, None)
    assert arm_values(known, None, RATIO) == (None, None)
    assert arm_values(Trial(), figure("peak_rss_mb", "lower"), RATIO) == (None, None)
