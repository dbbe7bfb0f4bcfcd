"""How a comparison is said: its cells in a table, and the lines below it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from embprof.model import Comparison, Verdict
from embprof.units import signed

STYLES = {Verdict.SLOWER: "red", Verdict.FASTER: "green", Verdict.SAME: ""}
"""Colour of a verdict; the others, which say that nothing is known, are yellow."""
AGAIN = "measure both sides again, in turn: embprof gate"

Column = tuple[str, Callable[[Comparison], str]]


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
    """Heading and cell of each column that a sweep's table has for them; none without any."""
    if not comparisons:
        return []
    return [
        ("change", change),
        ("95 % interval", interval),
        ("detects", detectable),
        ("verdict", lambda comparison: comparison.verdict.value),
    ]


def legend(comparisons: Mapping[int, Comparison]) -> list[str]:
    """Against what jobs were compared, why some have no verdict, and what to do then."""
    about: dict[str, list[str]] = {}
    for number, found in comparisons.items():
        said = f"{found.verdict.value}: {found.reason}"
        if found.reason is None:
            said = f"against {found.a.partition(' ')[0]}; noise: {found.basis}"
        about.setdefault(said, []).append(f"#{number}")
    if not about:
        return []
    lines = ["change: of the time an item takes, or of another cost; + is worse"]
    lines += [f"{', '.join(numbers)} {said}" for said, numbers in about.items()]
    if any(found.verdict == Verdict.UNCLEAR for found in comparisons.values()):
        lines.append(f"unclear: {AGAIN}")
    return lines
