"""What is said of backends and types by the neighbours that they keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from embprof.interface.finding import Kind, Level
from embprof.report.study import Answer
from embprof.workloads.embedding.account import columns
from embprof.workloads.embedding.findings.answers_kept import find

if TYPE_CHECKING:
    from tests.unit.conftest import MakeAnswer, MakeStudy


def kept(answer: MakeAnswer, *words: str, top: float, **more: float) -> Answer:
    figures = {
        "nearest_kept_percent": top + 1,
        "top10_kept_percent": (top, 0.01),
        "cosine_mean": 0.99,
        **more,
    }
    return answer(*words, rate=100.0, figures=figures)


def test_what_keeps_too_little_is_advised_against(answer: MakeAnswer, study: MakeStudy) -> None:
    exact = answer("backend.dtype=float32", rate=50.0)
    lossy = kept(answer, "backend.dtype=int8", top=80.0)
    (finding,) = find(study(exact, lossy))
    assert finding.kind is Kind.ADVICE
    assert finding.priority is Level.HIGH
    assert finding.title == (
        "torch int8 gives other answers: 81.0 % of texts keep their nearest neighbour, "
        "80.0 % of the ten nearest are kept"
    )
    assert "top10_kept_percent 80.0, wanted at least 90.0" in finding.evidence[0]
    assert finding.runs == (lossy.run.run_id,)
    assert "parity.texts=5000" in str(finding.check)


def test_what_keeps_enough_is_told_with_what_it_loses(answer: MakeAnswer, study: MakeStudy) -> None:
    (finding,) = find(study(kept(answer, "backend.dtype=bfloat16", top=99.5)))
    assert finding.kind is Kind.FACT
    assert "torch bfloat16: " in finding.title
    assert "99.5 % of the ten nearest are kept" in finding.title


def test_a_backend_is_told_once_by_its_worst_row(answer: MakeAnswer, study: MakeStudy) -> None:
    rows = [
        kept(answer, "backend.dtype=int8", f"batch_size={size}", top=top)
        for size, top in ((8, 85.0), (32, 84.0))
    ]
    (finding,) = find(study(*rows))
    assert "84.0 % of the ten nearest" in finding.title
    assert len(finding.runs) == 2


def test_what_is_cut_is_left_to_another_rule(answer: MakeAnswer, study: MakeStudy) -> None:
    assert list(find(study(kept(answer, "truncate_dim=64", top=50.0)))) == []


def test_where_nothing_was_compared_nothing_is_said(answer: MakeAnswer, study: MakeStudy) -> None:
    assert list(find(study(answer("batch_size=8", rate=1.0)))) == []
    assert columns([answer("batch_size=8", rate=1.0).run]) == []


def test_what_too_much_is_lost_of_has_a_column_however_narrow_it_is(answer: MakeAnswer) -> None:
    words = ("backend.dtype=int8", "parity.min_probes_cosine=0.9")
    fine = kept(answer, *words, top=95.0, probes_cosine_min=0.95).run
    lossy = kept(answer, *words, top=95.0, probes_cosine_min=0.80249).run
    spare = {one.heading: one.spare for one in columns([fine])}
    by_name = {one.heading: one for one in columns([fine, lossy])}
    odd = by_name["odd texts"]
    assert (spare["odd texts"] > 0, odd.spare) == (True, 0)
    assert (odd.cell(fine), odd.cell(lossy)) == ("0.9500", "⚠ 0.8024")
    assert by_name["top 10 kept %"].cell(lossy) == "95.0"


@pytest.mark.parametrize(("top", "mark"), [(80.0, "⚠ 80.0"), (95.0, "95.0")])
def test_the_table_marks_what_keeps_too_little(answer: MakeAnswer, top: float, mark: str) -> None:
    run = kept(answer, "backend.dtype=int8", top=top).run
    first, *_ = columns([run])
    assert first.cell(run) == mark
