"""Makes one graph of a model: its network, and all that follows up to vectors or logits.

Imports torch: for the process that builds. The graph is a trace: what Python code of the model
decided while it was traced stays decided. So its answers are compared with the model's own, on
inputs of other sizes and other padding, before anything is made of it.

What can go wrong: a module may read what a graph does not have (a picture, a chat template); an
operator may have no counterpart in ONNX; a tokeniser may be written in Python. Each is a BuildError
that names it.
"""

from __future__ import annotations

import contextlib
import logging
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from sentence_transformers.base.model import BaseModel
from sentence_transformers.sentence_transformer.modules import Pooling
from torch import nn

from embprof.backends.exported import card as cards
from embprof.backends.exported.batches import IDS, MASK, NAMES, PROMPT_LENGTH
from embprof.backends.exported.card import TOKENIZER, Card, Strategy
from embprof.errors import BuildError
from embprof.interface.backend import Network
from embprof.models import cross_encoder, encoder
from embprof.models.cross_encoder import CountingCrossEncoder
from embprof.models.encoder import CountingEncoder
from embprof.models.prompts import by_name

GRAPH = "graph.onnx"
OPSET = 17
RESULTS = "results"
TRACED = ("A sentence.", "Another one, of more words than the first has, so that it is padded.")
UNDERSTOOD = frozenset(
    {"max_length", "truncation", "padding", "pad_to_multiple_of", "add_special_tokens", "verbose"}
)
"""Settings of a model's tokeniser that are kept; padding means nothing beside a mask."""
STRATEGIES: Mapping[Any, Strategy | None] = {
    True: "longest_first",
    False: None,
    "longest_first": "longest_first",
    "only_first": "only_first",
    "only_second": "only_second",
    "do_not_truncate": None,
}
OPERATOR = re.compile(r"operator '?([\w:.]+)'?")


def load(network: Network) -> CountingEncoder | CountingCrossEncoder:
    """The model on the CPU in float32, as sentence-transformers reads it."""
    read = encoder.load if network.task == "embed" else cross_encoder.load
    return read(network.model, device="cpu", dtype="float32", seed=network.seed)


def export(model: CountingEncoder | CountingCrossEncoder, folder: Path, *, graph: Path) -> None:
    """Writes the graph into its file, tokeniser and card into a folder.

    Raises BuildError for a model of which no such graph can be made.
    """
    card = _card(model)
    _plain_attention(model)
    chain = _Chain(model, card)
    features = _features(model, _examples(card))
    axes = {
        name: {0: "batch"} if name == PROMPT_LENGTH else {0: "batch", 1: "length"}
        for name in card.inputs
    }
    try:
        with _quietly(), torch.no_grad():
            torch.onnx.export(
                chain,
                tuple(features[name] for name in card.inputs),
                str(graph),
                input_names=list(card.inputs),
                output_names=[RESULTS],
                dynamic_axes={**axes, RESULTS: {0: "batch"}},
                opset_version=OPSET,
                dynamo=False,
            )
    except Exception as error:
        raise BuildError(f"{_kinds(model)}: cannot be exported to ONNX: {_why(error)}") from error
    _tokenizer(model).save(str(folder / TOKENIZER))
    cards.write(card, folder)


def _plain_attention(model: BaseModel) -> None:
    """Attention written out: both runtimes are 5 to 10 % faster with it (MiniLM, one thread)."""
    network: Any = getattr(model[0], "model", None)
    if hasattr(network, "set_attn_implementation"):
        with contextlib.suppress(ValueError):  # code of the model's own may know no other
            network.set_attn_implementation("eager")


class _Chain(nn.Module):
    """The modules of a model one after the other, from tensors to a tensor."""

    def __init__(self, model: CountingEncoder | CountingCrossEncoder, card: Card) -> None:
        super().__init__()
        self._chain = nn.ModuleList(model.children())
        self._names, self._task = card.inputs, card.task
        self._width = card.width
        self._without_prompts = _without_prompts(model)
        self.eval()

    def forward(self, *tensors: torch.Tensor) -> torch.Tensor:
        """Vectors (B, D) or logits (B, L) of inputs (B, T), and (B, 1) of the prompt's length."""
        features: dict[str, Any] = dict(zip(self._names, tensors, strict=True))
        features["modality"] = "text"
        length = features.get(PROMPT_LENGTH)
        if length is not None:
            features[PROMPT_LENGTH] = 1  # that there is one; the original takes no tensor for it
        with self._leaving_out(length):
            for module in self._chain:
                features = module(features)
        results: torch.Tensor
        if self._task == "embed":
            results = features["sentence_embedding"][..., : self._width]
        else:
            results = features["scores"].reshape(-1, self._width)
        return results.float()

    @contextlib.contextmanager
    def _leaving_out(self, prompt_length: torch.Tensor | None) -> Iterator[None]:
        """Within it modules pool without so many tokens (B, 1) of each text's beginning.

        The original decides in Python which side padding is on.
        """
        name = "_exclude_prompt_from_mask"
        for pooling in self._without_prompts:
            vars(pooling)[name] = lambda mask, _: _without_prompt(mask, prompt_length)
        try:
            yield
        finally:
            for pooling in self._without_prompts:
                vars(pooling).pop(name)


def _without_prompts(model: BaseModel) -> list[Pooling]:
    """Modules that pool without the tokens of a prompt."""
    return [one for one in model.children() if isinstance(one, Pooling) and not one.include_prompt]


