"""How good a pipeline's answers are: passages that decide a claim found, and verdicts right."""

from collections.abc import Collection, Iterable, Sequence

from embprof.model import Samples
from embprof.workloads.pipeline.verification.claims import Claim
from embprof.workloads.pipeline.verification.verdict import Ruling


def evidence_recall(
    claims: Sequence[Claim], found: Sequence[Collection[str]], searched: Collection[str]
) -> list[Samples]:
    """How many of the passages that decide each claim were found by retrieval, in percent.

    Passages that are not ``searched`` cannot be found, and do not count; claims of which none is
    are left out. Nothing where that leaves no claim.
    """
    known = set(searched)
    there = [claim.decisive & known for claim in claims]
    shares = [
        100 * len(deciding.intersection(texts)) / len(deciding)
        for deciding, texts in zip(there, found, strict=True)
        if deciding
    ]
    return [_percent("evidence_recall", shares)] if shares else []


def verdict_accuracy(claims: Sequence[Claim], rulings: Sequence[Ruling]) -> Samples:
    """100 for each verdict that is right, 0 for the others, undecided ones among them."""
    right = (claim.truth is ruling for claim, ruling in zip(claims, rulings, strict=True))
    return _percent("verdict_accuracy", (100.0 * one for one in right))


def _percent(name: str, values: Iterable[float]) -> Samples:
    return Samples(name=name, unit="%", better="higher", values=tuple(values))
