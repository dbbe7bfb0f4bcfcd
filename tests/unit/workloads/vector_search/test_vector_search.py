"""Requests to a vector search that make no sense, and those that do though they look odd."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from embprof.config.compose import compose
from embprof.config.folders import shipped
from embprof.config.plugins import plugin_problems, remarks
from embprof.config.references import resolve
from tests.unit.conftest import EMPTY_HEADER

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
        {"truncate_dim": 128},
        {"prompt": "query: ", "document_prompt": "passage: "},
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
        ({"dimensions": 128}, "workload.dimensions=128: is for vectors that are made up"),
        ({"vectors": "synthetic", "prompt": "query"}, "prompt=query: made up vectors are of no"),
        (
            {"vectors": "synthetic", "truncate_dim": 64},
            "truncate_dim=64: made up vectors are of no text; workload.dimensions says",
        ),
        (
            {"vectors": "synthetic", "document_prompt": "x: "},
            "workload.document_prompt=x: : made up vectors",
        ),
        (
            {"corpus_size": 60_390},
            "workload.corpus_size=60390: the corpus has 60,389 distinct texts; take fewer",
        ),
        (
            {"recall_queries": 1026},
            "workload.recall_queries=1026: there are 1,025 queries that are not searched",
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


def own(path: Path, count: int) -> Config:
    """A file of so many texts, as a corpus."""
    path.write_text("".join(f"text {number}\n" for number in range(count)))
    return {"_target_": FILE, "path": str(path)}


@pytest.mark.parametrize(
    ("count", "changes", "said"),
    [
        (99, {"index": "ivfflat"}, "workload.lists=100: there are 99 vectors"),
        (9, {}, "workload.k=10: there are 9 vectors"),
        (20, {"corpus_size": 21}, "workload.corpus_size=21: the corpus has 20 distinct texts"),
        (
            100,
            {"queries": None, "recall_queries": 20},
            "workload.recall_queries=20: there are 13 queries that are not searched themselves",
        ),
    ],
    ids=str,
)
def test_what_a_file_of_texts_is_too_small_for_is_told_before_any_job(
    composed: Config, tmp_path: Path, count: int, changes: Config, said: str
) -> None:
    corpus = own(tmp_path / "texts.txt", count)
    (problem,) = problems(composed, **{"corpus": corpus, "corpus_size": None, **changes})
    assert problem.startswith(said)


LISTED = [
    {"path": "", "type": "sentence_transformers.models.Transformer"},
    {"path": "1_Last", "type": "sentence_transformers.models.Pooling"},
]


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ({"hidden_size": 2001}, "truncate_dim=null: the model gives 2001, and an index"),
        ({"word_embedding_dimension": 1024, "pooling_mode_cls_token": True}, None),
        ({"embedding_dimension": 1024, "pooling_mode": ["cls", "mean"]}, "truncate_dim=null: the "),
        ({"in_features": 4096, "out_features": 256}, None),
    ],
    ids=str,
)
def test_a_model_whose_vectors_no_index_takes_is_told_before_any_job(
    composed: Config, tmp_path: Path, sizes: Config, said: str | None
) -> None:
    (tmp_path / "1_Last").mkdir()
    (tmp_path / "1_Last" / "config.json").write_text(json.dumps(sizes))
    (tmp_path / "modules.json").write_text(json.dumps(LISTED))
    (tmp_path / "config.json").write_text(json.dumps({"hidden_size": 4096, "model_type": "bert"}))
    (tmp_path / "model.safetensors").write_bytes(EMPTY_HEADER)
    (tmp_path / "tokenizer.json").write_text("{}")
    model = {**composed["workload"]["model"], "path": str(tmp_path), "architecture": None}
    found = problems(composed, model=model)
    assert [one for one in found if said is None or said not in one] == []
    assert bool(found) == (said is not None)
    assert problems(composed, model=model, index="exact") == []


def test_what_is_worth_knowing_of_a_search_is_told_though_it_is_not_wrong(
    composed: Config, tmp_path: Path
) -> None:
    corpus = own(tmp_path / "texts.txt", 400)

    def told(**changes: Any) -> list[str]:
        config = copy.deepcopy(composed)
        config["workload"].update({"corpus": corpus, "corpus_size": None, **changes})
        return list(remarks(config))

    assert told() == []
    assert told(queries=None) == [
        "workload.queries=null: one text in 8 is held out as a query, 50 of them; 350 are searched"
    ]
    (probes,) = told(index="ivfflat", lists=10, probes=11)
    assert probes.startswith("workload.probes=11: of workload.lists=10 all are looked at")


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
