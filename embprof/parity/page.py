"""What a comparison found, as lines to read and as JSON."""

import math
from collections.abc import Iterator
from typing import Any

from embprof.model import Figure
from embprof.parity.comparison import Parity
from embprof.parity.names import COSINE, NEAREST, RANKS, TOP
from embprof.units import counted, metric_name

DIGITS = 6
"""Digits of a cosine: 0.999996 and 1 are not the same."""
LABELS = {
    f"{COSINE}_mean": "cosine, mean",
    f"{COSINE}_p01": "cosine, 1st percentile",
    f"{COSINE}_min": "cosine, least",
    metric_name(NEAREST, "%"): "nearest kept %",
    metric_name(TOP, "%"): "top 10 kept %",
    RANKS: "rank correlation",
}


def lines(found: Parity) -> Iterator[str]:
    """The table, the findings, and the verdict last."""
    left_out = f", {counted(found.left_out, 'other')} without an answer" if found.left_out else ""
    yield f"{counted(found.texts, 'text')} and {counted(found.probes, 'probe')}{left_out}"
    yield ""
    rows = [("", "B against A", "95 % interval"), *map(_row, found.figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for label, value, interval in rows:
        line = f"{label:<{widths[0]}}  {value:>{widths[1]}}  {interval:>{widths[2]}}"
        yield line.rstrip()
    yield ""
    for number, fault in enumerate(found.faults, start=1):
        yield f"{number}. {fault.words}"
        yield f"   {', '.join(f'{key} {_plain(value)}' for key, value in fault.evidence.items())}"
    if found.faults:
        yield ""
    yield found.verdict.value


def as_json(found: Parity, *, a: str, b: str, exit_code: int) -> dict[str, Any]:
    """All of it, JSON-ready; ``a`` and ``b`` are what was compared."""
    return {
        "schema_version": 1,
        "a": a,
        "b": b,
        "texts": found.texts,
        "left_out": found.left_out,
        "built_in_texts": found.probes,
        "figures": [_figure(one) for one in found.figures],
        "faults": [one.as_json() for one in found.faults],
        "least_top10_kept": found.least_kept,
        "verdict": found.verdict.value,
        "exit_code": exit_code,
    }


def _row(one: Figure) -> tuple[str, str, str]:
    label = LABELS[one.name]
    if one.estimate is None:
        return label, str(one.note), ""
    digits = 2 if one.unit == "%" else DIGITS
    bounds = one.estimate.bounds
    interval = "" if bounds is None else "–".join(_down(bound, digits) for bound in bounds)
    return label, _down(one.estimate.value, digits), interval


def _down(value: float, digits: int) -> str:
    """Rounded down, so that only what is the same is 1, or 100 %."""
    scale = 10**digits
    return f"{math.floor(value * scale + 1e-6) / scale:.{digits}f}"


def _figure(one: Figure) -> dict[str, Any]:
    found = one.estimate
    low, high = (None, None) if found is None or found.bounds is None else found.bounds
    return {
        "name": one.name,
        "unit": one.unit,
        "value": None if found is None else found.value,
        "low": low,
        "high": high,
        "basis": one.note if found is None else found.basis,
    }


def _plain(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.6g}"
