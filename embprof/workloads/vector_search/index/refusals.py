"""Parameters of a vector search that are fine alone and make no sense together."""

from collections.abc import Iterator, Mapping
from typing import Any

from embprof.corpora import preview
from embprof.errors import RequestError
from embprof.interface.network import Model
from embprof.models import dimensions
from embprof.workloads.vector_search.index.index import MOST_INDEXED
from embprof.workloads.vector_search.vectors.choice import HELD_OUT, Supply, supply

SYNTHETIC_TEXTS = "embprof.corpora.synthetic.Synthetic"


def refusals(workload: Mapping[str, Any]) -> Iterator[str]:
    """Why this workload's configuration cannot be answered.

    What an index does not use is left alone: in a sweep over index and lists it is there anyway.
    """
    wanted, rows = workload["dimensions"], workload["corpus_size"]
    asked = f"workload.dimensions={wanted}"
    if workload["vectors"] == "embedded":
        yield from _of_embedded(workload)
        given = workload.get("truncate_dim")
        wanted = given or dimensions.of(Model(**workload["model"]))
        asked = f"truncate_dim={given or f'null: the model gives {wanted}, and'}"
        try:
            found = _supply(workload)
        except RequestError as error:
            yield from error.problems
            return
        if found is not None:
            yield from _too_few_queries(workload, found)
            rows = found.texts
    else:
        yield from _of_made_up(workload)
    if wanted is not None and wanted > MOST_INDEXED and workload["index"] != "exact":
        key = asked.partition("=")[0]
        yield (
            f"{asked}{':' * (' ' not in asked)} an index takes {MOST_INDEXED} at most; ask for "
            f"fewer ({key}={MOST_INDEXED}), or workload.index=exact"
        )
    if workload["index"] == "ivfflat":
        yield from _of_ivfflat(workload, rows)
    if workload["index"] == "hnsw":
        yield from _of_hnsw(workload)
    share, k = workload["selectivity"], workload["k"]
    if rows is not None and rows * share < k:
        kept = f" of which workload.selectivity={share:g} leaves {rows * share:g}" * (share < 1)
        yield f"workload.k={k}: there are {rows} vectors{kept}; ask for fewer"


def remarks(workload: Mapping[str, Any]) -> Iterator[str]:
    """What is worth knowing of a request that can be answered."""
    lists, probes = workload["lists"], workload["probes"]
    if workload["index"] == "ivfflat" and probes > lists:
        yield f"workload.probes={probes}: of workload.lists={lists} all are looked at, as if exact"
    if workload["vectors"] == "embedded" and workload["queries"] is None:
        found = _supply(workload)
        if found is not None and found.queries is not None:
            yield (
                f"workload.queries=null: one text in {HELD_OUT} is held out as a query, "
                f"{found.queries:,} of them; {found.texts:,} are searched"
            )


def _supply(workload: Mapping[str, Any]) -> Supply | None:
    corpora = (workload["corpus"], workload["queries"])
    return preview.ask(supply, *corpora, size=workload["corpus_size"], seed=workload["seed"])


def _too_few_queries(workload: Mapping[str, Any], found: Supply) -> Iterator[str]:
    wanted = workload["recall_queries"]
    if found.queries is None or found.queries >= wanted:
        return
    held_out = f", one text in {HELD_OUT} of the corpus" * (workload["queries"] is None)
    yield (
        f"workload.recall_queries={wanted}: there are {found.queries:,} queries that are not "
        f"searched themselves{held_out}; take fewer, or give more in workload.queries"
    )


def _of_made_up(workload: Mapping[str, Any]) -> Iterator[str]:
    """No number of them, and what is for texts alone."""
    if workload["corpus_size"] is None:
        yield "workload.corpus_size=null: made up vectors have no end; give a number"
    for key in ("prompt", "truncate_dim"):
        if (value := workload.get(key)) is not None:
            way = "; workload.dimensions says how many numbers they have" * (key != "prompt")
            yield f"{key}={value}: made up vectors are of no text{way}"
    if (value := workload.get("document_prompt")) is not None:
        yield f"workload.document_prompt={value}: made up vectors are of no text"


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
    if wanted is not None:
        yield (
            f"workload.dimensions={wanted}: is for vectors that are made up; of the model's keep "
            f"the first {wanted} with truncate_dim={wanted}"
        )


def _of_ivfflat(workload: Mapping[str, Any], rows: int | None) -> Iterator[str]:
    lists = workload["lists"]
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
