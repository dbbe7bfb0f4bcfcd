"""The columns of a table whose rows were measured in rounds: how each stands beside the best."""

from collections.abc import Callable, Sequence

from embprof.race import Standing
from embprof.report.rows import Row
from embprof.tracking.entries import rank_text
from embprof.units import signed

BEST = "best"
WORDS = {"fastest": BEST, "same": "same", "slower": "slower", "open": "open"}
"""What a row is beside the best."""
Column = tuple[str, Callable[[Row], str]]


def columns(standings: Sequence[Standing]) -> list[Column]:
    """Heading and cell of each; none where no row was measured in rounds."""
    return [("vs best", beside_best), ("rank", rank)] if standings else []


def beside_best(row: Row) -> str:
    """``-22 % (-25 … -19)``: the rate beside the best row's; of a cost ``+28 % (+23 … +33)``."""
    standing = row.standing
    if standing is None or standing.word is None or standing.ratio is None:
        return ""
    if standing.word == "fastest":
        return BEST
    primary = row.run.primary if row.run is not None else None
    is_rate = primary is None or primary.better == "higher"
    share = 1 / standing.ratio - 1 if is_rate else standing.ratio - 1
    ends = (standing.low, standing.high)
    if not all(ends):
        return signed(share)
    bounds = [1 / end - 1 if is_rate else end - 1 for end in ends if end]
    low, high = (signed(bound).removesuffix(" %") for bound in sorted(bounds))
    return f"{signed(share)} ({low} … {high})"


def rank(row: Row) -> str:
    """``1``, or ``1?`` where it is open."""
    return "" if row.standing is None else rank_text(row.standing)


def legend(standings: Sequence[Standing]) -> list[str]:
    """How to read both."""
    if not standings:
        return []
    races = sum(one.word == "fastest" for one in standings)
    several = " of its race" if races > 1 else ""
    lines = [
        f"vs best: rate beside the best row{several} in the same rounds, with its 95 % interval",
        "rank: 1 + rows that are told faster; rows that are the same share one",
    ]
    if any(one.word == "open" for one in standings):
        lines[1] += "; ?: still open"
    return lines
