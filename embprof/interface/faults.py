"""Faults in what a subject tells of itself: each costs its own part of a page and nothing else.

Figures were measured and are kept, whatever an account's columns, rules or pictures do with them.
Whoever shows something collects the faults met on the way and names them; where nobody collects,
as in a test of a rule, a fault is an error like any other.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")
_collected: ContextVar[list[Fault] | None] = ContextVar("faults", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Which ``part`` of which ``subject`` failed, and with what ``error``."""

    subject: str
    part: str
    error: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.part} failed: {self.error}"


@contextlib.contextmanager
def collected() -> Iterator[list[Fault]]:
    """Within it faults are kept in the list, each once, and nothing is raised for them."""
    outer = _collected.get()
    found: list[Fault] = []
    token = _collected.set(found)
    try:
        yield found
    finally:
        _collected.reset(token)
        if outer is not None:
            outer.extend(fault for fault in found if fault not in outer)


def ask(
    subject: str,
    part: str,
    call: Callable[[], T],
    otherwise: T,
    *,
    passing: tuple[type[Exception], ...] = (),
) -> T:
    """What the part gives; where it fails and faults are collected, ``otherwise``.

    Errors of the kinds ``passing`` are for the caller. An interpreter that is ending or interrupted
    is no fault of the part.
    """
    found = _collected.get()
    if found is None:
        return call()
    try:
        return call()
    except passing:
        raise
    except Exception as error:  # noqa: BLE001  (a subject's code may raise anything)
        note(subject, part, in_a_line(error))
        return otherwise


def all_of(kind: type[T], made: Iterable[object]) -> list[T]:
    """What was made, all of the kind that it is to be; raises TypeError for what is not."""
    found: list[T] = []
    for one in made:
        if not isinstance(one, kind):
            raise TypeError(f"{one!r} is no {kind.__name__}")
        found.append(one)
    return found


def note(subject: str, part: str, error: str) -> None:
    """Keeps a fault where faults are collected."""
    fault = Fault(subject=subject, part=part, error=error)
    found = _collected.get()
    if found is not None and fault not in found:
        found.append(fault)


def in_a_line(error: BaseException) -> str:
    """An error's kind and the first line of what it says."""
    first_line = (str(error).strip().splitlines() or [""])[0]
    return f"{type(error).__name__}: {first_line}".removesuffix(": ")
