"""Which runs of two sets stand side by side."""

from collections.abc import Callable, Sequence

import pytest

from embprof.comparison.matching import Matched, match
from embprof.errors import RequestError
from embprof.model import Status, Stored, StoredRuns

MakeStored = Callable[..., Stored]


def side(name: str, *sessions: Sequence[Stored]) -> StoredRuns:
    return StoredRuns(name=name, sessions=tuple(tuple(session) for session in sessions))


def ids(found: Matched) -> list[tuple[list[str], str]]:
    return [([s.run.run_id for s in pair.sessions], pair.b.run.run_id) for pair in found.pairs]


def test_rows_are_matched_by_the_question_in_the_order_of_b(stored: MakeStored) -> None:
    a = side("A", [stored(number=n, session="a") for n in (0, 1, 2)])
    b = side("B", [stored(number=n, session="b") for n in (3, 2, 1)])
    found = match(a, b)
    assert ids(found) == [(["a/2"], "b/2"), (["a/1"], "b/1")]
    assert [run.run.run_id for run in found.only_a] == ["a/0"]
    assert [run.run.run_id for run in found.only_b] == ["b/3"]
    assert found.by is None


def test_all_sessions_of_a_and_the_newest_of_b_count(stored: MakeStored) -> None:
    a = side("A", *([stored(session=name)] for name in ("s1", "s2", "s3")))
    b = side("B", [stored(session="b1")], [stored(session="b2")])
    assert ids(match(a, b)) == [(["s1/0", "s2/0", "s3/0"], "b2/0")]


def test_of_several_runs_of_a_question_the_newest_that_is_ok_counts(stored: MakeStored) -> None:
    def run(number: int, at: str, status: Status = Status.OK) -> Stored:
        return stored(number=number, key="same", started=at, status=status)

    runs = [run(0, "2026-01-01"), run(1, "2026-01-03"), run(2, "2026-01-02")]
    failed = run(3, "2026-01-04", Status.FAILED)
    assert ids(match(side("A", [*runs, failed]), side("B", [stored(key="same", session="b")]))) == [
        (["s1/1"], "b/0")
    ]
    assert ids(match(side("A", [failed]), side("B", runs))) == [(["s1/3"], "s1/1")]


def test_of_a_session_the_run_of_the_environment_of_b_counts(stored: MakeStored) -> None:
    here = stored(number=0, key="same", started="2026-01-01")
    elsewhere = stored(number=1, key="same", started="2026-01-02", hard={"cpu_model": "x"})
    b = stored(key="same", session="b")
    assert ids(match(side("A", [here, elsewhere]), side("B", [b]))) == [(["s1/0"], "b/0")]


def test_two_single_runs_stand_side_by_side_whatever_they_ask(stored: MakeStored) -> None:
    found = match(side("A", [stored(number=0)]), side("B", [stored(number=5, session="b")]))
    assert ids(found) == [(["s1/0"], "b/5")]
    assert found.by == ()


def other(stored: MakeStored, number: int, dtype: str, session: str, **more: object) -> Stored:
    size = 8 * 2**number
    config = {
        "device": "cpu",
        "batch_size": size,
        "backend": {"dtype": dtype},
        "workload": {"batch_size": size},
        **more,
    }
    return stored(number=number, session=session, key=f"{dtype}{number}{more}", config=config)


def test_without_a_common_question_rows_agree_in_the_axes_of_both(stored: MakeStored) -> None:
    a = side("A", [other(stored, n, "float32", "a") for n in (0, 1, 2)])
    b = side("B", [other(stored, n, "bfloat16", "b") for n in (2, 1, 4)])
    found = match(a, b)
    assert ids(found) == [(["a/2"], "b/2"), (["a/1"], "b/1")]
    assert found.by == ("batch_size",)
    assert [run.run.run_id for run in found.only_a] == ["a/0"]
    assert [run.run.run_id for run in found.only_b] == ["b/4"]


def test_a_single_run_is_matched_with_the_row_of_its_values(stored: MakeStored) -> None:
    a = side("A", [other(stored, n, "float32", "a") for n in (0, 1, 2)])
    assert ids(match(a, side("B", [other(stored, 1, "bfloat16", "b")]))) == [(["a/1"], "b/1")]


def test_rows_that_could_stand_beside_several_are_left_out(stored: MakeStored) -> None:
    both = [other(stored, n, "float32", "a", seed=seed) for n in (0, 1) for seed in (0, 1)]
    a = side("A", [*both, other(stored, 3, "float32", "a", seed=7)])
    b = side("B", [other(stored, n, "bfloat16", "b", seed=9) for n in (0, 3)])
    found = match(a, b)
    assert ids(found) == [(["a/3"], "b/3")]
    assert len(found.only_a) == 4


def test_where_nothing_fits_the_message_says_what_each_has(stored: MakeStored) -> None:
    a = side("A", [other(stored, n, "float32", "a") for n in range(8)])
    b = side("B", [other(stored, n, "bfloat16", "b") for n in (8, 9)])
    with pytest.raises(RequestError) as error:
        match(a, b)
    (problem,) = error.value.problems
    assert problem == (
        "A and B have no question in common: A has 8 runs: batch_size=8,16,32,64,128,256,…; "
        "B has 2 runs: batch_size=2048,4096"
    )


def test_a_side_without_runs_is_told(stored: MakeStored) -> None:
    with pytest.raises(RequestError, match="B: it has no runs"):
        match(side("A", [stored()]), side("B", []))


def foreign(stored: MakeStored, figure: str = "throughput_texts_per_s", **about: object) -> Stored:
    return stored(key="", session=f"others-{figure}", hard={}, config=about, figure=figure)


def test_figures_of_others_stand_beside_every_run_that_they_are_about(stored: MakeStored) -> None:
    others = side("A", [foreign(stored, device="cpu"), foreign(stored, "peak_mb", batch_size=16)])
    b = side("B", [stored(number=n, session="b") for n in (0, 1)])
    assert ids(match(others, b)) == [
        (["others-throughput_texts_per_s/0"], "b/0"),
        (["others-throughput_texts_per_s/0", "others-peak_mb/0"], "b/1"),
    ]


def test_own_sessions_come_after_figures_of_others(stored: MakeStored) -> None:
    a = side("A", [stored(session="s1")], [foreign(stored, device="cpu")])
    assert ids(match(a, side("B", [stored(session="b")]))) == [
        (["others-throughput_texts_per_s/0", "s1/0"], "b/0")
    ]


def test_figures_of_others_can_be_the_new_side(stored: MakeStored) -> None:
    a = side("A", [stored(number=n, session="a") for n in (0, 1)])
    found = match(a, side("B", [foreign(stored, device="cpu")]))
    assert ids(found) == [
        (["a/0"], "others-throughput_texts_per_s/0"),
        (["a/1"], "others-throughput_texts_per_s/0"),
    ]


def test_figures_of_others_about_the_same_stand_side_by_side(stored: MakeStored) -> None:
    one, two = ([foreign(stored, device="cpu"), foreign(stored, device="mps")] for _ in "ab")
    assert len(match(side("A", one), side("B", two)).pairs) == 2
