"""The metrics that workloads add, each in a section of its own of the metrics page."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
import pytest

from embprof.corpora.labels import LABELS
from embprof.interface.conclusions import conclude
from embprof.interface.figures import figures, in_words_of
from embprof.interface.subjects import subject
from embprof.measurements.load.capacity_figures import PROBES
from embprof.model import Figure, Samples, Slice
from embprof.parity import odd_texts, retrieval
from embprof.parity.agreement import Agreement
from embprof.parity.agreement import samples as agreement_samples
from embprof.report.stage_shares import STAGE
from embprof.workloads.nli import agreement
from embprof.workloads.pipeline import figures as tail
from embprof.workloads.vector_search import figures as recall

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "metrics.md"
METRIC = re.compile(r"^\| `(\w+)` \|", re.MULTILINE)
SECTION = re.compile(r"^## (.+)\n((?:(?!^## ).*\n)*)", re.MULTILINE)
CALLS = 400


def _samples(name: str, unit: str, values: Sequence[float], items: int = 1) -> Samples:
    counts = (items,) * len(values)
    return Samples(name=name, unit=unit, better="lower", values=tuple(values), items=counts)


def _once(name: str, unit: str) -> Samples:
    return Samples(name=name, unit=unit, better="lower", values=(1.0,), summary="last")


def _of_vectors() -> Iterator[Samples]:
    """All that is compared of vectors with the reference's."""
    shares = np.linspace(0.9, 1.0, CALLS)
    found = Agreement(cosine=shares, nearest=np.ones(CALLS), top10=shares, ranks=shares)
    yield from agreement_samples(found)
    vectors = np.ones((2, 3))
    yield from (odd_texts.samples(kind, vectors, vectors) for kind in odd_texts.NAMES)
    yield from retrieval.samples(*[retrieval.Found(ndcg=shares, recall=shares)] * 2)


def _of_pairs() -> Iterator[Samples]:
    """All that is compared of pairs, with labels and without a lack."""
    labels = [float(number) for number in range(len(LABELS))] * 10
    known = {agreement.LABEL: labels, agreement.LACKS: [0.0] * len(labels)}
    for name in agreement.READ:
        yield _samples(name, "%", known.get(name, [100.0] * len(labels)))
    yield _once(agreement.DIFFERENCE, "1")


def _of_searches() -> Iterator[Samples]:
    for name in recall.READ:
        yield _samples(name, "1", [0.9] * 200, items=10)
    yield from (_once("build_time", "s"), _once("rebuild_time", "s"), _once("index_size", "MB"))


def _of_statements() -> Iterator[Samples]:
    yield _samples("statement_NAME", "ms", [1.0] * CALLS)
    yield from (_once("seq_scans", "1"), _once("repeats", "1"), _once("slowest_statement", "ms"))


def _of_claims() -> Iterator[Samples]:
    for name in (tail.STEP, f"{STAGE}forward"):
        yield _samples(name, "ms", [5.0 + at % 20 for at in range(CALLS)])
    for name in ("cache_hit", "evidence_recall", "verdict_accuracy"):
        yield _samples(name, "%", [50.0] * CALLS)


LOAD = {"call_good": 1.0, "cpu_time": 0.01, "window": 0.1, "service_time": 0.1}


def _of_callers() -> Iterator[Samples]:
    yield replace(_samples("round_time", "s", [0.1] * CALLS), summary="rate")
    for name, value in {"caller_gap": 0.0, **LOAD}.items():
        yield _samples(name, "s", [value] * CALLS)


def _of_arrivals() -> Iterator[Samples]:
    seen = {"response_time": 0.1, "gap": 0.1, "in_system": 0.0, "had_caller": 1.0, **LOAD}
    for name, value in seen.items():
        yield _samples(name, "s", [value] * CALLS)


def _of_a_search() -> Iterator[Samples]:
    found = {"capacity": 75.0, "capacity_missed": 78.0, "capacity_ended": 0.0, "capacity_pool": 0.0}
    for name, value in {**found, "items_per_call": 4.0, **dict.fromkeys(PROBES, 1.0)}.items():
        yield _samples(name, "1", [value])


BESIDE = {
    "pipeline": {"stage_forward_ms", "stage_forward_percent"},
    "closed_loop": {
        *("throughput_texts_per_s", "calls", "cpu_percent"),
        *("latency_p50_ms", "latency_p95_ms", "latency_p99_ms"),
    },
}
"""Those that other sections have."""
BESIDE["open_loop"] = BESIDE["closed_loop"] | {
    *("calls_per_s", "goodput_calls_per_s", "good_percent"),
    *("errors", "timeouts", "error_percent", "caller_gap_percent"),
}


@pytest.mark.parametrize(
    ("section", "target", "read"),
    [
        ("embedding", "workloads.embedding.Embedding", _of_vectors),
        ("nli", "workloads.nli.Nli", _of_pairs),
        ("vector_search", "workloads.vector_search.VectorSearch", _of_searches),
        ("sql", "workloads.sql.Sql", _of_statements),
        ("pipeline", "workloads.pipeline.Pipeline", _of_claims),
        ("closed_loop", "measurements.closed_loop.ClosedLoop", _of_callers),
        ("open_loop", "measurements.open_loop.OpenLoop", _of_arrivals),
        ("capacity", "measurements.capacity.Capacity", _of_a_search),
    ],
)
def test_the_section_of_a_workload_names_all_that_it_adds(
    section: str,
    target: str,
    read: Callable[[], Iterator[Samples]],
    misnamed: Callable[[Iterable[Figure]], list[str]],
) -> None:
    sections = dict(SECTION.findall(PAGE.read_text(encoding="utf-8")))
    piece = Slice(restart=0, warmup=False, started=0.0, seconds=1.0, samples=tuple(read()))
    described = subject(f"embprof.{target}")
    found = (
        *figures([piece], "texts", described.account.supporting),
        *conclude([piece], [described]).figures,
    )
    assert misnamed(found) == []
    declared = {in_words_of("texts", name) for name in described.account.figures or ()}
    untold = [one.name for one in found if not any(fnmatchcase(one.name, n) for n in declared)]
    assert set(untold) <= BESIDE.get(section, set())
    assert set(METRIC.findall(sections[section])) == {one.name for one in found} - BESIDE.get(
        section, set()
    )
