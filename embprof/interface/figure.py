"""Makes figures, each with the name of its metric (unit last) and the unit as people read it."""

import re
from typing import Literal

from embprof.model import THROUGHPUT, Estimate, Figure

Better = Literal["lower", "higher"]
TOO_LITTLE = re.compile(r"n/a \(n?<")
"""How the note begins of a figure that more readings, or more seconds of them, would give."""


def figure(
    name: str,
    unit: str,
    estimate: Estimate | None,
    *,
    better: Better = "lower",
    note: str | None = None,
) -> Figure:
    """A figure; without an ``estimate`` the ``note`` says why there is none."""
    return Figure(name=name, better=better, estimate=estimate, note=note, unit=unit)


def too_few(needed: int) -> str:
    """The note of a figure that takes so many readings: ``n/a (n<368)``."""
    return f"n/a (n<{needed})"


def wants_more(one: Figure) -> bool:
    """Whether it has no value because too little was read."""
    return one.estimate is None and TOO_LITTLE.match(one.note or "") is not None


def plain(name: str, unit: str, value: float, basis: str, *, better: Better = "lower") -> Figure:
    """A figure without an interval; ``basis`` says what it is of ("total", "last reading")."""
    estimate = Estimate(value=float(value), low=None, high=None, n=1, basis=basis)
    return figure(name, unit, estimate, better=better)


def throughput_name(items: str) -> str:
    """The metric of items a second, whatever a workload works on: ``throughput_texts_per_s``."""
    return f"{THROUGHPUT}{items}_per_s"


def throughput(items: str, estimate: Estimate | None, *, note: str | None = None) -> Figure:
    """Items a second, under the name of what the workload works on."""
    return figure(throughput_name(items), f"{items}/s", estimate, better="higher", note=note)
