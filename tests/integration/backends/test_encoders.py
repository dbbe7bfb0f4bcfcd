"""Every backend says what the reference says, and counts and times what it does."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embprof.interface.backend import Backend, Builds, Encoder
from embprof.interface.operators import WatchesOperators
from embprof.interface.stages import INSIDE, StageTime
from tests.integration.backends.worker import HEAVY, imported_by_worker
from tests.integration.backends.workshop import Workshop

Ready = Callable[[str], Any]
EXACT = ("onnx float32", "openvino float32")
CLOSE = ("onnx int8", "openvino bfloat16", "openvino int8")
EXPORTED = (*EXACT, *CLOSE)
LEAST = {"float32": 0.9999, "bfloat16": 0.999, "int8": 0.98}
"""Mean cosine to the reference's vectors of the same texts."""
PRODUCTS = re.compile("MatMul|Gemm|FullyConnected")
MODULES = {"onnx": "onnxruntime", "openvino": "openvino", "torch": "torch"}


@pytest.fixture(params=[*EXPORTED, "torch float32"])
def which(request: pytest.FixtureRequest) -> str:
    name = str(request.param)
    if find_spec(MODULES[name.split(maxsplit=1)[0]]) is None:
        pytest.skip(f"{MODULES[name.split(maxsplit=1)[0]]} is not installed")
    return name


@pytest.fixture
def backend(which: str, built: Ready) -> Backend:
    found: Backend = built(which)
    return found


@pytest.fixture
def encoder(backend: Backend, workshop: Workshop) -> Encoder:
    return backend.encoder(workshop.network())


def _cosines(a: Any, b: Any) -> Any:
    return (a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)


@pytest.mark.parametrize("which", EXPORTED, indirect=True)
@pytest.mark.parametrize("batch_size", [1, 8])
def test_vectors_are_those_of_the_reference_in_the_order_of_the_texts(
    encoder: Encoder,
    which: str,
    batch_size: int,
    reference: Encoder,
    request: pytest.FixtureRequest,
) -> None:
    dtype = which.split()[1]
    # Of odd texts int8 knows no range.
    texts = request.getfixturevalue("plain_texts" if dtype == "int8" else "mixed_texts")
    found = encoder.encode(texts, batch_size=batch_size, normalize=False)
    wanted = reference.encode(texts, batch_size=8, normalize=False)
    cosines, least = _cosines(found, wanted), LEAST[dtype]
    assert (found.dtype.name, found.shape) == ("float32", wanted.shape)
    assert cosines.mean() > least
    assert cosines.min() > least - 0.03


def test_each_text_gives_its_own_vector_whatever_stands_beside_it(
    encoder: Encoder, which: str, mixed_texts: Sequence[str]
) -> None:
    texts = mixed_texts[1:-1]  # what has no token has no direction
    together = encoder.encode(texts, batch_size=5, normalize=True)
    alone = np.concatenate([encoder.encode([one], batch_size=5, normalize=True) for one in texts])
    assert _cosines(together, alone).mean() > LEAST[which.split()[1]]


def test_vectors_have_length_1_when_asked_for(encoder: Encoder, mixed_texts: Sequence[str]) -> None:
    vectors = encoder.encode(mixed_texts[1:9], batch_size=4, normalize=True)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(8), abs=1e-4)


def test_no_text_gives_no_vector(encoder: Encoder) -> None:
    assert len(encoder.encode([], batch_size=4, normalize=True)) == 0


@pytest.mark.parametrize("which", EXPORTED, indirect=True)
def test_texts_are_cut_at_the_limit(
    encoder: Encoder, reference: Encoder, plain_texts: Sequence[str], which: str
) -> None:
    own = encoder.limit
    encoder.counts()
    assert own == reference.limit == 256
    encoder.limit = reference.limit = 12
    try:
        found = encoder.encode(plain_texts, batch_size=8, normalize=True)
        wanted = reference.encode(plain_texts, batch_size=8, normalize=True)
        assert encoder.limit == 12
        assert encoder.counts()["tokens"] <= 12 * len(plain_texts)
        assert _cosines(found, wanted).mean() > LEAST[which.split()[1]]
    finally:
        encoder.limit = reference.limit = own


