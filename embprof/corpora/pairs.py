"""Pairs of a claim and a piece of evidence, with what the one says of the other where it is known.

Built in are 420 labelled pairs; a file takes their place. They come in random order without end.
For speed at a given length evidence is cut, and made longer with the evidence that comes next: its
label is that of the whole passage, so such pairs have none.
"""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StrictStr

from embprof.corpora import passages
from embprof.corpora.builtin import rows
from embprof.corpora.fit import fit_characters
from embprof.corpora.labels import LABELS, normalise
from embprof.corpora.rows import Table

PLACE = "workload.corpus"
"""Where a user finds the parameters of this class."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """``label``: one of :data:`embprof.corpora.labels.LABELS`, None where it is not known."""

    claim: str
    evidence: str
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """The built-in pairs, or those of a file: rows without a claim or evidence are left out."""

    path: Annotated[
        StrictStr | None,
        Field(
            min_length=1,
            description="Your own pairs: csv, jsonl or parquet; null is the 420 built-in ones.",
        ),
    ] = None
    claim: Annotated[StrictStr, Field(min_length=1, description="Column of the claim.")] = "claim"
    evidence: Annotated[StrictStr, Field(min_length=1, description="Column of the evidence.")] = (
        "evidence"
    )
    label: Annotated[
        StrictStr | None,
        Field(
            min_length=1,
            description="Column of the label (supports, refutes, neutral, or as NLI data has it: "
            "entailment, contradiction, neutral); pairs without one have no accuracy.",
        ),
    ] = "label"

    def pairs(self) -> list[Pair]:
        """The pairs in the order of the file.

        Raises ValueError, naming the file, when it is missing, cannot be read as what its name
        says, lacks a column, has another label, or holds no pair.
        """
        return _builtin() if self.path is None else self._of_file(self.path)

    def fingerprint(self) -> str:
        """Hex SHA-256 of the pairs and their labels; raises as :meth:`pairs` does."""
        every = self.pairs()
        return passages.fingerprint(
            [text for one in every for text in (one.claim, one.evidence, one.label or "")]
        )

    def stream(self, evidence_length: int | None, seed: int) -> Iterator[Pair]:
        """The pairs in random order without end, the same for the same seed.

        Their evidence has exactly ``evidence_length`` characters, or its own length for None.
        """
        every = self.pairs()
        rng = random.Random(seed)
        fillers = passages.endless([one.evidence for one in every], random.Random(seed + 1))
        for pair in passages.endless(every, rng):
            if evidence_length is None:
                yield pair
            else:
                pieces = itertools.chain([pair.evidence], fillers)
                yield Pair(claim=pair.claim, evidence=fit_characters(pieces, evidence_length))

    def _of_file(self, path: str) -> list[Pair]:
        columns = {"claim": self.claim, "evidence": self.evidence}
        if self.label is not None:
            columns["label"] = self.label
        table = Table(path=path, place=PLACE, columns=columns, optional=frozenset({"label"}))
        found = [
            Pair(
                claim=row["claim"].strip(),
                evidence=row["evidence"].strip(),
                label=self._known(row.get("label", "").strip()),
            )
            for row in table.rows()
            if row["claim"].strip() and row["evidence"].strip()
        ]
        if not found:
            raise ValueError(f"{PLACE}.path={path}: holds no pair")
        return found

    def _known(self, label: str) -> str | None:
        known = normalise(label)
        if label and known is None:
            raise ValueError(
                f"{PLACE}.label={self.label}: {self.path} has the label {label!r}; labels are "
                f"{', '.join(LABELS)} (or entailment, contradiction, neutral), or none with "
                f"{PLACE}.label=null"
            )
        return known


def _builtin() -> list[Pair]:
    claims = {row["id"]: row["text"] for row in rows("claims")}
    return [
        Pair(claim=claims[row["claim_id"]], evidence=row["text"], label=row["label"])
        for row in rows("evidence")
    ]
