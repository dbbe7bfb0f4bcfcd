"""Where the time of a call goes, stage by stage. Imports torch: for workers only.

``encode`` of a SentenceTransformer and ``predict`` of a CrossEncoder call ``self.preprocess`` and
then ``self`` for each batch, and modules are called as modules, so the stages can be seen from
outside with nothing changed in them:

    prepare       arguments checked, the network put into eval mode, texts sorted by length
    tokenize      texts to token ids; fast tokenizers pad the lists of ids in the same call
    pad_collate   token ids to tensors (B, T)
    to_device     tensors to the device
    forward       the network: embeddings, each layer's attention and feed-forward, classifier
    pooling       token vectors to one vector per text
    normalize     its length made 1: the model's own module, and encode's option
    to_host       results back to the host, rows in the order of the texts, one array

A cross-encoder neither pools nor normalizes. What is left of the call, before and after, is next
to nothing.

What can go wrong: the network's ``forward`` is called directly, so hooks on the whole of it never
fire, those on its layers do; a model without a module list of layers shows no parts; a compiled
network is one piece to any hook. Everything is undone when timing ends: calls that are not timed
pay nothing.
"""

import contextlib
import functools
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from unittest import mock

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.model import BaseModel
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling
from torch import nn

from embprof.interface.stages import INSIDE, StageTimer
from embprof.models.devices import clock_of

ATTENTION = ("attention", "attn", "self_attn")
FEED_FORWARD = (("intermediate", "output"), ("mlp", "mlp"), ("ffn", "ffn"))
"""Names of the modules of a layer, first and last, in the encoders of transformers."""
HEAD = ("pooler", "classifier")
"""What makes logits of the first token, in classifiers of transformers."""

Part = tuple[nn.Module, nn.Module, str]
"""From the call of the first to the return of the second; the name of what that is."""


def names(encoder: BaseModel) -> Sequence[str]:
    """All stages in the order of a call, parts behind what they are part of."""
    modules = [stage for _, stage in _modules(encoder)]
    within = [f"forward{INSIDE}{path}" for _, path in _network_parts(encoder)]
    tokenizing = ["prepare", "tokenize"] + ["pad_collate"] * _tells_collating(encoder)
    after = ["normalize"] * (_embeds(encoder) and "normalize" not in modules)
    return [*tokenizing, "to_device", modules[0], *within, *modules[1:], *after, "to_host"]


@contextlib.contextmanager
def stage_timer(encoder: BaseModel, *, parts: bool = True) -> Iterator[StageTimer]:
    """Within it, every ``encode`` or ``predict`` leaves the times of its stages with the timer.

    ``parts`` False leaves the network in one piece, as a compiled one is.
    """
    timer = StageTimer(clock_of(encoder.device))
    with contextlib.ExitStack() as undo:
        call = "encode" if _embeds(encoder) else "predict"
        _replace(undo, encoder, call, functools.partial(_between, timer, "prepare", None))
        tokenize = functools.partial(_between, timer, "tokenize", "to_device")
        _replace(undo, encoder, "preprocess", tokenize)
        if _tells_collating(encoder):
            collate = functools.partial(_collate, timer)
            _replace(undo, encoder.tokenizer, "_convert_encoding", collate)
        if _embeds(encoder):
            normalize = _normalize(timer, torch.nn.functional.normalize)
            undo.enter_context(mock.patch.object(torch.nn.functional, "normalize", normalize))
        after_forward = encoder.register_forward_hook(lambda *_: timer.switch("to_host"))
        undo.callback(after_forward.remove)
        for module, stage in _modules(encoder):
            hook = module.register_forward_pre_hook(lambda *_, stage=stage: timer.switch(stage))
            undo.callback(hook.remove)
        for (first, last, name), _ in _network_parts(encoder) if parts else ():
            hook = first.register_forward_pre_hook(lambda *_, name=name: timer.begin(name))
            undo.callback(hook.remove)
            undo.callback(last.register_forward_hook(lambda *_: timer.end()).remove)
        yield timer


def _embeds(encoder: BaseModel) -> bool:
    """Whether texts become vectors; else pairs become logits."""
    return isinstance(encoder, SentenceTransformer)


def _modules(encoder: BaseModel) -> list[tuple[nn.Module, str]]:
    """The encoder's own modules and the stage that each is; the first is the network."""
    known: list[tuple[type[nn.Module], str]] = [(Pooling, "pooling"), (Normalize, "normalize")]
    found = []
    for number, module in enumerate(encoder.children()):
        own = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(module).__name__).lower()
        stage = next((name for kind, name in known if isinstance(module, kind)), own)
        found.append((module, "forward" if number == 0 else stage))
    return found


def _network_parts(encoder: BaseModel) -> list[tuple[Part, str]]:
    """The parts of the network that can be told apart, each with its path."""
    network = getattr(next(encoder.children()), "model", None)
    if not isinstance(network, nn.Module):
        return []
    found: list[tuple[Part, str]] = []
    base = getattr(network, "base_model", network)  # a classifier is built around one
    embeddings = getattr(base, "embeddings", None)
    if isinstance(embeddings, nn.Module):
        found.append(((embeddings, embeddings, "embeddings"), "embeddings"))
    layers: Sequence[nn.Module] = ()
    for module in network.modules():
        if isinstance(module, nn.ModuleList) and len(module) > len(layers):
            layers = [*module]
    for number, layer in enumerate(layers):
        name = f"layer_{number}"
        found.append(((layer, layer, name), name))
        found += [(part, f"{name}{INSIDE}{part[2]}") for part in _parts_of_layer(layer)]
    if base is not network:
        found += [((part, part, name), name) for name, part in _head(network, base)]
    return found


def _head(network: nn.Module, base: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """What comes after the layers; a model may have it within its base or beside it."""
    for name in HEAD:
        part = getattr(network, name, None) or getattr(base, name, None)
        if isinstance(part, nn.Module):
            yield name, part


def _parts_of_layer(layer: nn.Module) -> Iterator[Part]:
    inside = dict(layer.named_children())
    for name in ATTENTION:
        if name in inside:
            yield inside[name], inside[name], "attention"
    for first, last in FEED_FORWARD:
        if first in inside and last in inside:
            yield inside[first], inside[last], "feed_forward"


def _tells_collating(encoder: BaseModel) -> bool:
    """Whether the tokenizer has a step between token ids and tensors that can be seen."""
    return hasattr(encoder.tokenizer, "_convert_encoding")


def _replace(undo: contextlib.ExitStack, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
    """Puts another function in front of a method of this one object."""
    vars(owner)[name] = make(getattr(owner, name))
    undo.callback(vars(owner).pop, name)


def _between(timer: StageTimer, stage: str, after: str | None, original: Any) -> Any:
    """The stage begins with a call, and the one after it with its return."""

    def call(*arguments: Any, **options: Any) -> Any:
        timer.switch(stage)
        results = original(*arguments, **options)
        timer.switch(after)
        return results

    return call


def _collate(timer: StageTimer, original: Any) -> Any:
    def convert(*arguments: Any, **options: Any) -> Any:
        if timer.current == "tokenize":  # the first text of a batch: ids are there
            timer.switch("pad_collate")
        return original(*arguments, **options)

    return convert


def _normalize(timer: StageTimer, original: Any) -> Any:
    def normalize(*arguments: Any, **options: Any) -> Any:
        if timer.current != "to_host":  # part of a module, which is timed as such
            return original(*arguments, **options)
        timer.switch("normalize")
        vectors = original(*arguments, **options)
        timer.switch("to_host", again=True)
        return vectors

    return normalize
