"""What changed between two profiles, for a terminal, for Markdown and for programs."""

import dataclasses
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from embprof.measurements.profile.differences import Change, Profiles, compare_profiles
from embprof.report.table import WIDTH
from embprof.units import number

SHOWN = 10
"""Changes that are named of each kind; JSON has all."""
NAME, PLACE = 28, 26
"""Columns of the terminal that names and places may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileDifference:
    """Two profiles as a :class:`embprof.interface.account.Difference`."""

    section: ClassVar[str] = "profiles"

    profiles: Profiles

    def lines(self, label: str) -> list[str]:
        """A table for a terminal, at most 100 columns wide."""
        profiles = self.profiles
        lines = textwrap.wrap(self._title(label), WIDTH, subsequent_indent="  ")
        for kind, changes in self._kinds():
            if not changes:
                lines.append(f"  no {kind} changed by 1 % of the call, sampling error allowed for")
                continue
            lines.append(f"  {kind:<{NAME}} {'A ms':>8} {'B ms':>8} {'change':>8}  share")
            lines += [_line(change) for change in _largest(changes)]
        if profiles.reason is not None:
            lines.append(f"  functions: {profiles.reason}")
        if profiles.functions or profiles.stages:
            lines.append("  of profiled calls, a busier hour included; no verdict")
        return lines

    def markdown(self, label: str) -> str:
        """The same for a pull request."""
        lines = [f"**{self._title(label)}**", ""]
        for kind, changes in self._kinds():
            if changes:
                lines += [f"| {kind} | A ms | B ms | change ms | share |", "|---|---|---|---|---|"]
                lines += [
                    f"| `{change.name}` {change.place} | {number(change.a_ms)} "
                    f"| {number(change.b_ms)} | {_signed(change.ms)} | {_shares(change)} |"
                    for change in _largest(changes)
                ]
                lines.append("")
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """Everything, with the change of each row."""
        content = dataclasses.asdict(self.profiles)
        for kind in ("stages", "functions"):
            content[kind] = [
                {**dataclasses.asdict(change), "change_ms": change.ms}
                for change in getattr(self.profiles, kind)
            ]
        return content

    def _title(self, label: str) -> str:
        """The row, the profiler it was seen with, and what a call took on either side."""
        of, found = f" of {label}" if label else "", self.profiles
        return (
            f"profile{of}, {found.profiler}: a profiled call took {number(found.a_ms)} ms in A, "
            f"{number(found.b_ms)} ms in B"
        )

    def _kinds(self) -> list[tuple[str, Sequence[Change]]]:
        stages = "stage", self.profiles.stages
        functions = "function, by its own time", self.profiles.functions
        return [stages] if self.profiles.reason else [stages, functions]


def difference(a: Path, b: Path) -> ProfileDifference | None:
    """What the profiles of two run folders differ in; None unless both hold one."""
    profiles = compare_profiles(a, b)
    return None if profiles is None else ProfileDifference(profiles=profiles)


def _largest(changes: Sequence[Change]) -> list[Change]:
    """The largest changes either way, in their order."""
    largest = sorted(changes, key=lambda change: -abs(change.ms))[:SHOWN]
    return [change for change in changes if change in largest]


def _line(change: Change) -> str:
    name = change.name if len(change.name) <= NAME else f"{change.name[: NAME - 1]}…"
    place = change.place if len(change.place) <= PLACE else f"…{change.place[1 - PLACE :]}"
    figures = f"{number(change.a_ms):>8} {number(change.b_ms):>8} {_signed(change.ms):>8}"
    return f"  {name:<{NAME}} {figures}  {_shares(change):<14} {place}".rstrip()


def _signed(ms: float) -> str:
    return f"+{number(ms)}" if ms > 0 else number(ms)


def _shares(change: Change) -> str:
    return f"{change.a_percent:.1f} → {change.b_percent:.1f} %"
