"""Another prompt than the model's own is put by every backend, with no file made anew."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embprof.backends.static import Static
from embprof.interface.backend import Encoder, Prompted
from tests.integration.backends import layouts
from tests.integration.backends.workshop import Workshop

LAYOUTS: dict[str, dict[str, Any]] = {
    "none of its own": {},
    "pooled with it": {"prompted": True},
    "pooled without it": {"prompted": True, "include_prompt": False},
    "pooled without it, padded on the left": {"kind": "qwen2", "include_prompt": False},
}
ASKED = ("", "x: ", f"{layouts.PROMPT}and of the night: ")


def prompted(encoder: Encoder, prompt: str) -> Encoder:
    assert isinstance(encoder, Prompted)
    encoder.prompt = prompt
    return encoder


@pytest.mark.parametrize("which", ["onnx float32", "openvino float32"])
@pytest.mark.parametrize("name", LAYOUTS)
def test_one_graph_answers_as_its_model_does_with_any_prompt(
    name: str, which: str, tmp_path: Path, mixed_texts: Sequence[str], workshop: Workshop
) -> None:
    backend, texts = workshop.backend(which), mixed_texts[:14]
    is_decoder = LAYOUTS[name].get("kind") == "qwen2"
    tokenizer = layouts.byte_pairs(mixed_texts) if is_decoder else layouts.word_pieces()
    network = workshop.network(layouts.save(tmp_path, tokenizer, **LAYOUTS[name]))
    reference: Encoder = workshop.backend("torch float32").encoder(network)
    found: Encoder = workshop.build(backend, network).encoder(network)
    assert found.prompts() == reference.prompts()
    seen = []
    for prompt in ASKED:
        encoders = [prompted(one, prompt) for one in (reference, found)]
        wanted, vectors = (one.encode(texts, batch_size=6, normalize=True) for one in encoders)
        assert np.abs(vectors - wanted).max() < 1e-4
        counts = [one.tokens(texts) for one in encoders]
        assert counts[0] == counts[1]
        seen.append((sum(counts[0]), wanted))
    assert seen[0][0] < seen[1][0] < seen[2][0]
    assert np.abs(seen[0][1] - seen[2][1]).max() > 1e-3


def test_torch_puts_it_as_sentence_transformers_does(tmp_path: Path, workshop: Workshop) -> None:
    network = workshop.network(layouts.save(tmp_path, layouts.word_pieces(), prompted=True))
    encoder: Any = workshop.backend("torch float32").encoder(network)
    texts = ["one", "two of them, and a little more"]
    for prompt, options in (
        (layouts.PROMPT, {}),  # its default
        ("", {"prompt": ""}),
        ("y: ", {"prompt": "y: "}),
    ):
        if options:
            encoder.prompt = prompt
        assert encoder.prompt == prompt
        own = encoder.encode(texts, batch_size=2, normalize=True)
        theirs = encoder.model.encode(texts, normalize_embeddings=True, **options)
        assert np.allclose(own, theirs, atol=1e-6)


def test_a_table_has_no_default_and_puts_what_is_asked_for(
    tmp_path: Path, mixed_texts: Sequence[str], workshop: Workshop
) -> None:
    pytest.importorskip("model2vec")
    pytest.importorskip("skeletoken")
    tokenizer = layouts.byte_pairs(mixed_texts)
    network = workshop.network(layouts.save(tmp_path, tokenizer, kind="qwen2", prompted=True))
    made = workshop.build(Static(name="static", dtype="float32", dimensions=8), network)
    encoder: Any = made.encoder(network)
    assert encoder.prompt == ""
    assert encoder.prompts()["query"] == layouts.PROMPT
    (bare,) = encoder.tokens(["one"])
    whole = encoder.encode([f"{layouts.PROMPT}one"], batch_size=1, normalize=True)
    encoder.prompt = layouts.PROMPT
    assert encoder.tokens(["one"])[0] > bare
    assert np.allclose(encoder.encode(["one"], batch_size=1, normalize=True), whole)
