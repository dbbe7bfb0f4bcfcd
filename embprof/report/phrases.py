"""How findings say figures."""

from collections.abc import Sequence

from embprof.interface.finding import Improvement
from embprof.model import Estimate
from embprof.report.change import Change, items_of, rate_of, rate_value
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
    text = f"{number(estimate.value)}{f' {unit}' if unit else ''}"
    width, bounds = estimate.half_width, estimate.bounds
    if width is None or bounds is None:
        return f"{text} (no interval)"
    if width <= WIDE:
        return f"{text} ± {percent(width)}"
    return f"{text} ({number(bounds[0])} to {number(bounds[1])})"


def between(estimate: Estimate, form: str = "", unit: str = " %") -> str:
    """`` (85.2 to 95.1 %)``, each end in that form; empty where there is no interval."""
    bounds = estimate.bounds
    return "" if bounds is None else f" ({bounds[0]:{form}} to {bounds[1]:{form}}{unit})"


def rate(answer: Answer) -> str:
    """Its throughput with its interval."""
    return bounded(answer.estimate(rate_of(answer)), f"{items_of(answer)}/s")


def per_second(answer: Answer) -> str:
    """The value of its throughput alone: ``1,341``."""
    return number(rate_value(answer))


def speed(answer: Answer) -> str:
    """The same with its unit: ``1,341 texts/s``."""
    return f"{per_second(answer)} {items_of(answer)}/s"


def gain(improvement: Improvement) -> str:
    """``31 % (24 to 38 %)``."""
    text = percent(improvement.share)
    if improvement.low is None or improvement.high is None:
        return f"{text} (no interval)"
    return f"{text} ({100 * improvement.low:.0f} to {100 * improvement.high:.0f} %)"


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


def join(values: Sequence[object], last: str = "and") -> str:
    """``8, 16 and 32``; many are cut short."""
    texts = [str(value) for value in values]
    if len(texts) > NAMED:
        return f"{', '.join(texts[:NAMED])} {last} {len(texts) - NAMED} more"
    if len(texts) == 1:
        return texts[0]
    return f"{', '.join(texts[:-1])} {last} {texts[-1]}" if texts else "none"


def of(series: Series) -> str:
    """What tells this series from the others of its study, in brackets; nothing if it is alone."""
    return f" ({series.title})" if series.title else ""


def run_line(answer: Answer, value: object) -> str:
    """A run and its throughput, as a line of evidence: ``64 (#3): 1,341 texts/s ± 1.2 %``."""
    return f"{label(answer, value)}: {rate(answer)}"


def pair_lines(found: Change, before: object, after: object) -> tuple[str, ...]:
    """Two runs, how much more the second does, and what the interval of that allows for."""
    return (
        run_line(found.before, before),
        run_line(found.after, after),
        f"{after} over {before}: {more(found.improvement)}",
        *found.notes,
    )


def label(answer: Answer, value: object) -> str:
    """A run in a list of evidence: ``64 (#3)``."""
    return f"{value} ({answer.label})"
