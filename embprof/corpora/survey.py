"""What became of the rows of a user's file: how many are texts, and how many are not.

Whoever gives 300 rows and reads of 241 texts wants to know where the others are.
"""

from collections.abc import Hashable, Sequence

from embprof.units import counted


def left_out(place: str, rows: Sequence[Hashable], kept: Sequence[Hashable]) -> str | None:
    """What is to be said of rows that are left out, or that repeat others; None where all differ.

    ``place``: the key of the configuration and the file; ``kept`` are the rows that hold a text.
    """
    empty, repeated = len(rows) - len(kept), len(kept) - len(set(kept))
    found = []
    if empty:
        found.append(f"{empty:,} {_verb(empty, 'hold')} no text and {_verb(empty, 'are')} left out")
    if repeated:
        found.append(f"{repeated:,} {_verb(repeated, 'repeat')} another")
    return f"{place}: of {counted(len(rows), 'row')}, {', '.join(found)}" if found else None


def _verb(count: int, plural: str) -> str:
    if count != 1:
        return plural
    return "is" if plural == "are" else f"{plural}s"
