"""How much of the truth a search finds, and what the index took to make."""

from collections.abc import Sequence

from embprof.model import Samples
from embprof.workloads.vector_search.figures import AT_1, AT_10, AT_K
from embprof.workloads.vector_search.index.recipe import Recipe
from embprof.workloads.vector_search.index.registry import BuildRecord
from embprof.workloads.vector_search.index.searcher import Searcher
from embprof.workloads.vector_search.vectors import exact

TEN = 10


def recall(
    recipe: Recipe, searcher: Searcher, *, queries: int, k: int, selectivity: float
) -> list[Samples]:
    """The share of the true nearest that each query finds: of one, of ten, and of all ``k``."""
    sample = recipe.source.sample(queries, print)
    corpus = recipe.source.corpus(print)
    allowed = recipe.categories(len(corpus)) < selectivity if selectivity < 1 else None
    truth = exact.search(corpus, sample, k, allowed)
    found = [[number for number, _, _ in searcher.rows(query)] for query in sample]
    wanted = {AT_1: 1, AT_10: TEN, AT_K: k}
    if k <= TEN:
        del wanted[AT_10 if k < TEN else AT_K]
    if k == 1:
        del wanted[AT_K]
    return [
        Samples(
            name=name,
            unit="1",
            better="higher",
            values=tuple(truth.recall(found, wanted[name])),
            items=(min(wanted[name], truth.known),) * len(found),
        )
        for name in wanted
    ]


def of_index(built: BuildRecord) -> Sequence[Samples]:
    """Nothing where there is none."""
    read = {"build_time": ("s", built.build_s), "index_size": ("MB", built.index_mb)}
    read["rebuild_time"] = ("s", built.rebuild_s)
    return [
        Samples(name=name, unit=unit, better="lower", values=(value,), summary="last")
        for name, (unit, value) in read.items()
        if value is not None
    ]
