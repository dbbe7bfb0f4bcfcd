"""A row before it is judged: what is comparable, and what needs no statistics."""

import math
from collections.abc import Callable

import pytest

from embprof.comparison.evidence import FOREIGN, SAME_RUN, weigh
from embprof.machine.fingerprint import MODEL_FILES
from embprof.machine.validity import MARKS
from embprof.model import Estimate, Figure, Stamp, Status, Stored, Verdict

MakeStored = Callable[..., Stored]
ELSEWHERE = {"cpu_model": "other", "threads": 2}


def busy(*marks: str) -> tuple[Stamp, ...]:
    return tuple(Stamp(mark=mark, detail="") for mark in marks)


def test_a_throughput_is_compared_as_the_time_of_an_item(stored: MakeStored) -> None:
    row = weigh([stored(100.0)], stored(50.0, session="s2"))
    assert row.found is not None
    assert row.found.ratio == pytest.approx(2.0)
    assert row.a_value == pytest.approx(100.0)
    assert row.b_value == 50.0
    assert (row.verdict, row.reason) == (None, None)


def test_a_latency_is_compared_as_it_is(stored: MakeStored) -> None:
    latency = {"figure": "latency_p50_ms", "better": "lower"}
    row = weigh([stored(2.0, **latency)], stored(3.0, session="s2", **latency))
    assert row.found is not None
    assert row.found.ratio == pytest.approx(1.5)


def test_the_value_of_several_sessions_is_their_geometric_mean(stored: MakeStored) -> None:
    sessions = [stored(value, session=f"s{value}") for value in (50.0, 200.0)]
    row = weigh(sessions, stored(100.0, session="b"))
    assert row.a_value == pytest.approx(100.0)
    assert row.found is not None
    assert row.found.ratio == pytest.approx(1.0)
    assert (row.a, row.sessions) == ("s200.0/0", 2)


def test_another_machine_is_incomparable_and_every_part_that_differs_is_named(
    stored: MakeStored,
) -> None:
    row = weigh([stored(hard={"cpu_model": "old", "threads": 1})], stored(50.0, session="s2"))
    assert row.verdict is Verdict.INCOMPARABLE
    assert row.reason == "cpu_model: old / one; threads: 1 / 2"
    assert row.found is not None
    assert row.found.ratio == pytest.approx(2.0)
    assert row.sessions == 1


def test_a_model_that_was_edited_in_place_is_named_by_its_file(stored: MakeStored) -> None:
    known = {"weights_sha256": "w", "tokenizer_sha256": "t"}
    before, after = (
        {**known, MODEL_FILES: {"config.json": "one", "1_Pooling/config.json": pooling}}
        for pooling in ("mean", "cls")
    )
    row = weigh([stored(hard=before)], stored(270.0, session="s2", hard=after))
    assert row.verdict is Verdict.INCOMPARABLE
    assert row.reason == "model_files.1_Pooling/config.json: mean / cls"


def test_a_run_that_lacks_the_files_of_its_model_is_told_as_an_older_one(
    stored: MakeStored,
) -> None:
    old = {"weights_sha256": "w", "tokenizer_sha256": "t"}
    new = {**old, MODEL_FILES: {"config.json": "one"}}
    row = weigh([stored(hard=old)], stored(session="s2", hard=new))
    assert row.verdict is Verdict.INCOMPARABLE
    assert str(row.reason).startswith("A was measured by an older embprof, which did not record")
    both = weigh([stored(hard=old)], stored(session="s2", hard=old))
    assert both.verdict is Verdict.INCOMPARABLE
    assert str(both.reason).startswith("A and B were measured by an older embprof")


def test_of_several_sessions_only_those_of_the_same_environment_are_used(
    stored: MakeStored,
) -> None:
    sessions = [stored(session="s1"), stored(10.0, session="s2", hard=ELSEWHERE)]
    row = weigh(sessions, stored(session="b"))
    assert (row.a, row.sessions, row.verdict) == ("s1/0", 1, None)


@pytest.mark.parametrize("who", ["a", "b"])
def test_figures_of_others_are_shown_and_never_judged(stored: MakeStored, who: str) -> None:
    a = stored(100.0, hard={} if who == "a" else None)
    b = stored(50.0, session="s2", hard={} if who == "b" else None)
    row = weigh([a], b)
    assert (row.verdict, row.reason) == (Verdict.INCOMPARABLE, FOREIGN)
    assert row.found is not None


def test_own_sessions_go_before_figures_of_others(stored: MakeStored) -> None:
    row = weigh([stored(session="s1"), stored(1.0, session="x", hard={})], stored(session="b"))
    assert (row.a, row.verdict) == ("s1/0", None)


