"""Planted faults and equal pairs of the packaged model: which are named, and how long it takes."""

import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

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

TITLE = "12 of 12 planted faults found, >= 10 named rightly; 0 alarms in 100 equal pairs"
EQUAL_PAIRS = 100
TEXTS = [row["text"] for row in rows("evidence")]
Vectors = NDArray[np.float32]


class Backwards(Model):
    """Answers a batch in the reverse order of its texts."""

    def encode(self, texts: Sequence[str], *, batch_size: int) -> Vectors:
        return super().encode(texts, batch_size=batch_size)[::-1]


class Neighbours(Model):
    """Mixes the mean of a batch into each of its vectors, as padding does that is not masked."""

    def encode(self, texts: Sequence[str], *, batch_size: int) -> Vectors:
        own = super().encode(texts, batch_size=batch_size)
        mixed = own if len(own) == 1 else own + 0.2 * own.mean(axis=0)
        return np.asarray(mixed / np.linalg.norm(mixed, axis=1, keepdims=True))


class OneAnswer(Model):
    """Answers every text as the first that it was ever asked."""

    def encode(self, texts: Sequence[str], *, batch_size: int) -> Vectors:
        self.first = getattr(self, "first", None)
        if self.first is None:
            self.first = super().encode(texts[:1], batch_size=batch_size)
        return np.repeat(self.first, len(texts), axis=0)


def _cased() -> Model:
    from tokenizers.normalizers import BertNormalizer

    model: Any = load()
    model.tokenizer.backend_tokenizer.normalizer = BertNormalizer(lowercase=False)
    return Model(model)


def _other_tokens() -> Model:
    from tokenizers.pre_tokenizers import BertPreTokenizer, Digits, Sequence

    model: Any = load()
    split = Sequence([Digits(individual_digits=True), BertPreTokenizer()])
    model.tokenizer.backend_tokenizer.pre_tokenizer = split
    return Model(model)


def _revision() -> Model:
    model = load()
    drawn = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            noise = torch.randn(parameter.shape, generator=drawn)
            parameter.add_(0.15 * parameter.std(correction=0) * noise)
    return Model(model)


def _int8() -> Model:
    model: Any = load()
    quantise: Any = torch.ao.quantization.quantize_dynamic
    model[0].auto_model = quantise(model[0].auto_model, {torch.nn.Linear})
    return Model(model)


PLANTED: Mapping[str, tuple[Callable[[], Model], frozenset[str]]] = {
    "cls in place of mean": (cls, frozenset({"pooling"})),
    "not normalised": (not_normalised, frozenset({"normalisation"})),
    "a prompt": (prompted, frozenset({"prompt"})),
    "a limit of 64 tokens": (short, frozenset({"limit"})),
    "upper case is kept": (_cased, frozenset({"case"})),
    "numbers digit by digit": (_other_tokens, frozenset({"tokeniser", "numbers"})),
    "other weights": (_revision, frozenset({"other_revision"})),
    "bfloat16": (bfloat16, frozenset({"precision"})),
    "int8": (_int8, frozenset({"precision", "company"})),
    "neighbours leak": (lambda: Neighbours(load()), frozenset({"padding", "company"})),
    "order of a batch": (lambda: Backwards(load()), frozenset({"order"})),
    "256 dimensions": (fewer_dimensions, frozenset({"dimensions"})),
    "one answer for all": (lambda: OneAnswer(load()), frozenset({"one_for_all"})),
}
"""What is planted, and the names that are right for it."""


def run(_folder: Path) -> None:
    """Prints what each planted fault is called, then the alarms among equal pairs."""
    reference, seconds = Model(load()), []
    found, named = 0, 0
    for what, (make, right) in PLANTED.items():
        names, took = _compared(reference, make(), TEXTS, 32)
        seconds.append(took)
        found += bool(names)
        named += bool(names) and set(names) <= right
        print(f"{what:<24} {', '.join(names) or 'nothing'} ({took:.0f} s)", flush=True)
    print(f"{found} of {len(PLANTED)} found, {named} named rightly and nothing else beside")
    drawn, alarms = random.Random(0), 0
    for number in range(EQUAL_PAIRS):
        torch.set_num_threads(drawn.choice((1, 2)))
        texts = drawn.sample(TEXTS, drawn.choice((50, 100, 200)))
        dtype = drawn.choice((torch.float32, torch.float32, torch.bfloat16))
        a, b = (Model(load(model_kwargs={"dtype": dtype})) for _ in range(2))
        names, took = _compared(a, b, texts, drawn.choice((1, 8, 32, 64)))
        seconds.append(took)
        alarms += bool(names)
        if names:
            print(f"pair {number}, {dtype}: {', '.join(names)}", flush=True)
    print(f"{alarms} alarms in {EQUAL_PAIRS} equal pairs")
    print(f"a comparison: median {statistics.median(seconds):.0f} s, longest {max(seconds):.0f} s")


def _compared(a: Model, b: Model, texts: Sequence[str], size: int) -> tuple[list[str], float]:
    began = time.monotonic()
    named = [one.name for one in faults(a, b, texts=texts, batch_size=size)]
    return named, time.monotonic() - began
