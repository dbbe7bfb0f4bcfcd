"""Recall of the queries of one restart, as figures."""

from collections.abc import Sequence

import pytest

from embprof.interface import conclusions
from embprof.interface.conclusion import Conclusion
from embprof.interface.figures import figures
from embprof.interface.subjects import subject
from embprof.model import Samples, Slice
from embprof.workloads.vector_search.figures import AT_1, AT_10, READ

VECTOR_SEARCH = subject("embprof.workloads.vector_search.VectorSearch")


def conclude(slices: Sequence[Slice]) -> Conclusion:
    return conclusions.conclude(slices, [VECTOR_SEARCH])


def samples(name: str, values: Sequence[float], parts: int) -> Samples:
    return Samples(
        name=name, unit="1", better="higher", values=tuple(values), items=(parts,) * len(values)
    )


def piece(*read: Samples, restart: int = 0) -> Slice:
    return Slice(restart=restart, warmup=False, started=0.0, seconds=1.0, samples=read)


def test_recall_is_the_mean_over_queries_with_an_interval() -> None:
    slices = [piece(samples(AT_1, [1] * 180 + [0] * 20, 1), samples(AT_10, [0.9] * 200, 10))]
    at_1, at_10 = conclude(slices).figures
    assert (at_1.name, at_1.better) == (AT_1, "higher")
    for figure in (at_1, at_10):
        estimate = figure.estimate
        assert estimate is not None
        assert estimate.value == pytest.approx(0.9)
        assert estimate.low is not None
        assert estimate.high is not None
        assert estimate.low < 0.9 < estimate.high
        assert estimate.basis == "200 queries"


def test_the_queries_of_a_further_restart_are_no_further_evidence() -> None:
    one = piece(samples(AT_1, [1.0] * 100, 1))
    more = piece(samples(AT_1, [0.0] * 100, 1), restart=1)
    assert conclude([one, more]) == conclude([one])


def test_what_is_read_of_queries_is_a_figure_here_alone() -> None:
    read = piece(*(samples(name, [1.0] * 30, 1) for name in READ))
    assert figures([read], "queries", VECTOR_SEARCH.account.supporting) == ()
