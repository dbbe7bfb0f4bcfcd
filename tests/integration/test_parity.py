"""The packaged model against itself with one thing done otherwise: what it was is named."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from embprof.corpora.builtin import rows
from embprof.models.pooling import pooled_by
from embprof.models.weights import bert_tokenizer_folder
from embprof.parity.faults import faults

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sentence_transformers import SentenceTransformer

    from tests.integration.conftest import Desk

TEXTS = [row["text"] for row in rows("claims")][:40]


class Model:
    """A model of sentence-transformers, asked as its users ask it."""

    name = "model"

    def __init__(self, model: SentenceTransformer, **settings: Any) -> None:
        self.model, self.settings = model, settings

    def encode(self, texts: Sequence[str], *, batch_size: int) -> NDArray[np.float32]:
        return np.asarray(
            self.model.encode(
                list(texts), batch_size=batch_size, show_progress_bar=False, **self.settings
            )
        )

    def tokens(self, texts: Sequence[str]) -> Sequence[int]:
        return [len(self.model.tokenizer(text)["input_ids"]) for text in texts]

    def repooled(
        self, texts: Sequence[str], pooling: str, *, batch_size: int
    ) -> NDArray[np.float32] | None:
        with pooled_by(self.model, pooling) as is_pooled:
            return self.encode(texts, batch_size=batch_size) if is_pooled else None

    def known(self) -> Mapping[str, object]:
        return {}


def load(**settings: Any) -> SentenceTransformer:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(bert_tokenizer_folder()), device="cpu", **settings)


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def reference() -> Model:
    return Model(load())


def cls() -> Model:
    model: Any = load()
    model[1].pooling_mode = "cls"
    return Model(model)


def not_normalised() -> Model:
    from sentence_transformers import SentenceTransformer

    model = load()
    return Model(SentenceTransformer(modules=[model[0], model[1]], device="cpu"))


def short() -> Model:
    model = load()
    model.max_seq_length = 64
    return Model(model)


def bfloat16() -> Model:
    import torch

    return Model(load(model_kwargs={"dtype": torch.bfloat16}))


CASES: dict[str, tuple[Callable[[], Model], str, str]] = {
    "cls in place of mean": (cls, "pooling", "pooling differs: mean in A, cls in B"),
    "not normalised": (not_normalised, "normalisation", "not normalised: lengths of"),
    "a prompt": (
        lambda: Model(load(), prompt="query: "),
        "prompt",
        "prompt missing in A: B puts 'query: ' before every text",
    ),
    "a limit": (short, "limit", "cut at another length: 256 tokens in A, 64 tokens in B"),
    "bfloat16": (bfloat16, "precision", "precision: small differences without structure"),
    "fewer dimensions": (
        lambda: Model(load(), truncate_dim=256, normalize_embeddings=True),
        "dimensions",
        "dimensions cut: B has the first 256 of the 384 in A",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_a_real_model_does_otherwise_is_named(case: str, reference: Model) -> None:
    make, name, words = CASES[case]
    (found,) = faults(reference, make(), texts=TEXTS, batch_size=16)
    assert found.name == name
    assert found.words.startswith(words)
    assert found.is_structural == (name != "precision")


def test_a_real_model_is_equal_to_itself(reference: Model) -> None:
    assert faults(reference, Model(load()), texts=TEXTS, batch_size=40) == []


def test_the_command_names_a_cut_and_keeps_torch_out_of_its_own_process(desk: Desk) -> None:
    done = desk.run(
        *("parity", "truncation=64", "truncation=32", "threads=1", "corpus=claims", "--json")
    )
    assert done.code == 3, done.text
    said = json.loads(done.out)
    assert [one["name"] for one in said["faults"]] == ["limit"]
    assert said["faults"][0]["words"] == "cut at another length: 64 tokens in A, 32 tokens in B"
    assert said["texts"] == 104
