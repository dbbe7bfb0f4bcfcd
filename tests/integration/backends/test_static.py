"""A table of vectors gives what model2vec makes of the same model, without anything of it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from embprof.backends.static import Static
from embprof.interface.backend import Network
from tests.integration.backends import layouts
from tests.integration.backends.worker import HEAVY, imported_by_worker
from tests.integration.backends.workshop import Workshop

model2vec = pytest.importorskip("model2vec")
pytest.importorskip("skeletoken")
DIMENSIONS = 12
LENGTH_SAVED = 64
"""Tokens at which the tokeniser of these tests was saved to cut."""


@pytest.fixture(scope="module")
def texts(mixed_texts: Sequence[str]) -> Sequence[str]:
    return [*mixed_texts[1:], "", "a"]


@pytest.fixture(scope="module")
def network(
    tmp_path_factory: pytest.TempPathFactory,
    workshop: Workshop,
    mixed_texts: Sequence[str],
) -> Network:
    folder = tmp_path_factory.mktemp("static")
    return workshop.network(layouts.save(folder, layouts.byte_pairs(mixed_texts), kind="qwen2"))


@pytest.fixture(scope="module")
def backend(network: Network, workshop: Workshop) -> Static:
    made: Static = workshop.build(
        Static(name="static", dtype="float32", dimensions=DIMENSIONS), network
    )
    return made


def test_vectors_are_those_of_model2vec(
    backend: Static, network: Network, texts: Sequence[str]
) -> None:
    from tokenizers import Tokenizer

    assert backend.folder is not None
    folder = Path(backend.folder)
    theirs = model2vec.StaticModel(
        np.load(folder / "vectors.npy"),
        Tokenizer.from_file(str(folder / "tokenizer.json")),
        normalize=True,
    )
    encoder = backend.encoder(network)
    assert encoder.limit == LENGTH_SAVED
    found = encoder.encode(texts, batch_size=7, normalize=True)
    wanted = theirs.encode(texts, max_length=None)  # which cuts at characters
    assert found.shape == (len(texts), DIMENSIONS)
    assert np.allclose(found, wanted, atol=1e-5)


def test_its_tokens_are_counted_its_stages_timed_and_nothing_is_padded(
    backend: Static, network: Network, texts: Sequence[str]
) -> None:
    encoder = backend.encoder(network)
    encoder.limit = 9
    with encoder.time_stages() as timer:
        encoder.encode(texts, batch_size=7, normalize=True)
        times = timer.take()
    counts = encoder.counts()
    assert counts["tokens"] == sum(min(9, one) for one in encoder.tokens(texts))
    assert counts["tokens"] == counts["padded_tokens"]
    assert times["look_up"].calls == counts["forward_passes"] == -(-len(texts) // 7)
    assert set(times) == set(encoder.stages())
    assert encoder.encode([], batch_size=7, normalize=True).shape == (0, DIMENSIONS)
    assert encoder.description()["dimensions"] == DIMENSIONS


def test_a_worker_imports_neither_torch_nor_what_builds(backend: Static, tmp_path: Path) -> None:
    imported = imported_by_worker(backend, tmp_path)
    assert imported.isdisjoint(HEAVY | {"onnxruntime", "openvino"})
    assert backend.folder is not None
    kinds = {file.suffix for file in Path(backend.folder).iterdir()}
    assert kinds == {".json", ".npy"}
