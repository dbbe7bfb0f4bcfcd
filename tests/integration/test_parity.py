"""The packaged model against itself with one thing done otherwise: what it was is named."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from embprof.corpora.builtin import rows
from embprof.parity.faults import faults
from tests.integration.altered_models import (
    Model,
    bfloat16,
    cls,
    fewer_dimensions,
    load,
    not_normalised,
    prompted,
    short,
)

if TYPE_CHECKING:
    from tests.integration.conftest import Desk

TEXTS = [row["text"] for row in rows("claims")][:40]


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


CASES: dict[str, tuple[Callable[[], Model], str, str]] = {
    "cls in place of mean": (cls, "pooling", "pooling differs: mean in A, cls in B"),
    "not normalised": (not_normalised, "normalisation", "not normalised: lengths of"),
    "a prompt": (
        prompted,
        "prompt",
        "prompt missing in A: B puts 'query: ' before every text",
    ),
    "a limit": (short, "limit", "cut at another length: 256 tokens in A, 64 tokens in B"),
    "bfloat16": (bfloat16, "precision", "precision: small differences without structure"),
    "fewer dimensions": (
        fewer_dimensions,
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
