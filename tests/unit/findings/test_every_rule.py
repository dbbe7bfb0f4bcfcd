"""What holds for all rules, on studies that look like real ones, whatever of them is left."""

from __future__ import annotations

import random
import shlex
from typing import TYPE_CHECKING

import pytest

from embprof.commands.run import parse
from embprof.config.plan import plan
from embprof.environment import machine
from embprof.findings import RULES, findings
from embprof.findings.finding import Finding, Kind
from embprof.model import Status
from embprof.models import weights

if TYPE_CHECKING:
    from embprof.findings.study import Answer, Study
    from tests.unit.findings.conftest import MakeAnswer, MakeBatches, MakeStudy

SUBSETS = 25


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
        answer("backend.dtype=bfloat16", rate=3000.0),
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
                documents={"stages.json": {"stages": []}},
            )
            for size in (1, 32)
        ),
    ]
    assert len(answers) > 30
    return answers


@pytest.fixture
def study_of_all(whole: list[Answer], answer: MakeAnswer, study: MakeStudy) -> Study:
    return study(whole, failed=[answer("batch_size=512", status=Status.OUT_OF_MEMORY)])


def test_every_rule_has_something_to_say_of_a_study_of_everything(study_of_all: Study) -> None:
    spoke = {finding.rule for finding in findings(study_of_all)}
    named = {rule.__module__.rpartition(".")[2] for rule in RULES}
    assert spoke <= named
    assert named - spoke <= {"functions", "memory_parts", "unmeasured", "truncation"}


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
    monkeypatch.setattr(machine, "why_unavailable", lambda _device: None)
    checks = {finding.check for finding in findings(study_of_all) if finding.check}
    assert len(checks) > 20
    for check in checks:
        words = shlex.split(check)
        assert words[:3] == ["python", "-m", "embprof"]
        asked = parse(words[3:])
        assert plan(asked.overrides, multirun=asked.multirun, download=False).jobs, check


def test_advice_comes_before_facts_and_gaps(study_of_all: Study) -> None:
    order = [Kind.CONTRADICTION, Kind.ADVICE, Kind.FACT, Kind.GAP]
    kinds = [order.index(finding.kind) for finding in findings(study_of_all)]
    assert kinds == sorted(kinds)
