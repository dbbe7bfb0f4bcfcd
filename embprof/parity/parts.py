"""The faults that some texts show: what a side reads as the same, and where it stops reading."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np

from embprof.parity import probes
from embprof.parity.explanation import Explanation, compared
from embprof.parity.fault import Fault
from embprof.parity.probes import Pairs
from embprof.parity.side import Side, distances, effect
from embprof.parity.thresholds import LOSS, TELLING, UNLIKE_REST
from embprof.statistics.neighbours import Vectors


def merged(a: Side, b: Side, group: Pairs) -> Fault | None:
    """Pairs that have equal vectors on one side and not on the other."""
    pairs = [pair for pair in group.pairs if not any(s.refusal(t) for s in (a, b) for t in pair)]
    if not pairs:
        return None
    apart = {side: _apart(side, pairs) for side in (a, b)}
    for side, other in ((a, b), (b, a)):
        found = (apart[side] <= side.same) & (apart[other] >= max(TELLING, other.same))
        if not found.any():
            continue
        count = int(found.sum())
        example = pairs[int(np.flatnonzero(found)[0])]
        words = (
            f"{group.heading}: {side.label} {group.merges}, {other.label} {group.keeps} "
            f"({count} of {len(pairs)} pairs)"
        )
        return Fault(
            name=group.name,
            words=words,
            evidence={"pairs": count, "of": len(pairs), "example": " = ".join(map(repr, example))},
            effect=effect(apart[other][found]),
        )
    return None


def tokeniser(a: Side, b: Side, found: Explanation) -> Fault | None:
    """Scripts, numbers or emoji that differ where plain texts do not."""
    usual = max(LOSS, UNLIKE_REST * float(np.median(found.after)))
    groups: dict[str, Vectors] = {}
    for name, texts in probes.SCRIPTS.items():
        readable = [text for text in texts if not any(side.refusal(text) for side in (a, b))]
        if readable:
            apart = compared(a, b, found, readable)
            if np.median(apart) > usual:
                groups[name] = apart
    if not groups:
        return None
    every = np.concatenate(list(groups.values()))
    words = f"another tokeniser: {', '.join(groups)} differ where plain English does not"
    evidence: dict[str, float | int | str] = {"distance": float(np.median(every))}
    counts = [
        _tokens(side, [t for group in groups for t in probes.SCRIPTS[group]]) for side in (a, b)
    ]
    if None not in counts and counts[0] != counts[1]:
        words += f" ({counts[0]} tokens in {a.label}, {counts[1]} in {b.label})"
    return Fault(name="tokeniser", words=words, evidence=evidence, effect=effect(every))


def limit(a: Side, b: Side, found: Explanation) -> Iterator[Fault]:
    """Another number of words behind which nothing is read, or texts that are refused for length.

    Words are single tokens of most vocabularies. As many tokens are the same limit, whatever room a
    prompt takes of it.
    """
    limits = {side: _limit(side) for side in (a, b)}
    refusing = [side for side, (_, refused) in limits.items() if refused is not None]
    for side in refusing:
        other = b if side is a else a
        if other not in refusing:
            words = f"long texts: {side.label} refuses those of {limits[side][1]} words"
            yield Fault(name="refusal", words=words, effect=1.0)
    if refusing:
        return
    read = {side: found for side, (found, _) in limits.items()}
    smallest = min((one for one in read.values() if one is not None), default=None)
    if smallest is None:
        return
    known = [read[side] for side in (a, b)]
    kept = _told([(side, read[side]) for side in (a, b)])
    prompts = len(f"{found.a.prompt} {found.b.prompt}".split())
    if kept[0] == kept[1] or _are_near(known, _spare(smallest) + TOKENS_A_WORD * prompts):
        return
    longer = probes.words(2 * smallest)
    yield Fault(
        name="limit",
        words=f"cut at another length: {kept[0]} in {a.label}, {kept[1]} in {b.label}",
        evidence={
            f"words_{side.label.lower()}".replace(" ", "_"): probes.LONGEST if of is None else of
            for side, of in read.items()
        },
        effect=_cost(a, b, smallest, longer),
    )


def empty(a: Side, b: Side) -> Fault | None:
    """Empty texts that one side answers and the other refuses, or answers with no numbers."""
    bad = {side: [text for text in probes.EMPTY if not _answers(side, text)] for side in (a, b)}
    if bad[a] == bad[b]:
        return None
    words = ", ".join(f"{len(bad[side])} of {len(probes.EMPTY)} in {side.label}" for side in (a, b))
    return Fault(
        name="empty",
        words=f"empty texts: without a vector {words}",
        is_structural=False,
    )


def unexplained(a: Side, b: Side, found: Explanation, texts: Sequence[str]) -> Fault | None:
    """Texts of a user's that differ where plain ones do not, though nothing else was found."""
    usual = max(LOSS, UNLIKE_REST * float(found.after.max()))
    readable = [text for text in texts if not any(side.refusal(text) for side in (a, b))]
    if not readable:
        return None
    apart = compared(a, b, found, readable)
    far = apart > usual
    if not far.any():
        return None
    worst = readable[int(apart.argmax())]
    words = f"{int(far.sum())} of {len(readable)} texts differ for a cause that was not found"
    return Fault(
        name="unexplained",
        words=words,
        evidence={"largest_distance": float(apart.max()), "example": worst[:_EXCERPT]},
        effect=effect(apart[far]),
    )


