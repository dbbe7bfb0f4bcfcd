"""What holds for all rules, on studies that look like real ones, whatever of them is left."""

from __future__ import annotations

import random
import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

from embprof.commands import gate
from embprof.commands.run import parse
from embprof.config import options
from embprof.config.plan import plan
from embprof.interface.finding import Finding, Kind
from embprof.interface.subjects import subject
from embprof.machine import resources
from embprof.model import Status
from embprof.models import weights
from embprof.report.findings import GENERAL, findings
from embprof.report.rules import compared_values
from embprof.run.gate.arms import arms
from embprof.tracking.places import Places

if TYPE_CHECKING:
    from embprof.report.study import Answer, Study
    from tests.unit.conftest import MakeAnswer, MakeBatches, MakeStudy

SUBSETS = 25
WORTH = {
    "functions": [{"function": "f", "file": "a.py", "line": 1, "self_percent": 70.0}],
    "allocation_sites": [{"file": "b.py", "line": 2, "bytes_per_call": 2e6}],
    "lock_waits": [
        {"place": "c.py:3", "callers": 4, "wait_ms_per_call": 180.0, "longest_ms": 360.0}
    ],
}


@pytest.fixture
def whole(answer: MakeAnswer, batches: MakeBatches) -> list[Answer]:
    """Something of everything, disturbed and not, with and without intervals, of three sweeps."""
    old, new = "20260101-000000-aaaa", "20260102-000000-bbbb"
    memory = {"peak_rss_mb": 700.0, "rss_delta_mb": 60.0, "rss_growth_mb_per_min": (20.0, 0.2)}
    claims = ("corpus=claims", "+limits.peak_rss_mb=600")
    several = {"threads": (1, 2), "wait_policy": ("passive", "active"), "device": ("cpu", "cuda")}
    start = {
        "total_load_s": (4.0, 0.05),
        "import_time_s": (2.0, 0.05),
        "first_encode_ms": (900.0, 0.1),
        "steady_encode_ms": (9.0, 0.1),
    }
    kept = {"nearest_kept_percent": 81.0, "top10_kept_percent": 80.0, "cosine_mean": 0.945}
    padded = {"padding_percent": 30.0, "latency_p50_ms": 9.0, **memory}
    answers = [
        *batches(sweep=old, figures=memory),
        *batches({1: 90, 32: 200, 64: 100}, *claims, sweep=new, figures=padded, marks="BA"),
        *batches({1: 90, 32: 200, 64: 300}, *claims, sweep=old, figures=padded, half=0.001),
        *batches({8: 1, 32: 2}, "measurement=memory", figures=memory),
        *(
            answer(f"text_length={size}", rate=9000.0 / size, figures={"tokens_per_s": 2560.0})
            for size in (10, 100, 500)
        ),
        *(
            answer(f"{axis}={value}", "batch_size=99", rate=100.0 * (n + 1), half=half, marks=mark)
            for axis, values in several.items()
            for n, value in enumerate(values)
            for half, mark in ((0.02, "T" * n),)
        ),
        *(
            answer(
                "experiment=heavy_search",
                f"workload.arguments.vectors={size}",
                rate=9000.0 / size,
                figures={"cpu_percent": 3.0},
            )
            for size in (10, 100)
        ),
        answer("backend.dtype=bfloat16", rate=3000.0, figures=kept),
        answer("truncate_dim=64", rate=3000.0, figures=kept),
        *(
            answer(f"prompt={name}", rate=rate, description={"prompt": name, "prompt_tokens": more})
            for name, rate, more in (("query: ", 90.0, 2), ("search_query: ", 80.0, 5))
        ),
        answer("model=minilm_l3", rate=3000.0),
        answer("batch_size=5", rate=3000.0, half=None),
        answer("corpus=claims", "texts_per_call=256", rate=300.0, sweep=new),
        answer("corpus=claims", rate=200.0, figures=padded),
        *(
            answer(
                "measurement=load_time",
                f"measurement.start={kind}",
                figures=start | {"total_load_s": (9.0 * n + 2, 0.05)},
                outcomes={"start": kind},
            )
            for n, kind in enumerate(("warm", "cold"))
        ),
        *(
            answer(
                "measurement=leak",
                f"batch_size={n + 1}",
                outcomes={"leak": word},
                figures={"leak_slope_bytes_per_call": (99.0, 0.1)},
            )
            for n, word in enumerate(("leak", "no_leak", "growth_unproven"))
        ),
        *(
            answer(
                "measurement=profile",
                f"batch_size={size}",
                figures={"stage_forward_percent": (80.0, 0.1), "stage_tokenize_percent": 20.0},
                documents={"stages.json": {"stages": []}, "worth_optimising.json": WORTH},
            )
            for size in (1, 32)
        ),
        *(
            answer(
                "measurement=parity",
                f"backend.dtype={dtype}",
                figures={"parity_faults": float(name == "company"), **kept},
                description={"differs_in": name, "difference_1": "words"},
            )
            for dtype, name in (("float32", "none"), ("bfloat16", "precision"), ("int8", "company"))
        ),
    ]
    answers += _pipelines(answer, old, new)
    answers += _pairs(answer)
    answers += _searches(answer)
    answers += _loads(answer)
    answers.append(_statements(answer))
    assert len(answers) > 30
    return answers


