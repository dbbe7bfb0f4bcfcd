"""What is said of a comparison: values and change that agree to the digits shown."""

import dataclasses
import math
import random
from collections.abc import Callable
from typing import Literal

import pytest

from embprof.comparison.stored import compare_rows
from embprof.model import Comparison, Estimate, Figure, Stored, Verdict
from embprof.report.comparison_phrases import TYPICAL, a_value, b_value, change, columns, legend
from embprof.statistics.paired_test import typical_costs

Agree = Callable[..., bool]
Better = Literal["lower", "higher"]
PAIRED = Comparison(
    figure="throughput_texts_per_s",
    a="20260101-000000-abcd/0",
    b="20260101-000000-abcd/1",
    ratio=1.11,
    low=1.05,
    high=1.17,
    verdict=Verdict.SLOWER,
    reason=None,
    smallest_detectable=0.03,
    p_value=0.001,
    basis="24 pairs of restarts with 96 pairs of slices, measured in turn",
    a_value=164.3,
    b_value=148.0,
    is_paired=True,
)


@pytest.mark.parametrize(
    ("a", "b", "said", "better", "expected"),
    [
        ("151", "163", "+11 %", "higher", False),
        ("184", "169", "+0.3 %", "higher", False),
        ("151", "163", "-7.4 %", "higher", True),
        ("151", "163", "+7.9 %", "lower", True),
        ("151", "163", "+7.1 %", "lower", False),
        ("1,031,106", "763,782", "+35 %", "higher", True),
        ("0.343", "0.343", "0.0 %", "lower", True),
        ("0.343", "0.343", "+0.3 %", "lower", True),
        ("0.343", "0.343", "+0.5 %", "lower", False),
    ],
)
def test_figures_of_two_estimates_are_told_from_those_of_one(
    agree: Agree, a: str, b: str, said: str, better: str, *, expected: bool
) -> None:
    """A check of the check, with what gates used to show."""
    assert agree(a, b, said, better=better) is expected


@pytest.mark.parametrize("gates", [1_000, pytest.param(20_000, marks=pytest.mark.proof)])
@pytest.mark.parametrize("better", ["lower", "higher"])
def test_both_arms_of_a_gate_agree_with_the_change_to_the_digits_shown(
    agree: Agree, better: Better, gates: int
) -> None:
    drawn = random.Random(0)
    for _ in range(gates):
        middle = drawn.uniform(math.log(1e-7), math.log(1e7))
        ratio = math.exp(drawn.choice([0.001, 0.01, 0.1, 1.0]) * drawn.gauss(0, 1))
        costs = typical_costs([[middle] * 4] * 8, ratio)
        a, b = costs if better == "lower" else (1 / costs[0], 1 / costs[1])
        found = dataclasses.replace(PAIRED, ratio=ratio, a_value=a, b_value=b)
        cells = a_value(found), b_value(found), change(found)
        assert agree(*cells, better=better), (middle, ratio, cells)


@pytest.mark.parametrize("better", ["lower", "higher"])
def test_stored_sessions_and_a_new_run_agree_with_the_change_to_the_digits_shown(
    agree: Agree, stored: Callable[..., Stored], better: Better
) -> None:
    drawn = random.Random(1)
    for count in range(1, 6):
        for _ in range(50):
            scale = math.exp(drawn.uniform(-10, 10))
            runs = [
                stored(session=f"2026010{at}-000000-abcd", figures=(_figure(scale, drawn, better),))
                for at in range(count + 1)
            ]
            (found,) = compare_rows([(runs[:-1], runs[-1])])
            cells = a_value(found), b_value(found), change(found)
            assert agree(*cells, better=better), cells
            assert not found.is_paired


def test_arms_measured_in_turn_stand_beside_their_change_with_a_word_on_what_they_are() -> None:
    cells = {name: cell(PAIRED) for name, cell in columns({1: PAIRED})}
    assert list(cells)[:3] == ["A", "B", "change"]
    assert (cells["A"], cells["B"], cells["change"]) == ("164", "148", "+11 %")
    assert TYPICAL in legend({1: PAIRED})


def test_of_stored_runs_the_row_itself_has_the_figure_that_the_change_is_of() -> None:
    compared = dataclasses.replace(PAIRED, is_paired=False)
    assert next(name for name, _ in columns({1: compared})) == "change"
    assert TYPICAL not in legend({1: compared})


def _figure(scale: float, drawn: random.Random, better: Better) -> Figure:
    value = scale * math.exp(drawn.gauss(0, 0.1))
    estimate = Estimate(
        value=value, low=0.98 * value, high=1.02 * value, n=30, basis="readings of one process"
    )
    return Figure(name="a_figure", better=better, estimate=estimate)
