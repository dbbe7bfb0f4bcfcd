"""The tail of a pipeline, what searching at once and a cache give it, its stages over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from embprof.interface.finding import Kind, Level
from embprof.workloads.pipeline.findings import (
    pipeline_baseline,
    pipeline_switches,
    pipeline_tail,
)

if TYPE_CHECKING:
    from embprof.report.study import Answer
    from tests.unit.conftest import MakeAnswer, MakeStudy

RATE = "throughput_claims_per_s"
STAGES = {
    "stage_embed_ms": (10.0, 0.01),
    "stage_search_ms": (6.0, 0.01),
    "stage_nli_ms": (40.0, 0.01),
    "stage_embed_percent": 18.0,
    "stage_search_percent": 10.0,
    "stage_nli_percent": 72.0,
    "stage_embed_p50_ms": 9.9,
    "stage_embed_p95_ms": 11.0,
    "stage_nli_p50_ms": 39.0,
    "stage_nli_p95_ms": 71.0,
    "tail_embed_percent": 4.0,
    "tail_search_percent": 1.0,
    "tail_nli_percent": 95.0,
}


def pipeline(answer: MakeAnswer, *overrides: str, rate: float = 18.0, **more: Any) -> Answer:
    """A run of the pipeline: figures over those of an ordinary one."""
    half = more.pop("half", 0.01)
    calls = {"latency_p50_ms": 55.0, "latency_p95_ms": 110.0}
    figures = {RATE: (rate, half), **calls, **STAGES, **more.pop("figures", {})}
    description = {"items": "claims"}
    return answer("workload=pipeline", *overrides, figures=figures, description=description, **more)


def test_the_stage_that_bounds_p95_is_named_with_what_it_has_of_the_excess(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    (finding,) = pipeline_tail.find(study(pipeline(answer, outcomes={"tail": "nli"})))
    assert finding.title == (
        "nli bounds p95: 95 % of what the slowest 5 % of calls take beyond the median is "
        "of nli; p95 110 ms, p50 55.0 ms (#0)"
    )
    assert finding.kind is Kind.ADVICE
    assert finding.component == "nli"
    assert "a call: p50 55.0 ms, p95 110 ms" in finding.evidence
    assert any(line.startswith("nli: p50 39.0 ms, p95 71.0 ms") for line in finding.evidence)


def test_a_short_tail_is_a_fact_and_nothing_to_work_on(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    made = pipeline(answer, outcomes={"tail": "nli"}, figures={"latency_p95_ms": 60.0})
    (finding,) = pipeline_tail.find(study(made))
    assert finding.kind is Kind.FACT
    assert finding.check is None


def test_stages_that_could_not_be_told_apart_are_both_said(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    (finding,) = pipeline_tail.find(study(pipeline(answer, outcomes={"tail": "search_or_nli"})))
    assert finding.title.startswith("search or nli bounds p95")


def test_a_tail_that_is_everywhere_is_a_gap(answer: MakeAnswer, study: MakeStudy) -> None:
    (finding,) = pipeline_tail.find(study(pipeline(answer, outcomes={"tail": "unclear"})))
    assert finding.kind is Kind.GAP


def test_runs_whose_stages_were_not_read_call_by_call_say_nothing(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    assert not list(pipeline_tail.find(study(answer(rate=100.0))))


def test_searching_at_once_is_advised_where_it_is_faster(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    made = study(
        pipeline(answer, rate=18.0),
        pipeline(
            answer,
            "workload.retrieval=parallel",
            rate=20.0,
            figures={"stage_search_ms": (2.5, 0.02)},
        ),
    )
    (finding,) = pipeline_switches.find_retrieval(made)
    assert finding.kind is Kind.ADVICE
    assert finding.title == (
        "Searching at once gives 11 % (10 to 13 %) more throughput: 20.0 against 18.0 claims/s"
    )
    assert "were it free, a call would be 1.11 times as fast" in " ".join(finding.evidence)
    assert finding.check == (
        "python -m embprof -m workload=pipeline workload.retrieval=sequential,parallel restarts=5"
    )


@pytest.mark.parametrize(("rate", "half"), [(18.1, 0.05), (15.0, 0.01)])
def test_searching_at_once_is_not_advised_where_it_is_not(
    answer: MakeAnswer, study: MakeStudy, rate: float, half: float
) -> None:
    made = study(
        pipeline(answer, half=half),
        pipeline(answer, "workload.retrieval=parallel", rate=rate, half=half),
    )
    (finding,) = pipeline_switches.find_retrieval(made)
    assert finding.kind is Kind.FACT
    assert ("slower" in finding.title) == (rate < 18)


def test_a_cache_is_advised_with_its_hits(answer: MakeAnswer, study: MakeStudy) -> None:
    made = study(
        pipeline(answer, "workload.order=zipf", "workload.cache=false"),
        pipeline(
            answer,
            "workload.order=zipf",
            "workload.cache=true",
            rate=45.0,
            figures={"cache_hit_percent": 60.0},
        ),
    )
    (finding,) = pipeline_switches.find_cache(made)
    assert finding.title == (
        "A cache that answers 60 % of claims makes 2.50 times (2.46 to 2.54) the "
        "throughput: 45.0 against 18.0 claims/s"
    )
    assert "were hits free, it would be 2.50 times" in finding.evidence
    assert finding.priority is Level.HIGH


def test_a_cache_that_gains_nothing_is_a_fact(answer: MakeAnswer, study: MakeStudy) -> None:
    made = study(
        pipeline(answer, "workload.order=zipf"),
        pipeline(
            answer,
            "workload.order=zipf",
            "workload.cache=true",
            figures={"cache_hit_percent": 0.0},
        ),
    )
    (finding,) = pipeline_switches.find_cache(made)
    assert finding.kind is Kind.FACT


def test_a_stage_of_a_later_sweep_that_is_clearly_slower_is_said_first(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    made = study(
        pipeline(answer, sweep="20260101-000000-aaaa"),
        pipeline(answer, sweep="20260102-000000-bbbb", figures={"stage_nli_ms": (90.0, 0.01)}),
    )
    (finding,) = pipeline_baseline.find(made)
    assert finding.priority is Level.HIGH
    assert "nli +125 %" in finding.title
    assert [line.partition(":")[0] for line in finding.evidence[:3]] == ["embed", "search", "nli"]


def test_five_percent_cannot_be_told_of_two_stored_runs_and_what_can_is_said(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    made = study(
        pipeline(answer, sweep="20260101-000000-aaaa"),
        pipeline(answer, sweep="20260102-000000-bbbb", figures={"stage_nli_ms": (43.0, 0.01)}),
    )
    (finding,) = pipeline_baseline.find(made)
    assert finding.kind is Kind.GAP
    assert finding.title.startswith("Whether embed, search or nli stayed within 5.0 % cannot be")
    evidence = "\n".join(finding.evidence)
    assert "embprof compare main last --figure stage_embed_ms --fail-on-regression 5%" in evidence
    assert "embprof gate workload=embedding --b CHANGE --bound 5%" in evidence


def test_runs_of_one_sweep_are_no_baseline_of_each_other(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    assert not list(pipeline_baseline.find(study(pipeline(answer), pipeline(answer))))
