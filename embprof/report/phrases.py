"""How findings say figures."""

from collections.abc import Sequence
from dataclasses import replace

from embprof.interface.finding import Improvement
from embprof.model import Estimate
from embprof.report import race_phrases
from embprof.report.change import Change, items_of, rate_of, rate_value
from embprof.report.study import Answer, Series
from embprof.units import number, percent

VAGUE = 4.0
"""Highest over lowest of an interval, from which only its nearer end is said; a choice."""
HOPELESS = 100.0
"""Highest over lowest of an interval whose ends say nothing to anybody; a choice."""
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
    if bounds[1] > HOPELESS * bounds[0]:
        return f"{text} (its interval is too wide to rely on)"
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
    """``31 % (24 to 38 %)``, ``at least 70 %`` of what is known so badly that only that holds."""
    text = percent(improvement.share)
    low, high = improvement.low, improvement.high
    if low is None or high is None:
        return f"{text} (no interval)"
    if low > 0 and 1 + high > VAGUE * (1 + low):
        return f"at least {percent(low)}"
    return f"{text} ({_ends(low, high)})"


def more(improvement: Improvement) -> str:
    """``31 % more (24 to 38 %)``, ``4.7 % less (2 to 7 %)``."""
    share, low, high = improvement.share, improvement.low, improvement.high
    if low is None or high is None:
        return f"{percent(abs(share))} {'more' if share >= 0 else 'less'} (no interval)"
    if share < 0 and high <= 0:
        return f"{percent(-share)} less ({_ends(-high, -low)})"
    return f"{percent(share)} more ({_ends(low, high)})"


def times(ratio: Estimate) -> str:
    """``2.52 times (2.31 to 2.74)``, ``at least 1.70 times`` where no more is known."""
    if ratio.low is None or ratio.high is None:
        return f"{number(ratio.value)} times (no interval)"
    if ratio.low > 1 and ratio.high > VAGUE * ratio.low:
        return f"at least {number(ratio.low)} times"
    return f"{number(ratio.value)} times ({number(ratio.low)} to {number(ratio.high)})"


def inverse(ratio: Estimate) -> Estimate:
    """The same the other way round."""
    return replace(
        ratio,
        value=1 / ratio.value,
        low=None if ratio.high is None else 1 / ratio.high,
        high=None if ratio.low is None else 1 / ratio.low,
    )


def part(ratio: Estimate) -> str:
    """``12 % (10 to 14 %)`` of a ratio below 1; ``at most 58 %`` where no more is known."""
    if ratio.low is None or ratio.high is None:
        return f"{percent(ratio.value)} (no interval)"
    if ratio.high > VAGUE * ratio.low:
        return f"at most {percent(ratio.high)}"
    return f"{percent(ratio.value)} ({_ends(ratio.low, ratio.high)})"


def _ends(low: float, high: float) -> str:
    """``24 to 38 %``, with a digit where whole percents would not tell the two apart."""
    whole = [f"{100 * one:.0f}" for one in (low, high)]
    if whole[0] == whole[1]:
        whole = [f"{100 * one:.1f}" for one in (low, high)]
    return f"{' to '.join(whole).replace('-0 ', '0 ')} %"


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
        f"{after} over {before}: {more(found.improvement)}"
        if found.pair is None
        else race_phrases.beside(found, after, before),
        *found.notes,
    )


def rates(found: Change, between: str = "against") -> str:
    """``1,341 against 1,018 texts/s``; of runs of one race what they did in the same rounds."""
    if found.pair is not None:
        return race_phrases.cost(found)
    values = f" {between} ".join(map(per_second, (found.after, found.before)))
    return f"{values} {items_of(found.after)}/s"


def label(answer: Answer, value: object) -> str:
    """A run in a list of evidence: ``64 (#3)``."""
    return f"{value} ({answer.label})"
