"""Two profiles side by side: the stages and the functions that take more, or less, than before.

Pure functions of what two run folders hold. Times are those of calls that were looked at, so they
hold what looking added, on both sides; what a busier hour added is in them too. A change is told
only where it is more than the sampling could have made (two standard errors) and more than a
hundredth of the call; none of it is a verdict.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embprof.measurements.profile.place import place
from embprof.tracking.folder import read_json

STAGES, FUNCTIONS = "stages.json", "functions.json"
LEAST_SHARE = 0.01
"""Share of A's call: what changed by less is left out."""
ERRORS = 2.0
"""Standard errors of a difference, below which sampling may have made it."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A stage or function: milliseconds of a call and share of it, on either side.

    ``place`` is empty for stages; ``error_ms`` is the standard error of the change.
    """

    name: str
    place: str
    a_ms: float
    b_ms: float
    a_percent: float
    b_percent: float
    error_ms: float = 0.0

    @property
    def ms(self) -> float:
        """What B takes more than A."""
        return self.b_ms - self.a_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Profiles:
    """What changed from A to B, largest growth first; ``a_ms`` and ``b_ms`` are whole calls.

    ``reason`` says why functions are not compared, where they are not.
    """

    profiler: str
    a_ms: float
    b_ms: float
    stages: tuple[Change, ...]
    functions: tuple[Change, ...]
    reason: str | None = None


def compare_profiles(a: Path, b: Path) -> Profiles | None:
    """The changes between two run folders; None unless both hold a profile."""
    if not all((folder / FUNCTIONS).exists() for folder in (a, b)):
        return None
    old, new = (read_json(folder / FUNCTIONS) for folder in (a, b))
    reason = None
    if old["profiler"] != new["profiler"]:
        reason = f"A is of {old['profiler']}, B of {new['profiler']}: they see different things"
    return Profiles(
        profiler=new["profiler"],
        a_ms=old["call_ms"],
        b_ms=new["call_ms"],
        stages=_noteworthy(_stages(a, b), old["call_ms"]),
        functions=() if reason else _noteworthy(_functions(old, new), old["call_ms"]),
        reason=reason,
    )


def _noteworthy(changes: Iterable[Change], whole_ms: float) -> tuple[Change, ...]:
    """Those worth telling: what grew most first, what fell most last."""
    found = (
        change
        for change in changes
        if abs(change.ms) > max(LEAST_SHARE * whole_ms, ERRORS * change.error_ms)
    )
    return tuple(sorted(found, key=lambda change: -change.ms))


def _stages(a: Path, b: Path) -> Iterable[Change]:
    if not all((folder / STAGES).exists() for folder in (a, b)):
        return
    old, new = (
        {row["stage"]: row for row in read_json(folder / STAGES)["stages"]} for folder in (a, b)
    )
    for name in dict.fromkeys([*new, *old]):
        before, after = old.get(name, {}), new.get(name, {})
        yield Change(
            name=name,
            place="",
            a_ms=before.get("ms", 0.0),
            b_ms=after.get("ms", 0.0),
            a_percent=before.get("percent", 0.0),
            b_percent=after.get("percent", 0.0),
        )


def _functions(old: Row, new: Row) -> Iterable[Change]:
    before, after = _by_name(old["functions"]), _by_name(new["functions"])
    for name in dict.fromkeys([*after, *before]):
        for a_row, b_row in _pairs(before.get(name, []), after.get(name, [])):
            yield Change(
                name=name[0],
                place=place({**a_row, **b_row}),
                a_ms=a_row.get("self_ms", 0.0),
                b_ms=b_row.get("self_ms", 0.0),
                a_percent=a_row.get("self_percent", 0.0),
                b_percent=b_row.get("self_percent", 0.0),
                error_ms=math.hypot(_error(a_row, old["call_ms"]), _error(b_row, new["call_ms"])),
            )


def _by_name(rows: Sequence[Row]) -> dict[tuple[str, str], list[Row]]:
    """Rows by function and file, not by line, which moves with every edit above it."""
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row["line"] or 0):
        found[row["function"], row["file"]].append(row)
    return found


def _pairs(old: Sequence[Row], new: Sequence[Row]) -> list[tuple[Row, Row]]:
    """Namesakes of one file in the order of their lines; all together where one was added."""
    if len(old) == len(new):
        return list(zip(old, new, strict=True))
    return [(_together(old), _together(new))]


def _together(rows: Sequence[Row]) -> Row:
    if not rows:
        return {}
    names = ("self_ms", "self_percent")
    errors = math.hypot(*(row.get("self_percent_error", 0.0) for row in rows))
    sums = {name: sum(row[name] for row in rows) for name in names}
    return {**rows[0], **sums, "self_percent_error": errors}


def _error(row: Row, whole_ms: float) -> float:
    return float(row.get("self_percent_error", 0.0)) / 100 * whole_ms
