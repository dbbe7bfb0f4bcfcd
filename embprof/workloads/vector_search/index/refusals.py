"""Parameters of a vector search that are fine alone and make no sense together."""

import functools
import importlib
from collections.abc import Iterator, Mapping
from typing import Any

from embprof.workloads.vector_search.index.index import MOST_INDEXED

SYNTHETIC_TEXTS = "embprof.corpora.synthetic.Synthetic"
BUILT_IN = {
    "corpus": ("embprof.corpora.sentences.Sentences", "corpus_size", "texts"),
    "queries": ("embprof.corpora.questions.Questions", "recall_queries", "queries"),
}
"""What comes with embprof for each, what is asked of it, and what it is called."""


def refusals(workload: Mapping[str, Any]) -> Iterator[str]:
    """Why this workload's configuration cannot be answered.

    What an index does not use is left alone: in a sweep over index and lists it is there anyway.
    """
    dimensions = workload["dimensions"]
    if workload["vectors"] == "embedded":
        yield from _of_embedded(workload)
        dimensions = dimensions or _hidden_size(workload)
    elif workload["corpus_size"] is None:
        yield "workload.corpus_size=null: made up vectors have no end; give a number"
    if dimensions is not None and dimensions > MOST_INDEXED and workload["index"] != "exact":
        yield (
            f"workload.dimensions={dimensions}: an index takes {MOST_INDEXED} at most; ask for "
            "fewer, or workload.index=exact"
        )
    if workload["index"] == "ivfflat":
        yield from _of_ivfflat(workload)
    if workload["index"] == "hnsw":
        yield from _of_hnsw(workload)
    rows, share, k = workload["corpus_size"], workload["selectivity"], workload["k"]
    if rows is not None and rows * share < k:
        kept = f" of which workload.selectivity={share:g} leaves {rows * share:g}" * (share < 1)
        yield f"workload.k={k}: there are {rows} vectors{kept}; ask for fewer"


def _of_embedded(workload: Mapping[str, Any]) -> Iterator[str]:
    model, wanted = workload["model"], workload["dimensions"]
    if model["weights"] == "random":
        yield (
            "model.weights=random: its embeddings nearly coincide, so that a search among them "
            "shows nothing; use model.weights=pretrained or workload.vectors=synthetic"
        )
    for name in ("corpus", "queries"):
        if (workload[name] or {}).get("_target_") == SYNTHETIC_TEXTS:
            yield (
                f"workload.{name}: random words have no meaning, so that a search among them shows "
                "nothing; use real texts or workload.vectors=synthetic"
            )
    for name, (target, asking, what) in BUILT_IN.items():
        is_built_in = (workload[name] or {}).get("_target_") == target
        if is_built_in and (workload[asking] or 0) > (there := _count(target)):
            yield (
                f"workload.{asking}={workload[asking]}: there are {there:,} built-in {what}; take "
                f"fewer, some of your own (workload.{name}), or workload.vectors=synthetic"
            )
    own = _hidden_size(workload)
    if wanted is not None and own is not None and wanted > own:
        yield f"workload.dimensions={wanted}: {model['name']} gives {own}; null is all of them"


def _hidden_size(workload: Mapping[str, Any]) -> int | None:
    size: int | None = (workload["model"]["architecture"] or {}).get("hidden_size")
    return size


@functools.cache
def _count(target: str) -> int:
    module, _, name = target.rpartition(".")
    return len(getattr(importlib.import_module(module), name)().texts())


def _of_ivfflat(workload: Mapping[str, Any]) -> Iterator[str]:
    rows, lists = workload["corpus_size"], workload["lists"]
    if rows is not None and lists > rows:
        yield f"workload.lists={lists}: there are {rows} vectors, and an empty list finds nothing"
    if workload["iterative_scan"] == "strict_order":
        yield (
            "workload.iterative_scan=strict_order: an ivfflat index has relaxed_order alone; use "
            "that, null, or workload.index=hnsw"
        )


def _of_hnsw(workload: Mapping[str, Any]) -> Iterator[str]:
    ef_search, k = workload["ef_search"], workload["k"]
    if ef_search < k and workload["iterative_scan"] is None:
        yield (
            f"workload.ef_search={ef_search}: finds no more vectors than that, and "
            f"workload.k={k} are wanted"
        )
    if workload["ef_construction"] < 2 * workload["m"]:
        yield (
            f"workload.ef_construction={workload['ef_construction']}: pgvector wants twice "
            f"workload.m={workload['m']} at least"
        )
