"""From what passages say of a claim to a verdict: a vote, weighed by rank, that needs a margin.

A passage votes with p(supports) - p(refutes) of its logits, so a neutral one hardly votes. Votes
are weighed by the passage's rank, nearest first, with the discount of DCG, 1 / log2(1 + rank)
(Järvelin and Kekäläinen 2002, ACM TOIS 20): 1, 0.63, 0.5, 0.43. The claim is supported where the
sum is the margin or more, refuted where it is minus that or less, undecided in between. The three
outcomes are those of FEVER (Thorne et al. 2018, NAACL).
"""

import math
from collections.abc import Sequence
from enum import StrEnum

from embprof.corpora.labels import REFUTES, SUPPORTS, normalise
from embprof.errors import EmbprofError


class Ruling(StrEnum):
    """What was found of a claim."""

    SUPPORTED = "supported"
    REFUTED = "refuted"
    UNDECIDED = "not_enough_information"


def voting_columns(names: Sequence[str]) -> tuple[int, int]:
    """Where the logits of "supports" and of "refutes" stand, whatever the model calls them.

    Raises EmbprofError for labels of which none, or several, mean the one or the other.
    """
    known = [normalise(name) for name in names]
    if known.count(SUPPORTS) != 1 or known.count(REFUTES) != 1:
        raise EmbprofError(
            f"cross_encoder: its labels are {', '.join(names)}; a verdict needs one that means "
            "supports (entailment) and one that means refutes (contradiction)"
        )
    return known.index(SUPPORTS), known.index(REFUTES)


def vote(logits: Sequence[float], columns: tuple[int, int]) -> float:
    """p(supports) - p(refutes) by softmax, between -1 and 1."""
    largest = max(logits)
    odds = [math.exp(one - largest) for one in logits]
    return (odds[columns[0]] - odds[columns[1]]) / sum(odds)


def balance(votes: Sequence[float]) -> float:
    """The votes of passages, nearest first, each weighed by its rank, summed."""
    return sum(one / math.log2(rank + 1) for rank, one in enumerate(votes, start=1))


def rule(votes: Sequence[float], margin: float) -> Ruling:
    """The verdict on a claim from the votes of its passages, nearest first."""
    found = balance(votes)
    if found >= margin:
        return Ruling.SUPPORTED
    return Ruling.REFUTED if found <= -margin else Ruling.UNDECIDED
