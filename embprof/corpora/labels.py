"""What a piece of evidence says of a claim, under the names that people and models give it."""

from collections.abc import Mapping, Sequence

SUPPORTS, REFUTES, NEUTRAL = "supports", "refutes", "neutral"
LABELS = (SUPPORTS, REFUTES, NEUTRAL)
SYNONYMS: Mapping[str, str] = {
    "entailment": SUPPORTS,
    "entails": SUPPORTS,
    "entailed": SUPPORTS,
    "support": SUPPORTS,
    "supported": SUPPORTS,
    "contradiction": REFUTES,
    "contradicts": REFUTES,
    "contradictory": REFUTES,
    "refute": REFUTES,
    "refuted": REFUTES,
    "not enough info": NEUTRAL,
    "not enough information": NEUTRAL,
    "nei": NEUTRAL,
    "undetermined": NEUTRAL,
}
"""Source: the labels of SNLI and MultiNLI, of FEVER and Climate-FEVER, and of models made of them,
in small letters. Numbers are none: data sets number their labels each in its own order."""


def normalise(name: str) -> str | None:
    """One of ``LABELS``; None for a name that is none of theirs."""
    word = " ".join(name.replace("_", " ").replace("-", " ").lower().split())
    return word if word in LABELS else SYNONYMS.get(word)


def all_three(names: Sequence[str]) -> tuple[str, ...] | None:
    """The names as ``LABELS``, in their own order; None unless each of the three is there once."""
    known = tuple(name for given in names if (name := normalise(given)) is not None)
    return known if sorted(known) == sorted(LABELS) and len(names) == len(LABELS) else None
