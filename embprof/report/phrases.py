"""How findings say figures."""

from __future__ import annotations

from collections.abc import Sequence

from embprof.interface.finding import Improvement
from embprof.model import Estimate
from embprof.report.change import throughput
from embprof.report.study import Answer, Series
from embprof.units import number, percent

WIDE = 0.2
"""Half-width from which an interval is said by its ends, as in the table of a sweep."""
NAMED = 6
"""Values of a list that are named."""


def bounded(estimate: Estimate | None, unit: str = "") -> str:
    """``1,341 texts/s ± 1.2 %``, or both ends where they are far apart."""
    if estimate is None:
        return "no figure"
    said = f"{number(estimate.value)}{f' {unit}' if unit else ''}"
    width = estimate.half_width
    if width is None or estimate.low is None or estimate.high is None:
        return f"{said} (no interval)"
    if width <= WIDE:
        return f"{said} ± {percent(width)}"
    return f"{said} ({number(estimate.low)} to {number(estimate.high)})"


def rate(answer: Answer) -> str:
    """Its throughput with its interval."""
    found = throughput(answer)
    return "no figure" if found is None else bounded(found.estimate, found.unit)


def gain(improvement: Improvement) -> str:
    """``31 % (24 to 38 %)``."""
    said = percent(improvement.share)
    if improvement.low is None or improvement.high is None:
        return f"{said} (no interval)"
    return f"{said} ({100 * improvement.low:.0f} to {100 * improvement.high:.0f} %)"


def more(improvement: Improvement) -> str:
    """``31 % more (24 to 38 %)``, ``4.7 % less (2 to 7 %)``."""
    share, low, high = improvement.share, improvement.low, improvement.high
    if low is None or high is None:
        return f"{percent(abs(share))} {'more' if share >= 0 else 'less'} (no interval)"
    if share < 0 and high <= 0:
        return f"{percent(-share)} less ({-100 * high:.0f} to {-100 * low:.0f} %)"
    return f"{percent(share)} more ({100 * low:.0f} to {100 * high:.0f} %)"


def times(value: float) -> str:
    """``2.5 times``."""
    return f"{number(value) if value >= 10 else f'{value:.2g}'} times"  # noqa: PLR2004


def listed(values: Sequence[object], last: str = "and") -> str:
    """``8, 16 and 32``; many are cut short."""
    said = [str(value) for value in values]
    if len(said) > NAMED:
        return f"{', '.join(said[:NAMED])} {last} {len(said) - NAMED} more"
    if len(said) == 1:
        return said[0]
    return f"{', '.join(said[:-1])} {last} {said[-1]}" if said else "none"


def of(series: Series) -> str:
    """What tells this series from the others of its study, in brackets; nothing if it is alone."""
    return f" ({series.title})" if series.title else ""


def named(answer: Answer, value: object) -> str:
    """A run in a list of evidence: ``64 (#3)``."""
    return f"{value} ({answer.label})"
