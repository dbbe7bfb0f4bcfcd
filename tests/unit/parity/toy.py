"""A small encoder in numpy in which every fault can be planted."""

import functools
import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from embprof.parity.answers import RefusalError

Array = NDArray[np.float64]
TOKEN = re.compile(r"[\u3040-\u9fff]|\w+|[^\w\s]|\s{2,}|[\t\n\r\xa0]|^\s|\s$")


def drawn(*parts: object) -> np.random.Generator:
    """The same numbers for the same parts."""
    digest = hashlib.blake2b(repr(parts).encode(), digest_size=8).digest()
    return np.random.default_rng(int.from_bytes(digest))


@functools.cache
def mixing(seed: int, dimensions: int) -> Array:
    return drawn("mixing", seed).normal(size=(dimensions, dimensions))


@functools.cache
def vector_of(token: str, seed: int, dimensions: int, revision: float) -> Array:
    vector = drawn(seed, token).normal(size=dimensions)
    return vector + revision * drawn("revision", token).normal(size=dimensions)


@dataclass(kw_only=True)
class Toy:
    """Tokens to random vectors, a little context, a pooling.

    ``revision``: size of what its weights have changed by; ``noise``: of each number, drawn anew
    in every call; ``bits``: the type of its numbers; ``company``: how much a batch moves a text.
    """

    name: str = "toy"
    seed: int = 0
    dimensions: int = 64
    kept: int | None = None
    pooling: str = "mean"
    limit: int = 64
    prompt: str = ""
    lowers: bool = False
    strips_accents: bool = False
    joins_blanks: bool = False
    splits_numbers: bool = False
    normalises: bool = True
    revision: float = 0.0
    noise: float = 0.0
    bits: int = 32
    leaks: bool = False
    company: float = 0.0
    sorts: bool = False
    remembers: int | None = None
    alternates: bool = False
    refuses: int | None = None
    calls: int = field(default=0, init=False)
    cache: dict[str, Array] = field(default_factory=dict, init=False)

    def encode(self, texts: Sequence[str], *, batch_size: int) -> NDArray[np.float32]:
        return self._encoded(texts, self.pooling, batch_size)

    def tokens(self, texts: Sequence[str]) -> Sequence[int]:
        return [len(self._tokens(text)) + 2 for text in texts]

    def _encoded(self, texts: Sequence[str], pooling: str, size: int) -> NDArray[np.float32]:
        if self.refuses is not None and any(len(t.split()) > self.refuses for t in texts):
            raise RefusalError("too long")
        self.calls += 1
        sent = sorted(texts, key=len) if self.sorts else list(texts)
        rows = [
            row
            for begin in range(0, len(sent), size)
            for row in self._batch(sent[begin : begin + size], pooling)
        ]
        if self.remembers is not None:
            keys = [text[: self.remembers] for text in sent]
            rows = [self.cache.setdefault(key, row) for key, row in zip(keys, rows, strict=True)]
        found = np.stack(rows) + self.noise * np.random.default_rng().normal(size=rows[0].shape)
        return np.asarray(found, dtype=np.float32)

    def _batch(self, texts: Sequence[str], pooling: str) -> list[Array]:
        inputs = [self._tokens(text)[: self.limit - 2] for text in texts]
        longest = max(map(len, inputs)) + 2
        seed = self.seed + (self.calls % 2 if self.alternates else 0)
        found = []
        for tokens in inputs:
            row = self._pooled(tokens, longest, seed, pooling)
            if self.company:
                moved = drawn("company", sorted(inputs), tokens).normal(size=row.shape)
                row = row + self.company * np.linalg.norm(row) * moved / len(row) ** 0.5
            if self.bits == 16:
                moved = drawn("bits", tokens, len(texts)).normal(size=row.shape)
                row = row + 0.008 * np.linalg.norm(row) * moved / len(row) ** 0.5
            row = row[: self.kept]
            row = row / np.linalg.norm(row) if self.normalises else row
            found.append(_to_bfloat16(row) if self.bits == 16 else row)
        return found

    def _pooled(self, tokens: Sequence[str], longest: int, seed: int, pooling: str) -> Array:
        vectors = np.stack([self._vector(one, seed) for one in ["[CLS]", *tokens, "[SEP]"]])
        shifted = np.vstack([vectors[1:], vectors[:1]]) + np.vstack([vectors[-1:], vectors[:-1]])
        vectors = vectors + 0.3 * shifted
        mean = vectors[1:].mean(axis=0)
        vectors[0] = 0.5 * mean + 0.08 * mixing(seed, self.dimensions) @ mean
        if self.leaks:
            padding = np.tile(self._vector("[PAD]", seed), (longest - len(vectors), 1))
            vectors = np.vstack([vectors, padding])
        pooled = {
            "mean": vectors.mean(axis=0),
            "cls": vectors[0],
            "lasttoken": vectors[len(tokens) + 1] + 0.5 * mean,
            "max": vectors.max(axis=0),
        }
        return np.asarray(pooled[pooling])

    def _vector(self, token: str, seed: int) -> Array:
        return vector_of(token, seed, self.dimensions, self.revision)

    def _tokens(self, text: str) -> list[str]:
        text = self.prompt + text
        if self.lowers:
            text = text.lower()
        if self.strips_accents:
            parted = unicodedata.normalize("NFD", text)
            text = "".join(one for one in parted if unicodedata.category(one) != "Mn")
        if self.joins_blanks:
            text = " ".join(text.split())
        tokens = TOKEN.findall(text)
        if self.splits_numbers:
            tokens = [
                part
                for one in tokens
                for part in (one if not one.isascii() or one.isdigit() else [one])
            ]
            tokens = [one if one.isascii() else "[UNK]" for one in tokens]
        return tokens


class Repooling(Toy):
    """A toy that shows its vectors under every pooling, and the prompts of its files."""

    prompts: tuple[str, ...] = ()

    def repooled(
        self, texts: Sequence[str], pooling: str, *, batch_size: int
    ) -> NDArray[np.float32]:
        return self._encoded(texts, pooling, batch_size)

    def known(self) -> Mapping[str, object]:
        return {"prompts": self.prompts}


def _to_bfloat16(row: Array) -> Array:
    bits = row.astype(np.float32).view(np.uint32) + np.uint32(0x8000)
    return (bits & np.uint32(0xFFFF0000)).view(np.float32).astype(np.float64)
