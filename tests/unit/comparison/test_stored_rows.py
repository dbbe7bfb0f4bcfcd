"""Rows judged together: verdicts, what is shown beside them, and a bound on regressions."""

import math
from collections.abc import Callable, Sequence

import pytest

from embprof.comparison.evidence import weigh
from embprof.comparison.stored import Outcome, against_bound, compare_rows
from embprof.model import Comparison, Status, Stored, Verdict

MakeStored = Callable[..., Stored]
STEADY = (100.0, 100.5, 99.5, 100.2, 99.8, 100.1)
"""Sessions that differ by 0.3 %."""


@pytest.fixture
def row(stored: MakeStored) -> Callable[..., tuple[list[Stored], Stored]]:
    """A row of sessions of these throughputs, and B's."""

    def make(sessions: Sequence[float], new: float, number: int = 0) -> tuple[list[Stored], Stored]:
        old = [stored(v, number=number, session=f"s{at}") for at, v in enumerate(sessions)]
        return old, stored(new, number=number, session="t")

    return make


def one(rows: Sequence[Comparison]) -> Comparison:
    (only,) = rows
    return only


MakeRow = Callable[..., tuple[list[Stored], Stored]]


@pytest.mark.parametrize(
    ("new", "verdict"),
    [
        (95.0, Verdict.SLOWER),
        (105.5, Verdict.FASTER),
        (100.0, Verdict.SAME),
        (98.5, Verdict.UNCLEAR),
    ],
)
def test_sessions_that_hardly_differ_tell_small_changes(
    row: MakeRow, new: float, verdict: Verdict
) -> None:
    said = one(compare_rows([row(STEADY, new)]))
    assert said.verdict is verdict
    assert said.basis == "the spread of 6 stored sessions"
    assert said.ratio == pytest.approx(100.0 / new, rel=1e-3)
    assert said.low is not None
    assert said.high is not None
    assert said.low < 100.0 / new < said.high
    assert (said.a, said.b, said.rows, said.confidence) == ("s5/0", "t/0", 1, 0.95)


def test_one_stored_run_tells_a_large_change_alone(row: MakeRow) -> None:
    small, large = compare_rows([row([100.0], 95.0, 0), row([100.0], 50.0, 1)])
    assert (small.verdict, large.verdict) == (Verdict.UNCLEAR, Verdict.SLOWER)
    assert small.smallest_detectable is not None
    assert 0.5 < small.smallest_detectable < 1.2
    assert "session noise taken as 10 %" in small.basis
    assert small.reason is None


def test_the_more_rows_the_less_is_called_a_change(row: MakeRow) -> None:
    alone = one(compare_rows([row([100.0], 66.0)]))
    among = compare_rows([row([100.0], 66.0), *(row([100.0], 100.0, n) for n in range(1, 12))])
    assert (alone.verdict, among[0].verdict) == (Verdict.SLOWER, Verdict.UNCLEAR)
    assert among[0].rows == 12
    assert (among[0].low, among[0].high) == (alone.low, alone.high)
    assert (among[0].smallest_detectable or 0) > (alone.smallest_detectable or 9)


def test_a_small_change_that_does_not_hold_among_many_rows_is_the_same(row: MakeRow) -> None:
    steady = [100 + (value - 100) / 3 for value in STEADY]
    small, others = row(steady, 98.0), [row(steady, 100.0, n) for n in range(1, 100)]
    assert compare_rows([small])[0].verdict is Verdict.SLOWER
    assert {said.verdict for said in compare_rows([small, *others])} == {Verdict.SAME}


def test_rows_that_are_not_tested_do_not_count_for_the_correction(
    row: MakeRow, stored: MakeStored
) -> None:
    elsewhere = [stored(number=1, hard={"cpu_model": "x"})], stored(number=1, session="t")
    tested, apart = compare_rows([row([100.0], 66.0), elsewhere])
    assert (tested.verdict, tested.rows) == (Verdict.SLOWER, 1)
    assert apart.verdict is Verdict.INCOMPARABLE
    assert apart.ratio == pytest.approx(1.0)
    assert (apart.low, apart.high, apart.p_value, apart.smallest_detectable) == (None,) * 4


@pytest.mark.parametrize("half", [None, math.nan])
def test_a_run_without_an_interval_is_unclear_and_says_so(
    stored: MakeStored, half: float | None
) -> None:
    said = one(compare_rows([([stored(half=half)], stored(20.0, session="t"))]))
    assert (said.verdict, said.reason) == (Verdict.UNCLEAR, "a run without an interval")
    assert said.ratio == pytest.approx(5.0)
    assert (said.low, said.high) == (None, None)


def test_nothing_that_is_not_finite_comes_out(stored: MakeStored) -> None:
    wild = [stored(value, session=f"s{value}") for value in (1e-100, 1.0, 1e100)]
    said = one(compare_rows([(wild, stored(1.0, session="t"))]))
    assert (said.low, said.high, said.smallest_detectable) == (None, None, None)
    assert said.verdict is Verdict.UNCLEAR


def test_no_rows_give_no_comparisons() -> None:
    assert compare_rows([]) == []


@pytest.mark.parametrize(
    ("sessions", "new", "outcome"),
    [
        (STEADY, 90.0, Outcome.BEYOND),
        (STEADY, 97.0, Outcome.WITHIN),  # slower, yet by less than the bound
        (STEADY, 130.0, Outcome.WITHIN),
        (STEADY, 95.3, Outcome.OPEN),
        ([100.0], 100.0, Outcome.OPEN),
        ([100.0], 30.0, Outcome.BEYOND),
        ([100.0], 300.0, Outcome.WITHIN),
        ([100.0] * 4, 100.0, Outcome.OPEN),
    ],
)
def test_a_regression_is_shown_ruled_out_or_neither(
    row: MakeRow, sessions: Sequence[float], new: float, outcome: Outcome
) -> None:
    assert against_bound([weigh(*row(sessions, new))], 0.05) == [outcome]


def test_a_row_without_a_verdict_rules_nothing_out_and_the_same_run_does(
    stored: MakeStored,
) -> None:
    evidence = [
        weigh([stored(hard={"cpu_model": "x"})], stored(session="t")),
        weigh([stored()], stored(session="t", status=Status.FAILED)),
        weigh([stored()], stored()),
    ]
    assert against_bound(evidence, 0.05) == [Outcome.OPEN, Outcome.OPEN, Outcome.WITHIN]
