"""Formats figures for people: three significant digits, the unit in the heading."""

import contextlib
import math
import re
from datetime import UTC, datetime

MEGA = 1_000_000
MINUTE = 60
TIMES = ("s", "ms", "h")
BYTES = ("B", "MB", "B/call", "MB/min")
"""Units of memory: figures of it say nothing of time."""
HOUR_IN_MINUTES = 60
TWO_DIGITS = 10
"""Values below this are shown with a digit after the point."""
THREE_DIGITS = 1000
SHARE = re.compile(r"(?P<number>\d+(?:\.\d*)?|\.\d+)\s*(?P<percent>%?)")
TIME = re.compile(r"(?:([\d.]+)\s*h)?\s*(?:([\d.]+)\s*min)?\s*(?:([\d.]+)\s*s)?")
SUFFIXES = {"%": "_percent", "1": "", "B/call": "_bytes_per_call", "MB/min": "_mb_per_min"}
"""Units whose part in a metric's name is not simply their own small letters."""
RATE = re.compile(r"(?:\w+_)?([^_]+)_per_s")
WRITTEN = {suffix: unit for unit, suffix in SUFFIXES.items() if suffix} | {
    f"_{unit.lower()}": unit for unit in ("MB", "h", "ms", "s")
}
"""How names of metrics end that were stored before figures carried a unit, and what it was."""


def metric_name(name: str, unit: str) -> str:
    """The name a quantity is stored under: snake_case with the unit last (``peak_rss_mb``)."""
    return name + SUFFIXES.get(unit, f"_{unit.lower()}")


def unit_of(metric: str) -> str:
    """The unit in the name of a metric: ``MB`` of ``peak_rss_mb``; empty where it says none.

    A figure carries its unit. This is for those that were stored before it did, and for figures
    of others, which come with a name alone.
    """
    if rate := RATE.fullmatch(metric):
        return f"{rate[1]}/s"
    return next((unit for suffix, unit in WRITTEN.items() if metric.endswith(suffix)), "")


def with_unit(metric: str, unit: str) -> str:
    """The name with its unit as people write it: ``agreement %`` of ``agreement_percent``."""
    suffix = metric_name("", unit) if unit else ""
    is_last = bool(suffix) and metric.endswith(suffix)
    return f"{metric.removesuffix(suffix)} {unit}" if is_last else metric


def number(value: float) -> str:
    """Three significant digits, thousands kept whole: 0.0123, 6.66, 49.1, 1,185."""
    rounded = float(f"{value:.3g}") if abs(value) < THREE_DIGITS else value
    if rounded == 0 or not math.isfinite(rounded):
        return f"{rounded:g}"
    digits = 2 - math.floor(math.log10(abs(rounded)))
    return f"{rounded:,.{max(digits, 0)}f}"


def of_time(unit: str) -> bool:
    """Whether it is one of time, or of how much is done in a time."""
    return unit in TIMES or unit.endswith("/s")


def percent(share: float) -> str:
    """A share as percent with two significant digits below 10 %: 0.012 is ``1.2 %``."""
    value = 100 * share
    return f"{value:.1f} %" if abs(value) < TWO_DIGITS else f"{value:.0f} %"


def signed(share: float) -> str:
    """``+3.0 %``, ``-12 %``, ``0.0 %``."""
    text = percent(abs(share))
    if text == percent(0.0):
        return text
    return f"{'+' if share > 0 else '-'}{text}"


def share(text: str) -> float | None:
    """A share as people write it: ``5%``, ``5 %`` and ``0.05`` are the same; None for nonsense."""
    written = SHARE.fullmatch(text.strip())
    if written is None:
        return None
    return float(written["number"]) / (100 if written["percent"] else 1)


def counted(number: int, noun: str) -> str:
    """``1 job``, ``6 jobs``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def duration(seconds: float) -> str:
    """``4.5 s``, ``45 s``, ``3 min 20 s``, ``2 h 5 min``."""
    if round(seconds, 1) < TWO_DIGITS:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < MINUTE:
        return f"{whole} s"
    minutes, rest = divmod(whole, MINUTE)
    if minutes < HOUR_IN_MINUTES:
        return f"{minutes} min {rest} s"
    return f"{minutes // HOUR_IN_MINUTES} h {minutes % HOUR_IN_MINUTES} min"


def seconds(written: str | float) -> float:
    """A time as people write it: ``90s``, ``30min``, ``1h 30min``, or a number of seconds.

    Raises ValueError for anything else, and for no time at all.
    """
    total = 0.0
    with contextlib.suppress(ValueError, TypeError):
        if isinstance(written, str) and (found := TIME.fullmatch(written.strip())) is not None:
            hours, minutes, rest = (float(number or 0) for number in found.groups())
            total = (hours * HOUR_IN_MINUTES + minutes) * MINUTE + rest
        elif not isinstance(written, bool | str):
            total = float(written)
    if not 0 < total < math.inf:
        raise ValueError("must be a time, such as 90s, 30min or 2h")
    return total


def check_seconds(name: str, written: str | float) -> None:
    """Raises ValueError, under that name, for what is no time."""
    try:
        seconds(written)
    except ValueError as error:
        raise ValueError(f"{name}={written}: {error}") from None


def utc_now() -> str:
    """This moment in UTC, ISO 8601 to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
