"""A cross-encoder's graph gives the logits of the model, pair by pair."""

from collections.abc import Sequence

import numpy as np
import pytest

from embprof.errors import RequestError
from embprof.interface.backend import Judge, Network, Truncate
from tests.integration.backends.texts import texts_of
from tests.integration.backends.workshop import Workshop

Pairs = Sequence[tuple[str, str]]
FARTHEST = {"float32": 1e-4, "int8": 2e-2}


@pytest.fixture(scope="module")
def network(workshop: Workshop) -> Network:
    return workshop.network(task="judge", weights="random")


@pytest.fixture(scope="module")
def pairs() -> Pairs:
    return list(zip(texts_of("evidence")[:24], texts_of("claims")[:24], strict=True))


@pytest.fixture(scope="module")
def reference(workshop: Workshop, network: Network) -> Judge:
    return workshop.backend("torch float32").judge(network)


@pytest.fixture(scope="module", params=["onnx float32", "onnx int8", "openvino int8"])
def judge(
    request: pytest.FixtureRequest,
    workshop: Workshop,
    network: Network,
) -> tuple[Judge, float]:
    name, dtype = str(request.param).split()
    pytest.importorskip({"onnx": "onnxruntime"}.get(name, name))
    return workshop.build(workshop.backend(request.param), network).judge(network), FARTHEST[dtype]


@pytest.mark.parametrize("which", ["longest_first", "first", "second"])
def test_logits_are_those_of_the_reference_however_pairs_are_cut(
    judge: tuple[Judge, float], reference: Judge, pairs: Pairs, which: Truncate
) -> None:
    found, farthest = judge
    logits = []
    limit = max(reference.fewest_tokens(evidence, "second") for evidence, _ in pairs)
    for one in (found, reference):
        one.truncate(which, limit)
        one.counts()
        logits.append(one.predict(pairs, batch_size=5))
        counts = one.counts()
        assert counts["tokens"] == sum(min(limit, each) for each in one.tokens(pairs))
        assert counts["forward_passes"] == 5
        one.truncate("longest_first", 256)
    assert logits[0].shape == (24, 3)
    assert np.abs(logits[0] - logits[1]).max() < farthest


def test_labels_and_room_are_those_of_the_reference(
    judge: tuple[Judge, float], reference: Judge, pairs: Pairs
) -> None:
    found, _ = judge
    assert found.labels() == reference.labels() == ("refutes", "supports", "neutral")
    assert found.tokens(pairs) == reference.tokens(pairs)
    for cut in ("first", "second"):
        assert found.fewest_tokens("a claim", cut) == reference.fewest_tokens("a claim", cut)
    assert found.predict([], batch_size=2).shape == (0, 3)
    assert "normalize" not in found.stages()


def test_a_table_of_vectors_judges_nothing(workshop: Workshop, network: Network) -> None:
    backend = workshop.backend("static float32")
    assert any("judges no pairs" in one for one in backend.problems(network))
    with pytest.raises(RequestError, match="judges no pairs"):
        backend.judge(network)
