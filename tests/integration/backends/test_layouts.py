"""Whatever layout a model was saved in, its graph answers as the model does, or says why not."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from embprof.backends.exported import export
from embprof.errors import BuildError
from embprof.interface.backend import Builds, Encoder, Network
from tests.integration import saved_models
from tests.integration.backends import layouts
from tests.integration.backends.workshop import Workshop

LEFT_OUT = {"include_prompt": False, "prompted": True}
LAYOUTS: Mapping[str, Mapping[str, Any]] = {
    "first token": {"pooling": "cls"},
    "last token, padded on the left": {"kind": "qwen2", "pooling": "lasttoken"},
    "largest numbers": {"pooling": "max"},
    "mean and largest": {"pooling": ("mean", "max")},
    "later tokens count more, without the prompt": {"pooling": "weightedmean", **LEFT_OUT},
    "without the prompt, padded on the left": {"kind": "qwen2", **LEFT_OUT},
    "with the prompt": {"prompted": True},
    "dense": {"after": layouts.dense(16)},
    "dense, its first numbers": {"after": layouts.dense(16), "truncate_dim": 8},
    "positions behind padding": {"kind": "mpnet"},
}


def _saved(name: str, folder: Path, texts: Sequence[str]) -> Path:
    settings = dict(LAYOUTS[name])
    is_decoder = settings.get("kind") == "qwen2"
    tokenizer = layouts.byte_pairs(texts) if is_decoder else layouts.word_pieces()
    return layouts.save(folder, tokenizer, **settings)


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("which", ["onnx float32", "openvino float32"])
def test_a_graph_answers_as_its_model_does(
    name: str,
    which: str,
    tmp_path: Path,
    mixed_texts: Sequence[str],
    workshop: Workshop,
) -> None:
    pytest.importorskip("onnx")
    pytest.importorskip({"onnx": "onnxruntime"}.get(which.split(maxsplit=1)[0], "openvino"))
    network = workshop.network(_saved(name, tmp_path, mixed_texts))
    reference: Encoder = workshop.backend("torch float32").encoder(network)
    found: Encoder = workshop.build(workshop.backend(which), network).encoder(network)
    wanted = reference.encode(mixed_texts, batch_size=6, normalize=False)
    vectors = found.encode(mixed_texts, batch_size=6, normalize=False)
    assert np.abs(vectors - wanted).max() < 1e-4 * np.abs(wanted).max()
    assert found.tokens(mixed_texts) == reference.tokens(mixed_texts)
    assert found.limit == reference.limit
    assert found.description()["dimensions"] == wanted.shape[1]


def test_files_that_are_built_again_answer_the_same(
    tmp_path: Path,
    mixed_texts: Sequence[str],
    workshop: Workshop,
) -> None:
    pytest.importorskip("onnxruntime")
    network = workshop.network(_saved("dense", tmp_path, mixed_texts))
    first, second = (workshop.build(workshop.backend("onnx int8"), network) for _ in range(2))
    assert isinstance(first, Builds)
    assert isinstance(second, Builds)
    assert first.identity() == second.identity()
    assert first.folder != second.folder
    vectors = [
        one.encoder(network).encode(mixed_texts, batch_size=8, normalize=True)
        for one in (first, second)
    ]
    assert vectors[0].tolist() == vectors[1].tolist()


def test_random_weights_of_a_seed_are_those_of_torch(
    workshop: Workshop, mixed_texts: Sequence[str]
) -> None:
    pytest.importorskip("onnxruntime")
    network = workshop.network(weights="random")
    vectors = [
        workshop.build(workshop.backend(which), network)
        .encoder(network)
        .encode(mixed_texts[:4], batch_size=4, normalize=True)
        for which in ("torch float32", "onnx float32")
    ]
    assert np.abs(vectors[0] - vectors[1]).max() < 1e-4


def test_a_model_without_a_network_is_refused_when_planning_and_when_building(
    workshop: Workshop, tmp_path: Path
) -> None:
    saved_models.save_static(tmp_path / "table", 8)
    network = workshop.network(tmp_path / "table")
    for which in ("onnx float32", "openvino int8", "static float32"):
        backend = workshop.backend(which)
        assert any("StaticEmbedding" in one for one in backend.problems(network))
        with pytest.raises(BuildError, match="StaticEmbedding"):
            workshop.build(backend, network)
    assert list(workshop.backend("torch float32").problems(network)) == []


class _Decides(torch.nn.Module):
    """A module whose Python code looks at its input."""

    def forward(self, features: dict[str, Any]) -> dict[str, Any]:
        vectors = features["sentence_embedding"]
        features["sentence_embedding"] = vectors * 2 if len(vectors) == 2 else vectors
        return features


class _Rolls(torch.nn.Module):
    """A module with an operator that ONNX has not."""

    def forward(self, features: dict[str, Any]) -> dict[str, Any]:
        vectors = features["sentence_embedding"]
        features["sentence_embedding"] = torch.special.bessel_j0(vectors)
        return features


@pytest.mark.parametrize(
    ("module", "why"),
    [(_Decides, "answers otherwise"), (_Rolls, "bessel_j0 has no counterpart in opset 17")],
)
def test_what_a_graph_cannot_say_is_named(
    module: type[torch.nn.Module],
    why: str,
    workshop: Workshop,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("onnxruntime")
    load = export.load

    def loaded(network: Network) -> Any:
        model = load(network)
        model.append(module())
        return model

    monkeypatch.setattr(export, "load", loaded)
    with pytest.raises(BuildError, match=why):
        workshop.build(workshop.backend("onnx float32"), workshop.network())


def test_settings_of_a_tokeniser_that_are_not_known_are_named(
    workshop: Workshop, tmp_path: Path
) -> None:
    model = export.load(workshop.network())
    first: Any = model[0]
    first.processing_kwargs = {"text": {"max_length": 20, "stride": 3}}
    with pytest.raises(BuildError, match="stride"):
        export.export(model, tmp_path, graph=tmp_path / "graph.onnx")
