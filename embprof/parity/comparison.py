"""Two services compared: figures of the same texts, the faults behind them, and a verdict."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from embprof.model import Figure
from embprof.parity import agreement, probes
from embprof.parity.answers import Answers, RefusalError
from embprof.parity.fault import Fault
from embprof.parity.faults import faults
from embprof.parity.names import TOP_KEPT

FEWEST_TEXTS = 20
"""Texts without which neighbours say nothing: a top 10 among 10 others is always kept."""


class Verdict(StrEnum):
    """What two services' answers are to each other."""

    SAME = "same answers"
    ROUNDING = "same but for rounding"
    DIFFERENT = "different answers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parity:
    """What was found: ``figures`` of B against A, and ``faults``, the gravest first.

    ``texts`` were compared, ``left_out`` are those that a side did not answer with numbers.
    ``least_kept``: the share of top tens (1 is all) below which answers differ.
    """

    figures: tuple[Figure, ...]
    faults: tuple[Fault, ...]
    texts: int
    left_out: int
    probes: int
    least_kept: float

    @property
    def verdict(self) -> Verdict:
        """The same, the same but for rounding, or different."""
        if any(fault.is_structural for fault in self.faults) or not self._keeps_neighbours:
            return Verdict.DIFFERENT
        return Verdict.ROUNDING if self.faults else Verdict.SAME

    @property
    def _keeps_neighbours(self) -> bool:
        kept = next((one.estimate for one in self.figures if one.name == TOP_KEPT), None)
        return kept is not None and kept.value >= 100 * self.least_kept


def compare(
    a: Answers, b: Answers, texts: Sequence[str], *, batch_sizes: tuple[int, int], least_kept: float
) -> Parity:
    """Asks both for the texts, as a user would, and for the probes.

    Raises RefusalError where a side refuses plain texts.
    """
    answers = [_vectors(side, texts, size) for side, size in zip((a, b), batch_sizes, strict=True)]
    usable = [place for place in range(len(texts)) if all(place in one for one in answers)]
    found = faults(a, b, texts=[texts[place] for place in usable], batch_size=max(batch_sizes))
    figures: tuple[Figure, ...] = ()
    if len(usable) > 1:
        reference, own = (np.stack([one[place] for place in usable]) for one in answers)
        figures = agreement.figures(agreement.agreement(reference, own))
    return Parity(
        figures=figures,
        faults=tuple(found),
        texts=len(usable),
        left_out=len(texts) - len(usable),
        probes=len(probes.every()),
        least_kept=least_kept,
    )


def _vectors(
    side: Answers, texts: Sequence[str], batch_size: int
) -> dict[int, NDArray[np.floating]]:
    """The vectors of a call by place; of a call that is refused those of each text that is not."""
    try:
        rows = list(enumerate(side.encode(texts, batch_size=batch_size)))
    except RefusalError:
        rows = list(_one_by_one(side, texts))
    return {place: row for place, row in rows if np.isfinite(row).all()}


def _one_by_one(side: Answers, texts: Sequence[str]) -> Iterator[tuple[int, NDArray[np.floating]]]:
    for place, text in enumerate(texts):
        try:
            yield place, side.encode([text], batch_size=1)[0]
        except RefusalError:
            continue
