"""Vectors of texts by an encoder that is none: what is embedded when, and what it depends on."""

import hashlib
import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from embprof.corpora import CountTokens, Unit
from embprof.corpora.lengths import Lengths
from embprof.errors import RequestError
from embprof.workloads.vector_search.vectors import embedded
from embprof.workloads.vector_search.vectors.embedded import Embedded
from tests.unit.conftest import EMPTY_HEADER, POOLED

DIMENSIONS = 8
MakeSource = Callable[..., Embedded]


class Listed:
    """A corpus with an end."""

    unit: Unit = "characters"

    def __init__(self, name: str, count: int) -> None:
        self.listed = [f"{name} {number}" for number in range(count)]

    def texts(self) -> list[str]:
        return self.listed

    def fingerprint(self) -> str:
        return "0"

    def stream(self, _lengths: Lengths, _seed: int, _count: CountTokens) -> Iterator[str]:
        return itertools.cycle(self.listed)


class Encoder:
    """Vectors that are hashes of their texts; remembers what it was given."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def encode(self, texts: Sequence[str], *, prompt: str = "", **_: Any) -> NDArray[np.float32]:
        prompted = [prompt + text for text in texts]
        self.seen += prompted
        found = [list(hashlib.sha256(text.encode()).digest()[:DIMENSIONS]) for text in prompted]
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        return np.asarray(found / lengths, dtype=np.float32)

    def counts(self) -> dict[str, float]:
        return {}


@pytest.fixture
def encoder() -> Encoder:
    return Encoder()


@pytest.fixture
def source(
    encoder: Encoder, model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> MakeSource:
    monkeypatch.setenv("EMBPROF_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(embedded, "BLOCK", 4)
    monkeypatch.setattr(embedded, "POOL", 6)
    model = {"name": "saved", "revision": None, "path": str(model_folder), "weights": "pretrained"}

    def make(**changes: Any) -> Embedded:
        fields: dict[str, Any] = {
            "model": {**model, "sha256": None, "architecture": None},
            "dtype": "float32",
            "device": "cpu",
            "corpus_of": Listed("text", 20),
            "queries": Listed("query", 10),
            "corpus_size": 9,
            "dimensions": None,
            "seed": 0,
        }
        made = Embedded(**{**fields, **changes})
        vars(made)["_encoder"] = encoder  # in place of a model
        return made

    return make


def quiet(_: str) -> None:
    """Says nothing."""


def test_nothing_is_embedded_twice_and_a_larger_corpus_begins_with_a_smaller(
    source: MakeSource, encoder: Encoder
) -> None:
    small = source().corpus(quiet)
    assert small.shape == (9, DIMENSIONS)
    assert encoder.seen == [f"text {number}" for number in range(9)]
    again = source().corpus(quiet)
    assert np.array_equal(small, again)
    assert len(encoder.seen) == 9
    larger = source(corpus_size=12).corpus(quiet)
    assert np.array_equal(larger[:9], small)
    assert encoder.seen[9:] == [f"text {number}" for number in range(8, 12)]


def test_a_file_of_the_cache_that_was_cut_off_is_made_anew(
    source: MakeSource, encoder: Encoder, tmp_path: Path
) -> None:
    before = source().corpus(quiet)
    for file in (tmp_path / "cache").rglob("*.npy"):
        file.write_bytes(file.read_bytes()[:-5])
    assert np.array_equal(source().corpus(quiet), before)
    assert len(encoder.seen) == 18


def test_all_that_takes_long_is_done_at_once(source: MakeSource, encoder: Encoder) -> None:
    source().make(quiet)
    assert len(encoder.seen) == 9 + 6
    made = source()
    made.corpus(quiet)
    made.sample(5, quiet)
    next(made.stream(quiet))
    assert len(encoder.seen) == 9 + 6


def test_what_is_embedded_is_told(source: MakeSource) -> None:
    told: list[str] = []
    source().corpus(told.append)
    assert told == [f"{done} of 9 texts are embedded" for done in (0, 4, 8)]


def test_other_weights_and_another_type_have_vectors_of_their_own(
    source: MakeSource, encoder: Encoder, model_folder: Path
) -> None:
    made = source()
    made.corpus(quiet)
    for change in ({"dtype": "bfloat16"}, {"device": "cuda:1"}):
        assert source(**change).identity() != made.identity()
    (model_folder / "model.safetensors").write_bytes(EMPTY_HEADER + b"others")
    others = source()
    assert others.identity() != made.identity()
    others.corpus(quiet)
    assert len(encoder.seen) == 18


def test_a_model_that_pools_otherwise_has_vectors_of_its_own(
    source: MakeSource, encoder: Encoder, model_folder: Path
) -> None:
    pooling = model_folder / "1_Pooling" / "config.json"
    pooling.parent.mkdir()
    (model_folder / "modules.json").write_text(POOLED)
    pooling.write_text('{"pooling_mode": "mean"}')
    made = source()
    made.corpus(quiet)
    pooling.write_text('{"pooling_mode": "cls"}')
    others = source()
    assert others.identity() != made.identity()
    others.corpus(quiet)
    assert len(encoder.seen) == 18


def test_a_hash_that_the_planning_process_knows_is_taken(source: MakeSource) -> None:
    plain, known = source(), source()
    vars(known)["model"] = {**known.model, "sha256": "0" * 64}
    assert known.identity() != plain.identity()


def test_fewer_dimensions_are_the_first_of_all_at_length_one(source: MakeSource) -> None:
    whole, cut = source().corpus(quiet), source(dimensions=3).corpus(quiet)
    assert cut.shape == (9, 3)
    assert np.allclose(np.linalg.norm(cut, axis=1), 1)
    lengths = np.linalg.norm(whole[:, :3], axis=1, keepdims=True)
    assert np.allclose(cut, whole[:, :3] / lengths, atol=1e-6)
    assert source(dimensions=3).identity() != source().identity()
    with pytest.raises(RequestError, match="truncate_dim=9: vectors have 8 numbers"):
        source(dimensions=9).corpus(quiet)


def test_the_sample_is_the_first_queries_and_the_stream_has_no_end(source: MakeSource) -> None:
    made = source()
    sample = made.sample(3, quiet)
    assert np.array_equal(sample, made.sample(6, quiet)[:3])
    streamed = list(itertools.islice(made.stream(quiet), 12))
    pool = {tuple(query) for query in made.sample(6, quiet).tolist()}
    assert {tuple(query.tolist()) for query in streamed[:6]} == pool
    assert {tuple(query.tolist()) for query in streamed[6:]} == pool
    again = list(itertools.islice(source().stream(quiet), 12))
    assert np.array_equal(streamed, again)


def test_more_queries_than_there_are_is_told(source: MakeSource) -> None:
    with pytest.raises(RequestError, match="recall_queries=11: there are 10 queries"):
        source().sample(11, quiet)


def test_queries_and_what_is_searched_have_prompts_of_their_own(
    source: MakeSource, encoder: Encoder, model_folder: Path
) -> None:
    settings = {"prompts": {"query": "q: ", "passage": "p: "}}
    (model_folder / "config_sentence_transformers.json").write_text(json.dumps(settings))
    plain, asked = source(), source(prompt="query")
    asked.make(quiet)
    assert {text[:2] for text in encoder.seen} == {"q:", "p:"}
    assert sum(text.startswith("p: text") for text in encoder.seen) == 9
    assert asked.facts() == {"prompt": "q: ", "document_prompt": "p: "}
    assert plain.facts() == {}
    assert plain.identity() != asked.identity()
    other = source(prompt="find: ", document_prompt="passage")
    assert other.identity() == asked.identity()  # one table for all prompts of queries
    own = source(document_prompt="x: ")
    assert own.facts() == {"document_prompt": "x: "}
    assert own.identity() not in (plain.identity(), asked.identity())