_EXCERPT = 120
TOKENS_A_WORD = 3
"""The most that a word of a prompt has, with the signs behind it: those of PROMPTS have 1 to 3."""


def _apart(side: Side, pairs: Sequence[tuple[str, str]]) -> Vectors:
    first, second = zip(*pairs, strict=True)
    return distances(side.vectors(first), side.vectors(second))


def _tokens(side: Side, texts: Sequence[str]) -> int | None:
    counted = side.tokens(texts)
    return None if counted is None else sum(counted)


def _answers(side: Side, text: str) -> bool:
    return side.refusal(text) is None and bool(np.isfinite(side.raw([text])).all())


def _limit(side: Side) -> tuple[int | None, int | None]:
    """Words behind which nothing is read, None without such; words that are refused, None of none.

    Found by doubling, then by halving.
    """

    def is_blind(count: int, *, tail: int) -> bool:
        one, other = side.vectors([probes.tailed(count, tail, which=which) for which in (0, 1)])
        return bool(np.linalg.norm(one - other) <= side.same)

    reach = _SHORTEST
    while reach <= probes.LONGEST:
        if side.refusal(probes.tailed(reach, reach, which=0)) is not None:
            return None, 2 * reach
        if is_blind(reach, tail=reach):
            return _first(reach // 2 + 1, reach, partial(is_blind, tail=reach)), None
        reach *= 2
    return None, None


_SHORTEST = 8


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The least of low to high of which it holds; it does of high, and of all above another."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return high


def _are_near(known: Sequence[int | None], spare: float) -> bool:
    """Whether there are two limits, no further apart than that."""
    return all(known) and abs((known[0] or 0) - (known[1] or 0)) <= spare


def _spare(words: int) -> float:
    """Words that two limits may differ by: one of rounding to words, 2 % of another tokeniser."""
    return max(1.0, 0.02 * words)


def _told(limits: Sequence[tuple[Side, int | None]]) -> list[str]:
    """Each limit in tokens where every side with one counts them, else in words."""
    counted = {
        side: None if words is None else side.tokens([probes.words(words)])
        for side, words in limits
    }
    has_tokens = all(words is None or counted[side] is not None for side, words in limits)
    told = []
    for side, words in limits:
        tokens = counted[side]
        if words is None:
            told.append(f"more than {probes.LONGEST:,} words")
        else:
            told.append(f"{tokens[0]} tokens" if has_tokens and tokens else f"{words} words")
    return told


def _cost(a: Side, b: Side, smallest: int, longer: str) -> float:
    """What is lost of a text twice as long as the smaller limit, on the side that reads more."""
    short = probes.words(smallest)
    return max(effect(distances(side.vectors([short]), side.vectors([longer]))) for side in (a, b))
