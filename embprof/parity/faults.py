"""The faults of two services against each other, each proven by what they answer to probes.

In this order, since one fault hides another: does a side answer with numbers, and the same to the
same text; do its answers depend on the text alone; how do plain texts differ, in which nothing but
what all texts share can show; then what only some texts show. Of a side that does not repeat its
answers nothing more can be said.
"""

from collections.abc import Iterator, Sequence

from embprof.parity import everywhere, habits, parts, probes
from embprof.parity.answers import Answers
from embprof.parity.explanation import Explanation, explain
from embprof.parity.fault import Fault
from embprof.parity.side import Side

CHECKED = 32
"""How many of the user's own texts are asked for alone as well, from all over the call."""
LONGEST_CHECKED = 400
"""Characters of such a text; a limit would show in longer ones."""


def faults(
    a: Answers,
    b: Answers,
    *,
    texts: Sequence[str],
    batch_size: int,
    labels: tuple[str, str] = ("A", "B"),
) -> list[Fault]:
    """What differs, the gravest first; nothing where answers differ by rounding of float32 alone.

    ``texts``: some of the user's own, as they would be sent in one call. ``labels``: what the two
    are called. ``a`` and ``b`` may refuse texts; raises RefusalError where one refuses plain ones.
    """
    distinct = list(dict.fromkeys(texts))
    some = distinct[:: max(1, len(distinct) // CHECKED)][:CHECKED]
    found = list(_found(Side(labels[0], a), Side(labels[1], b), distinct, some, batch_size))
    return sorted(found, key=lambda one: (not one.is_structural, -one.effect))


def _found(
    a: Side, b: Side, texts: Sequence[str], some: Sequence[str], batch_size: int
) -> Iterator[Fault]:
    broken = list(habits.each((a, b), habits.not_finite)) or list(
        habits.each((a, b), habits.unsteady)
    )
    yield from (fault for _, fault in broken)
    if broken:
        return
    repeating = list(
        habits.each((a, b), lambda side: habits.one_for_all(side, b if side is a else a))
    )
    yield from (fault for _, fault in repeating)
    displaced = list(
        habits.each((a, b), lambda side: habits.order(side, texts, some, batch_size=batch_size))
    )
    yield from (fault for _, fault in displaced)
    dependent = [(side, fault) for side in (a, b) for fault in habits.company(side)]
    yield from (fault for _, fault in dependent)
    for side in (a, b):
        side.is_steady = side not in {one for one, _ in (*displaced, *dependent)}
    if (lengths := habits.lengths(a, b)) is not None:
        yield lengths
    explanation = explain(a, b)
    by_company = [side for side, fault in dependent if fault.name == habits.COMPANY]
    yield from everywhere.faults(a, b, explanation, by_company=by_company)
    partial = list(_of_some_texts(a, b, explanation, is_telling=not repeating))
    yield from partial
    if explanation.is_same_space and not (partial or repeating):
        short = [text for text in some if len(text) <= LONGEST_CHECKED]
        if (rest := parts.unexplained(a, b, explanation, short)) is not None:
            yield rest


def _of_some_texts(
    a: Side, b: Side, explanation: Explanation, *, is_telling: bool
) -> Iterator[Fault]:
    """What only some texts show; a side that has one answer for many of them tells nothing."""
    if is_telling:
        for group in probes.GROUPS:
            if (merged := parts.merged(a, b, group)) is not None:
                yield merged
        yield from parts.limit(a, b, explanation)
    if explanation.is_same_space and (other := parts.tokeniser(a, b, explanation)) is not None:
        yield other
    if (empty := parts.empty(a, b)) is not None:
        yield empty
