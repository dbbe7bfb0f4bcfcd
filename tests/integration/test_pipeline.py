"""``workload=pipeline`` of its real parts: embedding, PostgreSQL, a cross-encoder of one layer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import Desk, MakeDesk, Measured

pytestmark = pytest.mark.postgres

CALLS = 80
"""More than the 72 that a 95th percentile needs."""
SMALL = (
    *("workload=pipeline", "workload.claims=12", "workload.search.k=2", "threads=1"),
    *("wait_policy=passive", "cross_encoder.architecture.num_hidden_layers=1"),
    *("warmup.iterations=2", "warmup.seconds=0", "warmup.max_seconds=1"),
)
STAGES = ("embed", "search", "nli", "verdict")
SUMS = 0.05


def metrics(measured: Measured, job: int) -> dict[str, float]:
    found: dict[str, float] = measured.children[job].data.metrics
    return found


@pytest.fixture(scope="module")
def desk(make_desk: MakeDesk) -> Desk:
    return make_desk("pipeline")


@pytest.fixture(scope="module")
def measured(desk: Desk) -> Measured:
    """Jobs 0 and 1 search in sequence, 2 and 3 at once; 1 and 3 remember every claim."""
    axes = ("workload.retrieval=sequential,parallel", "workload.cache=false,true")
    words = ("workload.cache_claims=12", "workload.order=zipf", f"iterations={CALLS}")
    return desk.measure("-m", *SMALL, *axes, *words, "report=false")


@pytest.fixture(scope="module")
def observed(desk: Desk) -> Measured:
    """Job 0 is memory, job 1 a profile."""
    words = ("measurement=memory,profile", "iterations=3", "report=false")
    return desk.measure("-m", *SMALL, *words)


def test_every_call_ends_with_a_verdict_whichever_way_it_searches(measured: Measured) -> None:
    assert measured.done.code == 0, measured.done.text
    for job in range(4):
        assert metrics(measured, job)["throughput_claims_per_s"] > 0
        assert metrics(measured, job)["calls"] == CALLS


def test_stages_of_each_call_are_read_and_make_up_the_call(measured: Measured) -> None:
    for job in (0, 2):
        read = measured.readings(job)
        stages = [read.values(f"stage_{stage}") for stage in STAGES]
        whole = [1e3 * seconds for seconds in read.values("call_time")]
        assert len(whole) == CALLS
        assert {len(values) for values in stages} == {CALLS}
        assert sum(map(sum, stages)) == pytest.approx(sum(whole), rel=SUMS)


def test_the_run_says_which_stage_bounds_its_tail_and_its_stages_are_figures(
    measured: Measured,
) -> None:
    named = set(measured.answer(0)["outcomes"]["tail"].split("_or_"))
    assert named <= {*STAGES, "other", "unclear"}
    found = metrics(measured, 0)
    for stage in STAGES:
        assert found[f"stage_{stage}_p50_ms"] <= found[f"stage_{stage}_p95_ms"]
    assert sum(found[f"stage_{stage}_percent"] for stage in STAGES) == pytest.approx(100, abs=5)
    for heading in ("claims/s", "tail"):
        assert heading in measured.done.out


def test_retrieval_finds_nearly_all_evidence_by_either_way(measured: Measured) -> None:
    """Of two passages a claim, which at most half of those that decide some claims can be."""
    recall = {metrics(measured, job)["evidence_recall_percent"] for job in range(4)}
    assert len(recall) == 1
    assert min(recall) > 60


def test_both_networks_run_on_another_backend_and_find_the_same(
    desk: Desk, measured: Measured
) -> None:
    other = desk.measure(*SMALL, "backend=onnx", "iterations=3", "report=false")
    assert other.done.code == 0, other.done.text
    said = other.answer(0)["description"]
    assert said["embed_runtime"].startswith("onnxruntime")
    assert said["nli_runtime"].startswith("onnxruntime")
    recall = metrics(measured, 0)["evidence_recall_percent"]
    assert metrics(other, 0)["evidence_recall_percent"] == pytest.approx(recall, abs=5)


def test_verdicts_of_random_weights_are_not_judged_and_said_not_to_be(measured: Measured) -> None:
    assert "verdict_accuracy_percent" not in metrics(measured, 0)
    assert "random" in measured.answer(0)["description"]["verdict_accuracy"]


def test_a_run_says_what_its_parts_were(measured: Measured) -> None:
    said = measured.answer(0)["description"]
    assert said["embed_dimensions"] == said["search_dimensions"] == 384
    assert "PostgreSQL" in said["search_server"]
    assert said["nli_weights_source"] == "random"
    assert said["items"] == "claims"


def test_the_report_compares_both_ways_to_search_and_names_the_tail(
    desk: Desk, measured: Measured
) -> None:
    done = desk.run("report", measured.sweep_id, "-o", "report")
    assert done.code == 0, done.text
    report = (desk.path / "report" / "PROFILING_REPORT.md").read_text()
    assert "earching at once" in report
    assert "p95" in report
    assert "encode()" not in report


def test_a_cache_answers_claims_seen_before_and_says_how_many(measured: Measured) -> None:
    assert "cache_hit_percent" not in metrics(measured, 0)
    assert metrics(measured, 1)["cache_hit_percent"] > 50
    hits = measured.readings(1).values("cache_hit")
    nli = measured.readings(1).values("stage_nli")
    assert all((took == 0) == (hit == 100) for hit, took in zip(hits, nli, strict=True))


def test_memory_has_the_weights_of_both_networks(observed: Measured) -> None:
    assert observed.done.code == 0, observed.done.text
    assert metrics(observed, 0)["weights_mb"] > 90 + 40  # 22.7 M parameters, and vocabulary alone
    assert metrics(observed, 0)["component_tokenizer_mb"] > 0


def test_a_profile_tells_the_stages_of_the_networks_within_the_pipelines(
    observed: Measured,
) -> None:
    folder = observed.desk.sweep(observed.sweep_id) / "1"
    content: dict[str, Any] = json.loads((folder / "stages.json").read_text())
    rows = {row["stage"]: row for row in content["stages"]}
    assert tuple(name for name in rows if "/" not in name) == (*STAGES, "other")
    for part in ("embed", "nli"):
        inside = rows[f"{part}/forward"]["ms"] + rows[f"{part}/tokenize"]["ms"]
        assert 0 < inside <= rows[part]["ms"]


def test_both_ways_to_search_can_be_gated(desk: Desk) -> None:
    done = desk.run(
        "gate",
        *SMALL,
        *("--a", "workload.retrieval=sequential", "--b", "workload.retrieval=parallel"),
        *("--seconds", "3"),
    )
    assert done.code in (0, 3, 4), done.text
    assert "claims/s" in done.out


def test_a_pipeline_that_makes_no_sense_is_refused_before_anything_runs(desk: Desk) -> None:
    refused = desk.run(*SMALL, "workload.retrieval=parallel", "workload.queries=['{claim}']")
    assert refused.code == 2
    assert "a call makes a single search" in refused.text
