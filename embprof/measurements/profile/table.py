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
        """For a terminal."""
        return lines(label, self.profiles)

    def markdown(self, label: str) -> str:
        """For a pull request."""
        return markdown(label, self.profiles)

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return as_json(self.profiles)


def difference(a: Path, b: Path) -> ProfileDifference | None:
    """What the profiles of two run folders differ in; None unless both hold one."""
    profiles = compare_profiles(a, b)
    return None if profiles is None else ProfileDifference(profiles=profiles)


def lines(label: str, profiles: Profiles) -> list[str]:
    """A table for a terminal, at most 100 columns wide."""
    said = textwrap.wrap(title(label, profiles), WIDTH, subsequent_indent="  ")
    for kind, changes in _kinds(profiles):
        if not changes:
            said.append(f"  no {kind} changed by 1 % of the call, sampling error allowed for")
            continue
        said.append(f"  {kind:<{NAME}} {'A ms':>8} {'B ms':>8} {'change':>8}  share")
        said += [_line(change) for change in _largest(changes)]
    if profiles.reason is not None:
        said.append(f"  functions: {profiles.reason}")
    if profiles.functions or profiles.stages:
        said.append("  of profiled calls, a busier hour included; no verdict")
    return said


def markdown(label: str, profiles: Profiles) -> str:
    """The same for a pull request."""
    said = [f"**{title(label, profiles)}**", ""]
    for kind, changes in _kinds(profiles):
        if changes:
            said += [f"| {kind} | A ms | B ms | change ms | share |", "|---|---|---|---|---|"]
            said += [
                f"| `{change.name}` {change.place} | {number(change.a_ms)} | {number(change.b_ms)} "
                f"| {_signed(change.ms)} | {_shares(change)} |"
                for change in _largest(changes)
            ]
            said.append("")
    return "\n".join(said)


def as_json(profiles: Profiles) -> dict[str, Any]:
    """Everything, with the change of each row."""
    content = dataclasses.asdict(profiles)
    for kind in ("stages", "functions"):
        content[kind] = [
            {**dataclasses.asdict(change), "change_ms": change.ms}
            for change in getattr(profiles, kind)
        ]
    return content


def title(label: str, profiles: Profiles) -> str:
    """The row, the profiler it was seen with, and what a call took on either side."""
    of = f" of {label}" if label else ""
    return (
        f"profile{of}, {profiles.profiler}: a profiled call took {number(profiles.a_ms)} ms in A, "
        f"{number(profiles.b_ms)} ms in B"
    )


def _kinds(profiles: Profiles) -> list[tuple[str, Sequence[Change]]]:
    kinds: list[tuple[str, Sequence[Change]]] = [("stage", profiles.stages)]
    return kinds if profiles.reason else [*kinds, ("function, by its own time", profiles.functions)]


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
