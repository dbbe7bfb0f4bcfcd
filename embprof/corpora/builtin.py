"""The claims and evidence passages that come with embprof."""

import json
from dataclasses import dataclass
from typing import Literal

from embprof.corpora import DATA, Unit
from embprof.corpora.passages import Passages


@dataclass(frozen=True, slots=True, kw_only=True)
class Builtin(Passages):
    """``claims`` (one sentence each) or ``evidence`` (a sentence to a paragraph each)."""

    name: Literal["claims", "evidence"]
    unit: Unit = "characters"

    def texts(self) -> list[str]:
        """The texts in the order of the file."""
        return [row["text"] for row in rows(self.name)]


def rows(name: str) -> list[dict[str, str]]:
    """What the file of that name has, a row for each text."""
    lines = (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]
