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


def refusals(asked: Mapping[str, Any]) -> Iterator[str]:
    """Why this workload's configuration cannot be answered.

    What an index does not use is left alone: in a sweep over index and lists it is there anyway.
    """
    if asked["vectors"] == "embedded":
        yield from _of_embedded(asked)
    else:
        yield from _of_synthetic(asked)
    if asked["index"] == "ivfflat":
        yield from _of_ivfflat(asked)
    if asked["index"] == "hnsw":
        yield from _of_hnsw(asked)
    rows, share, k = asked["corpus_size"], asked["selectivity"], asked["k"]
    if rows is not None and rows * share < k:
        kept = f" of which workload.selectivity={share:g} leaves {rows * share:g}" * (share < 1)
        yield f"workload.k={k}: there are {rows} vectors{kept}; ask for fewer"


def _of_embedded(asked: Mapping[str, Any]) -> Iterator[str]:
    model, wanted = asked["model"], asked["dimensions"]
    if model["weights"] == "random":
        yield (
            "model.weights=random: its embeddings nearly coincide, so that a search among them "
            "shows nothing; use model.weights=pretrained or workload.vectors=synthetic"
        )
    for name in ("corpus", "queries"):
        if (asked[name] or {}).get("_target_") == SYNTHETIC_TEXTS:
            yield (
                f"workload.{name}: random words have no meaning, so that a search among them shows "
                "nothing; use real texts or workload.vectors=synthetic"
            )
    for name, (target, asking, what) in BUILT_IN.items():
        is_built_in = (asked[name] or {}).get("_target_") == target
        if is_built_in and (asked[asking] or 0) > (there := _count(target)):
            yield (
                f"workload.{asking}={asked[asking]}: there are {there:,} built-in {what}; take "
                f"fewer, some of your own (workload.{name}), or workload.vectors=synthetic"
            )
    own = (model["architecture"] or {}).get("hidden_size")
    if wanted is not None and own is not None and wanted > own:
        yield f"workload.dimensions={wanted}: {model['name']} gives {own}; null is all of them"
    most = wanted if wanted is not None else own
    if most is not None and most > MOST_INDEXED and asked["index"] != "exact":
        yield _too_many(most)


@functools.cache
def _count(target: str) -> int:
    module, _, name = target.rpartition(".")
    return len(getattr(importlib.import_module(module), name)().texts())


def _of_synthetic(asked: Mapping[str, Any]) -> Iterator[str]:
    if asked["corpus_size"] is None:
        yield "workload.corpus_size=null: made up vectors have no end; give a number"
    dimensions = asked["dimensions"]
    if dimensions is not None and dimensions > MOST_INDEXED and asked["index"] != "exact":
        yield _too_many(dimensions)


def _of_ivfflat(asked: Mapping[str, Any]) -> Iterator[str]:
    rows, lists = asked["corpus_size"], asked["lists"]
    if rows is not None and lists > rows:
        yield f"workload.lists={lists}: there are {rows} vectors, and an empty list finds nothing"
    if asked["iterative_scan"] == "strict_order":
        yield (
            "workload.iterative_scan=strict_order: an ivfflat index has relaxed_order alone; use "
            "that, null, or workload.index=hnsw"
        )


def _of_hnsw(asked: Mapping[str, Any]) -> Iterator[str]:
    ef_search, k = asked["ef_search"], asked["k"]
    if ef_search < k and asked["iterative_scan"] is None:
        yield (
            f"workload.ef_search={ef_search}: finds no more vectors than that, and "
            f"workload.k={k} are wanted"
        )
    if asked["ef_construction"] < 2 * asked["m"]:
        yield (
            f"workload.ef_construction={asked['ef_construction']}: pgvector wants twice "
            f"workload.m={asked['m']} at least"
        )


def _too_many(dimensions: int) -> str:
    return (
        f"workload.dimensions={dimensions}: an index takes {MOST_INDEXED} at most; ask for fewer, "
        "or workload.index=exact"
    )
