"""Time by function: what every profiler's findings come down to."""

import functools
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embprof.measurements.profile.place import place

TOP = 20
"""Functions in the table of a profile."""
LINES = 5
"""Lines of a function in the file."""
LEAST_SHARE = 0.0005
"""Share of the time below which a function is left out of the file."""
OPERATOR = "operator"
"""Stands for a file: operators have none."""
BUILT_IN = "~"
"""File of what is written in C."""
HERE = Path(__file__).resolve().parent
OWN = (f"{HERE}/", str(HERE.parent / "measurement.py"))
"""Where the frames of this code come from, which are in every stack and are no news."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionTime:
    """One function (or operator) over all watched calls.

    ``cumulative_seconds`` include what it called; ``calls``, ``samples``, ``allocated_bytes`` and
    ``device_seconds`` are None where the profiler does not know them; ``called_from`` says where a
    built-in function is called most often; ``lines``: the seconds by themselves of its lines, where
    a profiler sees them.
    """

    function: str
    file: str
    line: int | None
    self_seconds: float
    cumulative_seconds: float
    calls: int | None = None
    samples: int | None = None
    allocated_bytes: int | None = None
    device_seconds: float | None = None
    called_from: str | None = None
    lines: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Functions:
    """All functions that were seen; ``seconds`` is the time that shares are of."""

    seconds: float
    rows: tuple[FunctionTime, ...]
    samples: int | None = None

    def share(self, row: FunctionTime) -> float:
        """The function's own share of the time."""
        return row.self_seconds / self.seconds if self.seconds else 0.0

    def error(self, row: FunctionTime) -> float | None:
        """Standard error of that share where it was sampled (binomial); None elsewhere."""
        if not self.samples:
            return None
        share = min(1.0, self.share(row))
        return math.sqrt(share * (1 - share) / self.samples)

    @property
    def largest(self) -> Sequence[FunctionTime]:
        """Most time of its own first."""
        return sorted(self.rows, key=lambda row: (-row.self_seconds, row.function, row.file))


def as_json(found: Functions, calls: int) -> list[dict[str, Any]]:
    """One row for each function, the largest first; times are milliseconds of one call."""
    per_call = 1e3 / calls if calls else 0.0
    rows = []
    for row in found.largest:
        cumulative = row.cumulative_seconds / found.seconds if found.seconds else 0.0
        if max(found.share(row), cumulative) < LEAST_SHARE:
            continue
        error = found.error(row)
        known: Mapping[str, Any] = {
            "calls": None if row.calls is None else row.calls / calls,
            "samples": row.samples,
            "device_ms": None if row.device_seconds is None else row.device_seconds * per_call,
            "allocated_mb": None
            if row.allocated_bytes is None
            else row.allocated_bytes / calls / 1e6,
            "called_from": row.called_from,
            "self_percent_error": None if error is None else 100 * error,
            "lines": _lines(row, per_call) or None,
        }
        rows.append(
            {
                "function": row.function,
                "file": row.file,
                "line": row.line,
                "self_ms": row.self_seconds * per_call,
                "self_percent": 100 * found.share(row),
                "cumulative_ms": row.cumulative_seconds * per_call,
                "cumulative_percent": 100 * cumulative,
            }
            | {name: value for name, value in known.items() if value is not None}
        )
    return rows


def as_text(rows: Sequence[Mapping[str, Any]], title: str) -> str:
    """The functions with the most time of their own, as a table."""
    lines = [title, "", f"{'self':>7} {'self ms':>9} {'total ms':>9} {'calls':>8}  function"]
    for row in rows[:TOP]:
        calls = f"{row['calls']:,.1f}" if "calls" in row else ""
        lines.append(
            f"{row['self_percent']:5.1f} % {row['self_ms']:9.3f} {row['cumulative_ms']:9.3f} "
            f"{calls:>8}  {row['function']}  {place(row)}".rstrip()
        )
    return "\n".join([*lines, ""])


def _lines(row: FunctionTime, per_call: float) -> list[dict[str, float]]:
    """Its lines with the most time of their own, the first ones first."""
    found = sorted(row.lines, key=lambda one: -one[1])[:LINES]
    return [{"line": line, "self_ms": seconds * per_call} for line, seconds in found]


@functools.cache
def short(file: str) -> str:
    """A path as modules are looked for: ``torch/nn/modules/linear.py``."""
    if file.startswith(("<", BUILT_IN)):
        return BUILT_IN if file.startswith(BUILT_IN) else file
    tops = (Path(folder or ".").resolve() for folder in sys.path)
    path = Path(file)
    relative = [path.relative_to(top) for top in tops if path.is_relative_to(top)]
    return min(relative, key=lambda one: len(one.parts), default=path).as_posix()


def is_own(file: str) -> bool:
    """Whether that file is the profiling itself."""
    return file.startswith(OWN)
