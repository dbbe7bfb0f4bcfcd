"""What each size of a vector keeps of the neighbours, beside its bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from embprof.interface.finding import Kind, Level
from embprof.report.study import Answer
from embprof.workloads.embedding.findings.dimensions import find

if TYPE_CHECKING:
    from tests.unit.conftest import MakeAnswer, MakeStudy


def cut(answer: MakeAnswer, size: int, top: float, *words: str) -> Answer:
    figures = {"nearest_kept_percent": top, "top10_kept_percent": (top, 0.01)}
    return answer(f"truncate_dim={size}", *words, rate=100.0, figures=figures)


def test_sizes_that_keep_enough_are_told_before_those_that_do_not(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    (finding,) = find(
        study(
            answer(rate=99.0), cut(answer, 256, 98.0), cut(answer, 64, 81.2), cut(answer, 128, 92)
        )
    )
    assert finding.kind is Kind.FACT
    assert finding.title == (
        "Of the ten nearest, 128 numbers (512 B) keep 92.0 %, 256 numbers (1,024 B) keep 98.0 %; "
        "too few: 64 numbers (256 B) keep 81.2 %"
    )
    assert len(finding.runs) == 3
    assert finding.axes == ("truncate_dim",)


def test_where_no_size_keeps_enough_it_is_advised_against(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    (finding,) = find(study(cut(answer, 64, 50.0)))
    assert finding.kind is Kind.ADVICE
    assert finding.priority is Level.HIGH
    assert finding.title.endswith("64 numbers (256 B) keep 50.0 %")


def test_each_service_is_told_by_itself(answer: MakeAnswer, study: MakeStudy) -> None:
    rows = [cut(answer, 64, 95.0, f"backend.dtype={dtype}") for dtype in ("float32", "int8")]
    titles = [one.title for one in find(study(*rows))]
    assert [title.rpartition(" (")[2] for title in titles] == [
        "all-MiniLM-L6-v2 torch float32)",
        "all-MiniLM-L6-v2 torch int8)",
    ]