def test_tokens_and_passes_are_counted(encoder: Encoder, mixed_texts: Sequence[str]) -> None:
    encoder.counts()
    encoder.encode(mixed_texts, batch_size=8, normalize=True)
    counts = encoder.counts()
    known = sum(min(one, encoder.limit) for one in encoder.tokens(mixed_texts))
    assert counts["tokens"] == known
    assert counts["tokens"] <= counts["padded_tokens"] < 2 * counts["tokens"]
    assert counts["forward_passes"] == -(-len(mixed_texts) // 8)
    assert set(encoder.counts().values()) == {0.0}


@pytest.mark.parametrize("which", EXPORTED, indirect=True)
def test_less_is_padded_than_where_texts_are_sorted_by_characters(
    encoder: Encoder, reference: Encoder, mixed_texts: Sequence[str]
) -> None:
    padded = []
    for one in (encoder, reference):
        one.counts()
        one.encode(mixed_texts, batch_size=4, normalize=True)
        padded.append(one.counts()["padded_tokens"])
    assert padded[0] < padded[1]


def test_every_stage_is_marked_and_none_twice(encoder: Encoder, mixed_texts: Sequence[str]) -> None:
    encoder.counts()
    with encoder.time_stages() as timer:
        started = time.perf_counter()
        encoder.encode(mixed_texts, batch_size=8, normalize=True)
        elapsed = time.perf_counter() - started
        times: Mapping[str, StageTime] = timer.take()
    whole = {name: one for name, one in times.items() if INSIDE not in name}
    assert set(times) == set(encoder.stages())
    assert 0 < sum(one.seconds for one in whole.values()) <= elapsed
    passes = encoder.counts()["forward_passes"]
    assert {times[name].calls for name in ("forward", "run") if name in times} == {passes}
    encoder.encode(mixed_texts[:2], batch_size=8, normalize=True)
    assert timer.take() == {}


def test_what_it_is_and_runs_on_is_told(encoder: Encoder, which: str) -> None:
    facts = encoder.description()
    assert facts["dimensions"] == 384
    assert isinstance(facts["parameters"], int)
    assert facts["parameters"] > 1_000_000
    assert str(facts["runtime"]).startswith(which.split(maxsplit=1)[0])
    if which in EXPORTED:
        assert facts["max_tokens"] == 256
        assert isinstance(facts["runtime_threads"], int)


@pytest.mark.parametrize("which", EXPORTED, indirect=True)
def test_a_worker_imports_neither_torch_nor_what_builds(backend: Backend, tmp_path: Path) -> None:
    assert isinstance(backend, Builds)
    imported = imported_by_worker(backend, tmp_path)
    assert imported.isdisjoint(HEAVY)
    assert not any(name.startswith("openvino_telemetry") for name in imported)


@pytest.mark.parametrize("which", EXPORTED, indirect=True)
def test_what_is_built_is_no_pickle(backend: Backend) -> None:
    assert isinstance(backend, Builds)
    assert backend.folder is not None
    kinds = {file.suffix for file in Path(backend.folder).iterdir()}
    assert kinds <= {".json", ".onnx", ".xml", ".bin"}


@pytest.mark.parametrize("which", ["openvino float32"], indirect=True)
def test_streams_give_the_same_vectors(
    backend: Any, workshop: Workshop, mixed_texts: Sequence[str]
) -> None:
    vectors = []
    for backend.streams in (1, 2):
        encoder = backend.encoder(workshop.network())
        vectors.append(encoder.encode(mixed_texts, batch_size=4, normalize=True))
        assert encoder.description()["streams"] == backend.streams
    backend.streams = 1
    assert np.abs(vectors[0] - vectors[1]).max() < 1e-4


@pytest.mark.parametrize("which", EXPORTED, indirect=True)
def test_a_watch_tells_of_every_product_of_the_network_and_of_watched_calls_alone(
    encoder: Encoder, plain_texts: Sequence[str]
) -> None:
    texts = plain_texts[:8]
    before = encoder.encode(texts, batch_size=8, normalize=True)
    assert isinstance(encoder, WatchesOperators)
    watch = encoder.watch_operators()
    with watch.watching():
        for _ in range(3):
            watched = encoder.encode(texts, batch_size=8, normalize=True)
    np.testing.assert_allclose(watched, before, atol=1e-5)
    encoder.encode(texts, batch_size=8, normalize=True)
    times = watch.times()
    products = [one for one in times if PRODUCTS.search(one.kind)]
    assert {one.calls for one in products} == {3}
    assert len(products) >= 6 * 6, sorted({one.kind for one in times})
    assert sum(one.seconds for one in products) > 0
