"""How a comparison is said: its cells in a table, and the lines below it."""

from collections.abc import Callable, Mapping

from embprof.model import Comparison, Verdict
from embprof.report.rows import numbered
from embprof.units import number, signed

STYLES = {Verdict.SLOWER: "red", Verdict.FASTER: "green", Verdict.SAME: ""}
"""Colour of a verdict; the others, which say that nothing is known, are yellow."""
AGAIN = "measure both sides again, in turn: embprof gate"
TYPICAL = "A and B are typical values, and the change is theirs; the mean that a run has is another"
"""What stands beside a change of arms that were measured in turn (docs/explanation/verdicts.md)."""

Column = tuple[str, Callable[[Comparison], str]]


def a_value(comparison: Comparison) -> str:
    """The figure of A that the ratio is of."""
    return "" if comparison.a_value is None else number(comparison.a_value)


def b_value(comparison: Comparison) -> str:
    """The figure of B that the ratio is of."""
    return "" if comparison.b_value is None else number(comparison.b_value)


def change(comparison: Comparison) -> str:
    """The change of the cost: ``+3.0 %`` is slower."""
    return "" if comparison.ratio is None else signed(comparison.ratio - 1)


def interval(comparison: Comparison) -> str:
    """The ends of the change's interval: ``+1.2 … +4.9 %``."""
    if comparison.low is None or comparison.high is None:
        return ""
    return f"{signed(comparison.low - 1).removesuffix(' %')} … {signed(comparison.high - 1)}"


def detectable(comparison: Comparison) -> str:
    """The smallest detectable change."""
    least = comparison.smallest_detectable
    return "" if least is None else signed(least)


def columns(comparisons: Mapping[int, Comparison]) -> list[Column]:
    """Heading and cell of each column that a sweep's table has for them; none without any.

    The change of arms that were measured in turn is not that of the means in the other columns, so
    it brings the values of both arms that it is of.
    """
    if not comparisons:
        return []
    are_paired = any(comparison.is_paired for comparison in comparisons.values())
    return [
        *([("A", a_value), ("B", b_value)] if are_paired else []),
        ("change", change),
        ("95 % interval", interval),
        ("detects", detectable),
        ("verdict", lambda comparison: comparison.verdict.value),
    ]


def legend(comparisons: Mapping[int, Comparison]) -> list[str]:
    """Against what jobs were compared, why some have no verdict, and what to do then."""
    if not comparisons:
        return []
    texts = (
        (
            row,
            f"against {found.a.partition(' ')[0]}; noise: {found.basis}"
            if found.reason is None
            else f"{found.verdict.value}: {found.reason}",
        )
        for row, found in comparisons.items()
    )
    lines = ["change: of the time an item takes, or of another cost; + is worse"]
    if any(found.is_paired for found in comparisons.values()):
        lines.append(TYPICAL)
    lines += numbered(texts)
    if any(found.verdict == Verdict.UNCLEAR for found in comparisons.values()):
        lines.append(f"unclear: {AGAIN}")
    return lines