def test_of_figures_of_others_the_one_that_has_the_figure_is_shown(stored: MakeStored) -> None:
    others = [
        stored(80.0, session="x", hard={}),
        stored(3.0, session="y", hard={}, figure="latency_p50_ms"),
    ]
    row = weigh(others, stored(session="b"))
    assert row.a == "x/0"
    assert row.a_value == pytest.approx(80.0)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": Status.OUT_OF_MEMORY, "reason": "too large"}, "out of memory: too large"),
        ({"status": Status.FAILED, "reason": None, "figures": ()}, "failed"),
        (
            {"figures": (Figure(name="throughput_texts_per_s", better="higher", estimate=None,
                                note="n/a (n<6)"),)},
            "has no throughput_texts_per_s: n/a (n<6)",
        ),
    ],
)  # fmt: skip
def test_a_run_without_a_figure_leaves_the_row_unclear_and_says_why(
    stored: MakeStored, changes: dict[str, object], reason: str
) -> None:
    whole, broken = stored(session="s1"), stored(session="s2", **changes)
    row = weigh([whole], broken)
    assert (row.verdict, row.reason) == (Verdict.UNCLEAR, f"B {reason}")
    assert row.a_value == pytest.approx(100.0)
    assert (row.b_value, row.found) == (None, None)
    row = weigh([broken], whole)
    assert (row.verdict, row.reason) == (Verdict.UNCLEAR, f"A {reason}")


def test_sessions_that_failed_are_left_out_where_others_did_not(stored: MakeStored) -> None:
    row = weigh(
        [stored(session="s1"), stored(session="s2", status=Status.FAILED)], stored(session="b")
    )
    assert (row.a, row.verdict) == ("s1/0", None)


@pytest.mark.parametrize("value", [0.0, -3.0, math.nan, math.inf, 1e-300])
def test_a_value_of_which_there_is_no_ratio_is_told(stored: MakeStored, value: float) -> None:
    estimate = Estimate(value=value, low=None, high=None, n=1, basis="largest")
    figures = (Figure(name="rss_delta_mb", better="lower", estimate=estimate),)
    row = weigh([stored(figures=figures)], stored(session="s2", figures=figures))
    assert row.verdict is Verdict.UNCLEAR
    assert "of which there is no ratio" in str(row.reason)
    assert row.found is None


def test_runs_that_answer_in_different_figures_are_incomparable(stored: MakeStored) -> None:
    row = weigh([stored(figure="throughput_pairs_per_s")], stored(2.0, session="s2", half=None))
    assert row.verdict is Verdict.INCOMPARABLE
    assert row.reason == "figure: throughput_pairs_per_s / throughput_texts_per_s"
    assert row.found is None


def test_a_run_beside_itself_is_the_same_and_its_ratio_is_one(stored: MakeStored) -> None:
    row = weigh([stored(90.0, session="s0"), stored(session="s1")], stored(session="s1"))
    assert (row.verdict, row.reason, row.sessions) == (Verdict.SAME, SAME_RUN, 1)
    assert row.found is not None
    assert row.found.ratio == 1.0


def test_a_copy_of_a_session_counts_once(stored: MakeStored) -> None:
    row = weigh([stored(), stored(), stored()], stored(session="s2"))
    assert row.sessions == 1


@pytest.mark.parametrize("who", ["a", "b"])
@pytest.mark.parametrize("mark", ["B", "S", "Q", "M"])
def test_a_disturbed_run_beside_few_sessions_leaves_the_row_unclear(
    stored: MakeStored, mark: str, who: str
) -> None:
    a = stored(stamps=busy(mark) if who == "a" else ())
    b = stored(20.0, session="s2", stamps=busy(mark) if who == "b" else ())
    row = weigh([a], b)
    assert row.verdict is Verdict.UNCLEAR
    assert row.reason == f"{who.upper()} was disturbed: {MARKS[mark].partition(':')[0]}"
    assert row.found is not None


def test_marks_of_the_run_itself_do_not_count_as_a_disturbance(stored: MakeStored) -> None:
    assert weigh([stored()], stored(session="s2", stamps=busy("T", "W", "D"))).verdict is None


@pytest.mark.parametrize(
    ("sessions", "b", "disturbed"),
    [
        (["B", "B", "B"], "B", None),
        (["B", "", ""], "B", None),
        (["B", "", ""], "", None),
        (["", "", ""], "BS", "B was disturbed as no stored session was: busy machine, steal"),
        (["B", "BS", "B"], "", "every stored session was disturbed as B was not: busy machine"),
        (["B", "B", "B"], "S", "B was disturbed as no stored session was: steal"),
    ],
)
def test_enough_sessions_cover_the_disturbances_that_some_of_them_saw(
    stored: MakeStored, sessions: list[str], b: str, disturbed: str | None
) -> None:
    stored_ones = [
        stored(100.0 + at, session=f"s{at}", stamps=busy(*marks))
        for at, marks in enumerate(sessions)
    ]
    row = weigh(stored_ones, stored(session="b", stamps=busy(*b)))
    assert row.reason == disturbed


def test_another_figure_can_be_chosen(stored: MakeStored) -> None:
    two = (
        *stored().run.figures,
        *stored(7.0, figure="latency_p50_ms", better="lower").run.figures,
    )
    row = weigh([stored(figures=two)], stored(session="s2", figures=two), "latency_p50_ms")
    assert (row.figure, row.b_value, row.verdict) == ("latency_p50_ms", 7.0, None)


def test_a_row_of_no_session_is_refused(stored: MakeStored) -> None:
    with pytest.raises(ValueError, match="needs a stored session"):
        weigh([], stored())


def test_two_runs_of_no_figure_are_unclear(stored: MakeStored) -> None:
    row = weigh([stored(figures=())], stored(session="s2", figures=()))
    assert (row.figure, row.verdict) == ("no figure", Verdict.UNCLEAR)
