"""Figures that are wanted (``targets``, ``limits``): whether a job can have them at all."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from embprof.config.hints import did_you_mean
from embprof.interface.classes import find_light_class
from embprof.interface.figures import in_words_of
from embprof.interface.subjects import measurement_of, workload_of
from embprof.interface.workload import Counts, Quality, Reads

WANTED = ("targets", "limits")
"""Where both name a figure, the limit holds."""
SHOWN = 5
"""Names that are told where none is like what was asked for."""


def figure_problems(jobs: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Targets and limits on figures that no job of a sweep can have: misspelt, or another's.

    Nothing is said where a subject does not tell the names of its figures.
    """
    asked = dict.fromkeys((key, name) for job in jobs for key in WANTED for name in job[key])
    for key, name in asked:
        mine = [job for job in jobs if name in job[key]]
        if any(name in wanted(job, key) for job in mine):
            continue
        known = _names(mine[0]) or frozenset()
        hint = did_you_mean(name, sorted(known), f"{key}.") or _names_of(known)
        what = measurement_of(mine[0]).name
        yield f"{key}.{name}: a run of {what} has no such figure{hint}"


def wanted(config: Mapping[str, Any], *kinds: str) -> dict[str, float]:
    """Targets and limits (or those ``kinds``) that such a run can be held to.

    In a sweep of several measurements each is held to what is its own.
    """
    every = {
        name: value for kind in kinds or WANTED for name, value in (config.get(kind) or {}).items()
    }
    if not every or (known := _names(config)) is None:
        return every
    return {
        name: value
        for name, value in every.items()
        if any(fnmatchcase(name, pattern) for pattern in known)
    }


def _names(config: Mapping[str, Any]) -> frozenset[str] | None:
    """Names of the figures, ``*`` for what depends on the job; None where nobody knows them."""
    measured, workload = measurement_of(config).account.figures, workload_of(config)
    if measured is None:
        return None
    cls = find_light_class(workload.target)
    read = workload.account.figures
    if read is None:
        if (
            cls is None
            or workload.account.conclusions
            or any(isinstance(cls, kind) for kind in (Counts, Reads, Quality))
        ):
            return None
        read = frozenset()
    return frozenset(in_words_of(_items(cls), name) for name in measured | read)


def _items(cls: Any) -> str | None:
    """What a workload calls its items, where that is the same for all of its class."""
    known = dataclasses.fields(cls) if dataclasses.is_dataclass(cls) else ()
    default = next((one.default for one in known if one.name == "items" and not one.init), None)
    return default if isinstance(default, str) else None


def _names_of(known: frozenset[str]) -> str:
    names = sorted(known)
    return f"; it has {', '.join(names[:SHOWN])}{', …' if len(names) > SHOWN else ''}"
