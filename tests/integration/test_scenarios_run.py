"""Every scenario that comes with embprof, run small."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

if TYPE_CHECKING:
    from tests.integration.conftest import MakeDesk

SCENARIOS = sorted((Path(__file__).parents[2] / "experiments").glob("*.yaml"))
SMALL = (
    "max_seconds=0.2",
    "slice_seconds=0.05",
    "iterations=2",
    "warmup.iterations=1",
    "warmup.seconds=0",
    "warmup.max_seconds=0.05",
    "against.max_seconds=2",
    "threads=1",  # other tests run beside this one
    "wait_policy=passive",
)
NARROWED = {
    "batch_size": ("batch_size=8,16",),
    "devices": ("device=cpu,cuda,mps", "batch_size=8"),
    "embedding_service": ("batch_size=8", "texts_per_call=16"),
    "gate": ("batch_size=1,2",),
    "load_time": ("restarts=1", "iterations=1", "warmup.iterations=0"),
    "load_time_cold": (
        "measurement.start=cold",
        "restarts=1",
        "iterations=1",
        "warmup.iterations=0",
    ),
    "heavy_search": ("workload.arguments.vectors=100",),
    "memory": ("batch_size=8", "text_length=50"),
    "memory_pressure": ("workload.arguments.megabytes=4,8",),
    "models": ("model=minilm_l3,minilm_l6", "batch_size=8"),
    "monitoring": (
        "measurement.duration=0.3s",
        "measurement.concurrency=8",
        "~limits.rss_growth_mb_per_min",  # not to be told so soon, and that is an alert
    ),
    "nli": ("batch_size=1,8", "workload.agreement_pairs=8"),
    "nli_dtype": ("batch_size=8", "workload.agreement_pairs=8"),
    "nli_lengths": ("workload.evidence_length=50,100", "workload.format=evidence_first"),
    "nli_truncation": ("truncation=32,null", "workload.agreement_pairs=8"),
    "pipeline": ("workload.claims=4",),
    "pipeline_cache": ("workload.claims=4",),
    "profile": ("batch_size=8",),
    "quick": ("batch_size=8",),
    "serving": ("measurement.concurrency=1,2",),
    "serving_rates": ("measurement.rate=20,40", "measurement.duration=0.5s"),
    "capacity": (
        "measurement.latency_target_ms=2000",
        "measurement.goodput_percent=50",
        "measurement.probe_seconds=0.2",
        "measurement.resolution=1",
    ),
    "sequential": ("workload.arguments.seconds=0.002",),
    "sql": ("workload.operation=search,insert_verdict", "workload.rows=1000"),
    "sql_index_gate": ("workload.rows=2000",),
    "sql_n_plus_1": ("measurement=throughput,profile", "workload.rows=1000"),
    "text_length": ("text_length=10,50", "batch_size=8"),
    "vector_search": (
        "workload.vectors=synthetic",
        "workload.corpus_size=200",
        "workload.lists=10,25",
        "workload.probes=1",
        "workload.recall_queries=20",
    ),
    "vector_search_filter": (
        "workload.vectors=synthetic",
        "workload.corpus_size=1000",
        "workload.selectivity=0.1",
        "workload.recall_queries=20",
    ),
    "vector_search_hnsw": (
        "workload.vectors=synthetic",
        "workload.corpus_size=200",
        "workload.m=8",
        "workload.ef_search=10,40",
        "workload.recall_queries=20",
    ),
    "vector_search_size": (
        "workload.corpus_size=200",
        "workload.lists=10",
        "workload.recall_queries=20",
    ),
    "truncation": ("truncation=8,null", "corpus=claims", "batch_size=8"),
}
"""Fewer and smaller jobs; a scenario that is not named here runs with its whole sweep."""
CODES_OF_A_GATE = (0, 3, 4)
"""Which of them depends on the machine, and says nothing of the scenario."""


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.stem)
def test_a_scenario_that_comes_with_embprof_runs(make_desk: MakeDesk, file: Path) -> None:
    scenario = yaml.safe_load(file.read_text())
    desk = make_desk(f"scenario-{file.stem}")
    sweep = desk.measure(f"experiment={file.stem}", *SMALL, *NARROWED.get(file.stem, ()))
    codes = CODES_OF_A_GATE if "against" in scenario else (0,)
    assert sweep.done.code in codes, sweep.done.text

    assert scenario["question"] in sweep.done.text
    assert file.stem in sweep.parent.info.run_name
    assert sweep.children
    for run in sweep.children:
        assert run.data.tags["embprof.status"] == "ok"
        job = run.data.tags["embprof.run"].partition("/")[2]
        assert run.data.metrics[sweep.answer(job)["figures"][0]["name"]] > 0
        assert run.data.params["question"] == scenario["question"]
