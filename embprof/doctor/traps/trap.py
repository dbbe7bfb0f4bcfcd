"""What a rule finds: how bad it is, what was seen, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """``WARNING``: mend it before you trust a figure. ``NOTE``: know it. ``OK``: nothing to do."""

    WARNING = "warning"
    NOTE = "note"
    OK = "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trap:
    """One rule's answer. ``found`` has the figure that was seen, ``advice`` what to type or do.

    ``advice`` is empty exactly where the severity is ``OK``.
    """

    name: str
    severity: Severity
    found: str
    advice: str = ""


def fine(name: str, found: str) -> Trap:
    """Nothing to do."""
    return Trap(name=name, severity=Severity.OK, found=found)


def note(name: str, found: str, advice: str) -> Trap:
    """Something to know."""
    return Trap(name=name, severity=Severity.NOTE, found=found, advice=advice)


def warning(name: str, found: str, advice: str) -> Trap:
    """Something to mend."""
    return Trap(name=name, severity=Severity.WARNING, found=found, advice=advice)