def _pipelines(answer: MakeAnswer, *sweeps: str) -> list[Answer]:
    """Claims verified with both ways to search, with and without a cache, in two sweeps."""
    stages = {
        "stage_search_ms": (9.0, 0.01),
        "stage_search_percent": 20.0,
        "tail_search_percent": 90.0,
        "latency_p50_ms": 40.0,
        "latency_p95_ms": 90.0,
        "cache_hit_percent": 50.0,
    }
    ways = {
        "workload.cache=false": "search",
        "workload.retrieval=parallel": "nli_or_search",
        "workload.cache=true": "unclear",
    }
    return [
        answer(
            *("workload=pipeline", "workload.order=zipf", way),
            figures={"throughput_claims_per_s": (10.0 * (at + 1), 0.01), **stages},
            description={"items": "claims"},
            outcomes={"tail": tail},
            sweep=sweep,
        )
        for sweep in sweeps
        for at, (way, tail) in enumerate(ways.items())
    ]


def _loads(answer: MakeAnswer) -> list[Answer]:
    """Callers at once, rates of arrivals and searches for one, good and bad, of a server too."""
    served = ("workload=http", "workload.url=http://localhost:8080")
    judged = "measurement.latency_target_ms=200"
    failing = {"error_percent": (3.0, 0.1), "errors": 9.0, "timeouts": 1.0, "calls": 300.0}
    callers = [
        answer(
            *(*served, "measurement=closed_loop", f"measurement.concurrency={count}", judged),
            rate=rate,
            figures={"latency_p50_ms": 9.0 * count, "good_percent": (good, 0.001), **more},
            description={"first_failure": "HTTP 503"},
        )
        for count, rate, good, more in (
            (1, 100.0, 99.9, {}),
            (4, 400.0, 99.5, {"cpu_percent": 95.0}),
            (16, 401.0, 60.0, failing),
        )
    ]
    rates = [
        answer(
            *("measurement=open_loop", f"measurement.rate={rate}", judged),
            figures={"response_p95_ms": 90.0, "good_percent": (good, 0.005), "waited_percent": 9.0},
            outcomes={"load": load, "generator": generator},
        )
        for rate, good, load, generator in (
            (10, 99.8, "kept", "late"),
            (50, 99.0, "kept", "kept_up"),
            (90, 3.0, "overloaded", "kept_up"),
        )
    ]
    searches = [
        answer(
            *("measurement=capacity", "measurement.latency_target_ms=200", f"batch_size={at + 1}"),
            figures={"capacity_calls_per_s": 75.0, "capacity_missed_calls_per_s": 78.0}
            if word != "unreachable"
            else {"probes": 9.0},
            outcomes={"capacity": word},
        )
        for at, word in enumerate(("found", "unreachable", "at_least", "pool", "unclear"))
    ]
    return [*callers, *rates, *searches]


def _searches(answer: MakeAnswer) -> list[Answer]:
    """Vectors searched with and without an index, by what finds enough and by what does not."""
    settings = (
        (1000, "exact", 90.0, 1.0),
        (1000, "ivfflat", 900.0, 0.7),
        (1000, "hnsw", 300.0, 0.98),
        (5000, "ivfflat", 800.0, 0.6),
    )
    return [
        answer(
            *("workload=vector_search", f"workload.corpus_size={size}", f"workload.index={index}"),
            figures={"throughput_queries_per_s": (rate, 0.01), "recall_at_10": (recall, 0.01)},
            description={
                "items": "queries",
                "rows": size,
                "index_ddl": None if index == "exact" else "CREATE INDEX",
                "plan": "Limit > Index Scan",
                "plan_left_to_the_planner": "Limit > Sort > Seq Scan",
            },
        )
        for size, index, rate, recall in settings
    ]


def _statements(answer: MakeAnswer) -> Answer:
    """An operation that executes one statement nine times: a scan, planned wrongly, and a sort."""
    seen = {"Actual Loops": 1, "Actual Rows": 100, "Plan Rows": 9000, "Actual Total Time": 9.0}
    sort = {"Node Type": "Sort", "Sort Space Type": "Disk", "Sort Space Used": 9000, **seen}
    scan = {
        "Node Type": "Seq Scan",
        "Schema": "ours",
        "Relation Name": "claims",
        "Alias": "claims",
        "Rows Removed by Filter": 8900,
        "Filter": "(claims.topic = $1)",
        "Plans": [{**sort, "Actual Total Time": 2.0}],
        **seen,
    }
    statement = {
        "statement": "newest",
        "sql": "SELECT * FROM claims WHERE topic = $1",
        "fingerprint": "0123456789ab",
        "executions": 9.0,
        "ms": 9.0,
        "p50_ms": 9.0,
        "percent": 90.0,
        "generic": False,
        "plan": {"Plan": scan, "Execution Time": 9.0},
    }
    table = {
        "schema": "ours",
        "table": "claims",
        "in_search_path": True,
        "rows": 9000,
        "columns": {},
        "indexes": [],
    }
    operation = {"operation": "search", "ms": 90.0, "statements": [statement]}
    return answer(
        "workload=sql",
        "workload.operation=search",
        figures={"throughput_operations_per_s": (9.0, 0.01)},
        description={"items": "operations"},
        documents={"plans.json": {"operations": [operation], "tables": [table]}},
    )


