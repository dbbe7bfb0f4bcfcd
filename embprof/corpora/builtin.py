"""The claims and evidence passages that come with embprof."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from embprof.corpora import DATA, CountTokens, Unit, passages
from embprof.corpora.lengths import Lengths


@dataclass(frozen=True, slots=True, kw_only=True)
class Builtin:
    """``claims`` (one sentence each) or ``evidence`` (a sentence to a paragraph each)."""

    name: Literal["claims", "evidence"]
    unit: Unit = "characters"

    def texts(self) -> list[str]:
        """The texts in the order of the file."""
        lines = (DATA / f"{self.name}.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line)["text"] for line in lines if line.strip()]

    def fingerprint(self) -> str:
        """Hex SHA-256 of the texts."""
        return passages.fingerprint(self.texts())

    def stream(self, lengths: Lengths, seed: int, count_tokens: CountTokens) -> Iterator[str]:
        """The texts in random order without end."""
        return passages.stream(self.texts(), self.unit, lengths, seed, count_tokens)