def _without_prompt(mask: torch.Tensor, prompt_length: torch.Tensor | None) -> torch.Tensor:
    """The mask (B, T) with nothing of padding and prompt, on whichever side padding is."""
    assert prompt_length is not None, "such a graph is told"
    first = mask.to(torch.int32).argmax(dim=1, keepdim=True)
    places = torch.arange(mask.shape[1], device=mask.device).unsqueeze(0)
    return mask * (places >= first + prompt_length).to(mask.dtype)


def _card(model: CountingEncoder | CountingCrossEncoder) -> Card:
    first: Any = model[0]
    tokenizer, settings = _checked_tokenizer(model), first.processing_kwargs.get("text", {})
    width, labels, example = _results(model)
    features = _features(model, [example])
    return Card(
        task="judge" if labels else "embed",
        inputs=_inputs(model, features),
        width=width,
        limit=model.limit,
        prompt=model.prompt,
        prompts=by_name(model.prompts),
        strategy=STRATEGIES[settings.get("truncation", "longest_first")],
        cut_side=tokenizer.truncation_side,
        pad_side=tokenizer.padding_side,
        pad_id=tokenizer.pad_token_id,
        pad_type_id=tokenizer.pad_token_type_id,
        special_tokens=settings.get("add_special_tokens", True),
        splits_special=tokenizer.split_special_tokens,
        parameters=sum(one.numel() for one in model.parameters()),
        labels=labels,
        assumed_pooling=getattr(model, "assumed_pooling", None),
    )


def _checked_tokenizer(model: BaseModel) -> Any:
    """The tokeniser; raises BuildError for what only transformers can do with it."""
    first: Any = model[0]
    if not hasattr(first, "processing_kwargs"):
        raise BuildError(
            f"{type(first).__name__}: the first module is no network of transformers; "
            "use backend=torch"
        )
    tokenizer = first.tokenizer
    if not getattr(tokenizer, "is_fast", False):
        raise BuildError(
            f"{type(tokenizer).__name__}: this tokeniser is written in Python, and has no "
            f"{TOKENIZER}; use backend=torch"
        )
    if "message" in first.modality_config:
        raise BuildError(
            f"{type(first).__name__}: puts texts into a chat template, which only transformers "
            "can; use backend=torch"
        )
    others = {name for name in first.processing_kwargs if first.processing_kwargs[name]} - {"text"}
    unknown = sorted({*first.processing_kwargs.get("text", {})} - UNDERSTOOD | others)
    if unknown:
        raise BuildError(
            f"processing_kwargs of the model's tokeniser: {', '.join(unknown)} cannot be kept in "
            "an export; use backend=torch"
        )
    if tokenizer.pad_token_id is None:
        raise BuildError(f"{type(tokenizer).__name__}: has no token for padding")
    return tokenizer


def _inputs(model: BaseModel, features: Mapping[str, Any]) -> tuple[str, ...]:
    """The tensors of ``preprocess`` that its network takes."""
    taken = getattr(model[0], "model_forward_params", None)
    made = [
        name
        for name in features
        if isinstance(features[name], torch.Tensor) and name != PROMPT_LENGTH
    ]
    found = tuple(name for name in made if taken is None or name in taken)
    if unknown := sorted({*found} - NAMES):
        raise BuildError(f"{_kinds(model)}: takes {', '.join(unknown)}, which an export has not")
    if not {IDS, MASK} <= {*found}:
        raise BuildError(f"{_kinds(model)}: takes no {IDS} and {MASK}")
    return (*found, PROMPT_LENGTH) if _without_prompts(model) else found


def _results(model: CountingEncoder | CountingCrossEncoder) -> tuple[int, tuple[str, ...], Any]:
    """Numbers of a result, what they are called if that is said, and an input."""
    if isinstance(model, CountingCrossEncoder):
        labels = model.labels()
        return len(labels), labels, ("a", "b")
    encode: Any = model.encode  # a saved model may keep the first numbers alone
    vector = encode([""], show_progress_bar=False)
    return vector.shape[1], (), "a"


def _features(model: Any, inputs: Sequence[Any]) -> dict[str, Any]:
    """What ``preprocess`` makes, the model's prompt included, its length as the graph takes it."""
    made = dict(model.preprocess(list(inputs), model.prompt))
    length = made.get(PROMPT_LENGTH, 0)
    return {**made, PROMPT_LENGTH: torch.full((len(inputs), 1), length, dtype=torch.int64)}


def _examples(card: Card) -> list[Any]:
    return list(TRACED) if card.task == "embed" else [(one, TRACED[1]) for one in TRACED]


def _tokenizer(model: BaseModel) -> Any:
    first: Any = model[0]
    return first.tokenizer.backend_tokenizer


def _kinds(model: BaseModel) -> str:
    """The model's modules by name, its network's class first."""
    first, *others = [type(module).__name__ for module in model.children()]
    network = getattr(model[0], "model", None)
    name = first if network is None else type(network).__name__
    return " + ".join([name, *others])


def _why(error: Exception) -> str:
    """The operator that has no counterpart, or the error in a line."""
    if found := OPERATOR.search(str(error)):
        return f"the operator {found[1]} has no counterpart in opset {OPSET}"
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Tracing warns of all that it decides; what comes of it is checked by the answers."""
    logger = logging.getLogger("torch.onnx")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)