def _pairs(answer: MakeAnswer) -> list[Answer]:
    """Pairs judged in both orders, cut and whole, with predictions of every kind."""
    figures = {
        "agreement_percent": (95.0, 0.01),
        "accuracy_percent": (88.0, 0.02),
        "pairs_cut_percent": (9.0, 0.1),
        "uncut_agreement_percent": (99.8, 0.001),
    }
    ways = {
        "truncation=64": "changed",
        "workload.format=claim_first": "too_few_to_tell",
        "backend.dtype=bfloat16": "ties",
        "batch_size=8": "unchanged",
        "truncation=null": "changed",
    }
    return [
        answer(
            *("workload=nli", way),
            figures={"throughput_pairs_per_s": (90.0 / (at + 1), 0.01), **figures},
            description={"items": "pairs"},
            outcomes={"predictions": word},
        )
        for at, (way, word) in enumerate(ways.items())
    ]


@pytest.fixture
def study_of_all(whole: list[Answer], answer: MakeAnswer, study: MakeStudy) -> Study:
    return study(whole, failed=[answer("batch_size=512", status=Status.OUT_OF_MEMORY)])


def test_every_rule_has_something_to_say_of_a_study_of_everything(study_of_all: Study) -> None:
    spoke = {finding.rule for finding in findings(study_of_all)}
    targets = [
        options.target(group, name)
        for group in ("measurement", "workload")
        for name in options.names(group)
    ]
    accounts = [subject(target).account for target in targets if target is not None]
    named = {compared_values.NAME}
    named |= {rule.name for rule in (*GENERAL, *(one for own in accounts for one in own.rules))}
    assert spoke <= named
    assert named - spoke <= {"memory_parts", "unmeasured", "truncation"}


def test_no_rule_fails_on_any_part_of_a_study(whole: list[Answer], study: MakeStudy) -> None:
    chance = random.Random(0)
    for _ in range(SUBSETS):
        part = chance.sample(whole, chance.randint(0, len(whole)))
        for finding in findings(study(part)):
            _is_sound(finding, {one.run.run_id for one in part})


def test_findings_of_a_whole_study_are_sound(study_of_all: Study) -> None:
    answers = (*study_of_all.answers, *study_of_all.failed)
    for finding in findings(study_of_all):
        _is_sound(finding, {one.run.run_id for one in answers})


def _is_sound(finding: Finding, runs: set[str]) -> None:
    assert finding.evidence, finding
    assert finding.runs, finding
    assert set(finding.runs) <= runs, finding
    assert "None" not in finding.title, finding
    assert "  " not in finding.title, finding
    if finding.kind is Kind.ADVICE:
        assert finding.advice, finding
        assert finding.check, finding
        assert finding.effort, finding
    else:
        assert finding.improvement is None, finding
    if finding.improvement is not None:
        assert finding.improvement.share > 0, finding
        assert finding.improvement.low is None or finding.improvement.low > 0, finding


def test_every_check_is_a_valid_request(
    study_of_all: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = weights.Weights(folder=None, source="hub", sha256=None, tokenizer_sha256=None)
    monkeypatch.setattr(weights, "find", lambda _model, **_: found)
    monkeypatch.setattr(resources, "why_unavailable", lambda _device: None)
    monkeypatch.setattr(gate, "measure", _arms_are_planned)
    checks = {finding.check for finding in findings(study_of_all) if finding.check}
    assert len(checks) > 20
    for check in checks:
        words = shlex.split(check)
        assert words[:3] == ["python", "-m", "embprof"]
        if words[3] == "gate":
            assert gate.main(words[4:]) == 0, check
            continue
        asked = parse(words[3:])
        assert plan(asked.overrides, multirun=asked.multirun, download=False).jobs, check


def _arms_are_planned(overrides: Sequence[str], *, multirun: bool) -> int:
    """In place of measuring them."""
    assert arms(plan(overrides, multirun=multirun), overrides, Places.here()).rows
    return 0


def test_advice_comes_before_facts_and_gaps(study_of_all: Study) -> None:
    order = [Kind.CONTRADICTION, Kind.ADVICE, Kind.FACT, Kind.GAP]
    kinds = [order.index(finding.kind) for finding in findings(study_of_all)]
    assert kinds == sorted(kinds)
