"""Pairs in the order and of the lengths that a cross-encoder is to be given."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, StrictInt

from embprof.corpora.pairs import Pair, Pairs
from embprof.errors import RequestError

if TYPE_CHECKING:
    from embprof.interface.backend import Judge, Truncate

Format = Literal["claim_first", "evidence_first"]
Loses = Literal["longest_first", "evidence", "claim"]
LONGEST: Loses = "longest_first"


@dataclass(kw_only=True)
class PairInputs:
    """Where pairs come from, and how they are handed over."""

    corpus: Pairs
    format: Annotated[
        Format,
        Field(description="Which text stands first; NLI models are trained on evidence first."),
    ]
    truncate: Annotated[Loses, Field(description="Which text loses the tokens beyond the limit.")]
    evidence_length: Annotated[
        StrictInt | None,
        Field(
            ge=1,
            le=1_000_000,
            description="Characters of each evidence, cut or made longer; null is its own length.",
        ),
    ]

    @property
    def cut(self) -> "Truncate":
        """Which text is cut, by its place in a pair."""
        if self.truncate == LONGEST:
            return "longest_first"
        evidence_is_first = self.format == "evidence_first"
        return "first" if (self.truncate == "evidence") == evidence_is_first else "second"

    def in_order(self, pair: Pair) -> tuple[str, str]:
        """Both texts, the one that stands first first."""
        both = (pair.evidence, pair.claim)
        return both if self.format == "evidence_first" else (pair.claim, pair.evidence)

    def stream(self, encoder: "Judge", seed: int) -> Iterator[Pair]:
        """Pairs in random order without end.

        Raises RequestError for one that cannot be cut like that: the text that is to stay whole may
        be too long by itself, for which a tokenizer has no answer but an error.
        """
        for pair in self.corpus.stream(self.evidence_length, seed):
            if self.truncate != LONGEST:
                self._check_room(encoder, pair)
            yield pair

    def _check_room(self, encoder: "Judge", pair: Pair) -> None:
        whole = "claim" if self.truncate == "evidence" else "evidence"
        kept = pair.claim if whole == "claim" else pair.evidence
        fewest = encoder.fewest_tokens(kept, "first" if self.cut == "first" else "second")
        limit = encoder.limit
        if fewest > limit:
            problem = (
                f"workload.truncate={self.truncate}: with the {whole} of a pair whole it has "
                f"{fewest} tokens at least, and the limit is {limit}; use a larger truncation, or "
                f"workload.truncate={LONGEST}"
            )
            raise RequestError([problem])
