"""Requests to a vector search that make no sense, and those that do though they look odd."""

import copy
from typing import Any

import pytest
import yaml

from embprof.config.compose import compose
from embprof.config.folders import shipped
from embprof.config.plugins import plugin_problems
from embprof.config.references import resolve

FILE = "embprof.corpora.file.File"
Config = dict[str, Any]


@pytest.fixture(scope="module")
def composed() -> Config:
    composition = compose(["workload=vector_search"])
    assert composition.problems == []
    return resolve(composition.jobs[0].config)


def problems(composed: Config, **changes: Any) -> list[str]:
    config = copy.deepcopy(composed)
    config["workload"].update(changes)
    return list(plugin_problems(config))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"vectors": "synthetic", "corpus_size": 50_000, "dimensions": 2000},
        {"index": "exact", "vectors": "synthetic", "dimensions": 16_000},
        {"index": "ivfflat", "lists": 10, "probes": 25},
        {"index": "ivfflat", "ef_search": 1, "ef_construction": 4},
        {"index": "hnsw", "lists": 32_768},
        {"ef_search": 5, "iterative_scan": "strict_order"},
        {"queries": None, "corpus_size": None},
        {"dimensions": 128},
        {"selectivity": 1},
    ],
    ids=str,
)
def test_what_makes_sense_is_not_refused(composed: Config, changes: Config) -> None:
    assert problems(composed, **changes) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"lists": 0}, "workload.lists=0: must be at least 1"),
        ({"lists": 40_000}, "workload.lists=40000: must be at most 32768"),
        ({"probes": 1.5}, "workload.probes=1.5: must be a whole number"),
        ({"selectivity": 0}, "workload.selectivity=0: must be more than 0"),
        ({"selectivity": 1.1}, "workload.selectivity=1.1: must be at most 1"),
        ({"index": "annoy"}, "workload.index=annoy: must be"),
        ({"vectors": "real"}, "workload.vectors=real: must be"),
        ({"k": 0}, "workload.k=0: must be at least 1"),
        ({"m": 1}, "workload.m=1: must be at least 2"),
        ({"spread": 0}, "workload.spread=0: must be more than 0"),
        ({"ef_search": 9}, "workload.ef_search=9: finds no more vectors than that"),
        ({"m": 50}, "workload.ef_construction=64: pgvector wants twice workload.m=50"),
        ({"index": "ivfflat", "lists": 99, "corpus_size": 50}, "workload.lists=99: there are 50"),
        (
            {"index": "ivfflat", "iterative_scan": "strict_order"},
            "workload.iterative_scan=strict_order: an ivfflat index has relaxed_order alone",
        ),
        ({"corpus_size": 9}, "workload.k=10: there are 9 vectors; ask for fewer"),
        (
            {"corpus_size": 90, "selectivity": 0.1},
            "workload.k=10: there are 90 vectors of which workload.selectivity=0.1 leaves 9",
        ),
        ({"dimensions": 385}, "workload.dimensions=385: sentence-transformers/all-MiniLM-L6-v2"),
        (
            {"corpus_size": 60_390},
            "workload.corpus_size=60390: there are 60,389 built-in texts; take fewer",
        ),
        (
            {"recall_queries": 1026},
            "workload.recall_queries=1026: there are 1,025 built-in queries; take fewer",
        ),
        (
            {"dimensions": 2001, "vectors": "synthetic"},
            "workload.dimensions=2001: an index takes 2000 at most",
        ),
        (
            {"corpus_size": None, "vectors": "synthetic"},
            "workload.corpus_size=null: made up vectors have no end",
        ),
    ],
    ids=str,
)
def test_what_makes_none_is_told_before_any_job(
    composed: Config, changes: Config, said: str
) -> None:
    (problem,) = problems(composed, **changes)
    assert problem.startswith(said)


def test_random_weights_and_random_words_have_no_meaning_to_search(composed: Config) -> None:
    random = {**composed["workload"]["model"], "weights": "random"}
    (weights,) = problems(composed, model=random)
    assert weights.startswith("model.weights=random: its embeddings nearly coincide")
    assert problems(composed, model=random, vectors="synthetic") == []
    words = {"_target_": "embprof.corpora.synthetic.Synthetic", "unit": "characters"}
    (texts,) = problems(composed, corpus=words)
    assert texts.startswith("workload.corpus: random words have no meaning")


def test_a_part_of_its_own_is_checked_as_any_other(composed: Config) -> None:
    (problem,) = problems(composed, corpus={"_target_": FILE, "column": "text"})
    assert problem == "workload.corpus.path: must be given"


def test_the_option_gives_every_parameter_a_value() -> None:
    option = yaml.safe_load((shipped("conf") / "workload" / "vector_search.yaml").read_text())
    assert "???" not in option.values()
