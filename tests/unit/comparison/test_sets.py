"""Two sets compared as a whole: rows, what is left over, the mean, exit codes."""

import time
from collections.abc import Callable

import pytest

from embprof.comparison.sets import compare
from embprof.errors import RequestError
from embprof.model import Stored, StoredRuns, Verdict

MakeStored = Callable[..., Stored]


@pytest.fixture
def sweep(stored: MakeStored) -> Callable[..., StoredRuns]:
    """A sweep of these throughputs, a row each."""

    def make(name: str, *values: float, **changes: object) -> StoredRuns:
        runs = [stored(v, number=at, session=name, **changes) for at, v in enumerate(values)]
        return StoredRuns(name=name, sessions=(tuple(runs),))

    return make


Sweep = Callable[..., StoredRuns]


def test_rows_have_the_numbers_and_the_axes_of_b(sweep: Sweep) -> None:
    found = compare(sweep("a", 100, 200, 300), sweep("b", 100, 190, 330))
    assert [row.number for row in found.rows] == [0, 1, 2]
    assert [row.label for row in found.rows] == ["batch_size=8", "batch_size=16", "batch_size=32"]
    assert [row.comparison.b_value for row in found.rows] == [100, 190, 330]


def test_runs_of_one_number_are_counted_instead(stored: MakeStored) -> None:
    old = StoredRuns(name="a", sessions=((stored(key="x"), stored(key="y")),))
    new = StoredRuns(
        name="b", sessions=((stored(key="x", session="b"), stored(key="y", session="c")),)
    )
    assert [row.number for row in compare(old, new).rows] == [0, 1]


def test_the_mean_is_over_the_comparable_rows(stored: MakeStored, sweep: Sweep) -> None:
    apart = stored(100.0, number=2, session="a", hard={"cpu_model": "x"})
    old = StoredRuns(name="a", sessions=((*sweep("a", 100, 200).runs, apart),))
    found = compare(old, sweep("b", 50, 400, 1.0))
    assert found.mean == pytest.approx(1.0)
    assert found.mean_rows == 2
    assert found.rows[2].comparison.verdict is Verdict.INCOMPARABLE


def test_without_a_comparable_row_there_is_no_mean(sweep: Sweep) -> None:
    assert compare(sweep("a", 100, hard={"cpu_model": "x"}), sweep("b", 50)).mean is None


def test_what_only_one_side_has_is_named_by_what_sets_it_apart(sweep: Sweep) -> None:
    found = compare(sweep("a", 1, 2, 3), sweep("b", 1))
    assert found.only_a == ("batch_size=16", "batch_size=32")
    assert found.only_b == ()
    assert [row.label for row in found.rows] == [""]


def test_the_exit_code_is_0_without_a_bound_whatever_the_rows_say(sweep: Sweep) -> None:
    assert compare(sweep("a", 100), sweep("b", 10)).exit_code == 0
    assert compare(sweep("a", 100), sweep("b", 99)).exit_code == 0


def test_with_a_bound_a_regression_is_3_and_what_cannot_be_told_4(sweep: Sweep) -> None:
    def code(*values: float) -> int:
        return compare(sweep("a", 100, 100), sweep("b", *values), bound=0.05).exit_code

    assert code(10, 100) == 3
    assert code(100, 100) == 4
    assert code(1000, 1000) == 0
    assert compare(sweep("a", 100), sweep("a", 100), bound=0.05).exit_code == 0


def test_a_figure_that_no_row_has_on_both_sides_is_refused_and_those_that_are_there_named(
    sweep: Sweep,
) -> None:
    with pytest.raises(RequestError) as error:
        compare(sweep("a", 1), sweep("b", 1), figure="latency_p50_ms")
    assert error.value.problems == (
        "--figure latency_p50_ms: A and B do not both have it; they have throughput_texts_per_s",
    )


def test_figures_of_others_are_labelled_by_the_runs_beside_them(
    stored: MakeStored, sweep: Sweep
) -> None:
    others = StoredRuns(
        name="x",
        sessions=((stored(50.0, key="", hard={}, session="x", config={"device": "cpu"}),),),
    )
    for found in (compare(others, sweep("b", 1, 2)), compare(sweep("b", 1, 2), others)):
        assert [row.label for row in found.rows] == ["batch_size=8", "batch_size=16"]
        assert {row.comparison.verdict for row in found.rows} == {Verdict.INCOMPARABLE}
        assert found.differences.config == ()
        assert found.mean is None


def test_a_thousand_rows_take_no_more_than_moments(stored: MakeStored) -> None:
    def many(name: str) -> StoredRuns:
        config = {"seed": 0, "batch_size": 8, **{f"key{n}": n for n in range(50)}}
        runs = (
            stored(100.0, session=name, key=f"q{n}", config={**config, "seed": n})
            for n in range(1000)
        )
        return StoredRuns(name=name, sessions=(tuple(runs),))

    a, b = many("a"), many("b")
    started = time.process_time()
    assert len(compare(a, b, bound=0.05).rows) == 1000
    assert time.process_time() - started < 3
