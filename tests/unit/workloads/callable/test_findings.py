"""What is found of a user's own function: its arguments, its waiting, its memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from embprof.interface.finding import Kind
from embprof.measurements.findings import waiting
from embprof.measurements.memory.findings import memory_parts
from embprof.report.rules import unmeasured
from embprof.workloads.callable.findings import arguments

if TYPE_CHECKING:
    from collections.abc import Callable

    from embprof.report.study import Answer
    from tests.unit.conftest import MakeAnswer, MakeStudy

SEARCHES = {"items": "searches"}


@pytest.fixture
def search(answer: MakeAnswer) -> Callable[..., Answer]:
    """A run of the example that searches, with so many searches a second."""

    def make(rate: float, *given: str, half: float = 0.01, **changes: Any) -> Answer:
        words = ("experiment=heavy_search", *(f"workload.arguments.{one}" for one in given))
        figures = {"throughput_searches_per_s": (rate, half), **changes.pop("figures", {})}
        return answer(*words, figures=figures, description=SEARCHES, **changes)

    return make


def test_a_number_scales_with_a_power(search: Callable[..., Answer], study: MakeStudy) -> None:
    made = [search(1000.0, "vectors=100"), search(100.0, "vectors=1000")]
    (finding,) = arguments.find(study(made))
    assert finding.kind is Kind.FACT
    assert finding.title == (
        "From vectors=100 to vectors=1000 throughput falls from 1,000 to 100 searches/s: "
        "the time of one grows as vectors to the power 1.00 (0.99 to 1.01)"
    )


def test_the_fastest_way_is_advice_with_what_it_brings(
    search: Callable[..., Answer], study: MakeStudy
) -> None:
    made = [
        search(100.0, "method=differences", "vectors=50"),
        search(400.0, "method=product", "vectors=50"),
    ]
    (finding,) = arguments.find(study(made))
    assert finding.kind is Kind.ADVICE
    assert finding.title == (
        "With method=product it is 4.00 times (3.94 to 4.06) as fast as with "
        "method=differences: 400 against 100 searches/s"
    )
    assert finding.improvement is not None
    assert finding.improvement.share == pytest.approx(3.0)
    assert "workload.arguments.method=differences,product" in (finding.check or "")


def test_what_cannot_be_told_apart_is_no_finding(
    search: Callable[..., Answer], study: MakeStudy
) -> None:
    made = [
        search(100.0, "method=differences", half=0.2),
        search(110.0, "method=product", half=0.2),
    ]
    assert list(arguments.find(study(made))) == []
    assert list(arguments.find(study(search(100.0, "method=product")))) == []


def test_an_argument_that_was_added_is_added_again(answer: MakeAnswer, study: MakeStudy) -> None:
    made = [
        answer(
            "workload=callable",
            "workload.function=a:f",
            f"+workload.arguments.fast={value}",
            figures={"throughput_calls_per_s": (rate, 0.01)},
            description={"items": "calls"},
        )
        for value, rate in (("false", 10.0), ("true", 50.0))
    ]
    (finding,) = arguments.find(study(made))
    assert finding.title.startswith(
        "With fast=true it is 5.00 times (4.93 to 5.07) as fast as with fast=false"
    )
    assert " +workload.arguments.fast=false,true " in (finding.check or "")


@pytest.mark.parametrize(
    ("cpu", "marks", "is_found"),
    [(3.0, "", True), (40.0, "", True), (60.0, "", False), (40.0, "B", False), (3.0, "B", True)],
)
def test_a_call_that_mostly_waits_is_told_apart_from_one_that_others_held_up(
    search: Callable[..., Answer], study: MakeStudy, cpu: float, marks: str, *, is_found: bool
) -> None:
    made = search(10.0, "vectors=50", figures={"cpu_percent": cpu}, marks=marks)
    found = list(waiting.find(study(made)))
    assert bool(found) is is_found
    for finding in found:
        assert finding.title.startswith(f"A call uses a CPU for {cpu:g}")
        assert "HeavySearch(vectors=50, method=differences)" in finding.title


def test_what_is_waited_for_comes_from_the_profile_of_the_same_question(
    answer: MakeAnswer, search: Callable[..., Answer], study: MakeStudy
) -> None:
    rows = [
        {"function": "time.sleep", "called_from": "a.py:3", "self_percent": 97.0},
        {"function": "find", "self_percent": 3.0},
    ]
    words = ("experiment=heavy_search", "workload.arguments.vectors=50")
    profile = answer(
        *words, "measurement=profile", documents={"worth_optimising.json": {"functions": rows}}
    )
    made = search(10.0, "vectors=50", figures={"cpu_percent": 3.0})
    (finding,) = waiting.find(study(made, profile))
    assert finding.evidence[1:] == ("time.sleep in a.py:3: 97 % of the time",)


def test_an_embedding_does_not_wait_in_this_sense(answer: MakeAnswer, study: MakeStudy) -> None:
    made = answer(rate=100.0, figures={"cpu_percent": 5.0})
    assert list(waiting.find(study(made))) == []


def test_memory_that_grows_with_an_argument_is_told_by_it(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    made = [
        answer(
            "experiment=memory_pressure",
            f"workload.arguments.megabytes={size}",
            figures={"peak_rss_mb": 40.0 + 2 * size},
        )
        for size in (10, 100)
    ]
    titles = [finding.title for finding in memory_parts.find(study(made))]
    assert titles == ["Peak memory grows from 60 MB with megabytes=10 to 240 MB with megabytes=100"]


@pytest.mark.parametrize(
    ("words", "is_asked"),
    [
        ((), False),
        (("workload.batch=4",), True),
        (("workload.batch=4", "workload.inputs.values=[1]"), False),
    ],
)
def test_the_length_of_texts_is_a_question_where_there_are_texts(
    answer: MakeAnswer, study: MakeStudy, words: tuple[str, ...], *, is_asked: bool
) -> None:
    made = answer("workload=callable", "workload.function=a:f", *words, rate=100.0)
    titles = [finding.title for finding in unmeasured.find(study(made))]
    assert any("length of texts" in title for title in titles) is is_asked
    assert not any("batch size" in title for title in titles)
