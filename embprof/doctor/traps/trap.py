"""What a rule finds: how bad it is, what was seen, what to do."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")


class Severity(StrEnum):
    """``WARNING``: mend it before you trust a figure. ``NOTE``: know it. ``OK``: nothing to do."""

    WARNING = "warning"
    NOTE = "note"
    OK = "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trap:
    """One rule's answer. ``found`` has the figure that was seen, ``advice`` what to type or do.

    ``advice`` is empty exactly where the severity is ``OK``; ``name`` is the rule's, which
    :func:`embprof.doctor.traps.examine` puts in.
    """

    name: str = ""
    severity: Severity
    found: str
    advice: str = ""


class UnknownFactError(Exception):
    """The system does not tell what a rule needs."""


def known(fact: T | None) -> T:
    """A fact that a rule cannot do without; raises UnknownFactError where it is not told."""
    if fact is None:
        raise UnknownFactError
    return fact


def all_known(facts: Iterable[T | None]) -> list[T]:
    """Those that are told, at least one; raises UnknownFactError where none is."""
    return known([fact for fact in facts if fact is not None] or None)


def fine(found: str) -> Trap:
    """Nothing to do."""
    return Trap(severity=Severity.OK, found=found)


def note(found: str, advice: str) -> Trap:
    """Something to know."""
    return Trap(severity=Severity.NOTE, found=found, advice=advice)


def warning(found: str, advice: str) -> Trap:
    """Something to mend."""
    return Trap(severity=Severity.WARNING, found=found, advice=advice)
