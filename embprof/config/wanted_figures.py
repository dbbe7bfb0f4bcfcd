"""Figures that are wanted (``targets``, ``limits``): whether a job can have them at all."""

import dataclasses
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from embprof.config.hints import did_you_mean
from embprof.interface.classes import find_light_class
from embprof.interface.figures import in_words_of
from embprof.interface.subjects import measurement_of, workload_of
from embprof.interface.workload import Counts, Quality, Reads

WANTED = ("limits", "targets")
SHOWN = 5
"""Names that are told where none is like what was asked for."""


def figure_problems(config: Mapping[str, Any]) -> Iterator[str]:
    """Targets and limits on figures that no run of such a job has: misspelt, or of another one.

    Nothing is said where a subject does not tell the names of its figures.
    """
    if not any(config[key] for key in WANTED) or (known := _names(config)) is None:
        return
    for key in WANTED:
        for name in config[key]:
            if not any(fnmatchcase(name, pattern) for pattern in known):
                what = measurement_of(config).name
                hint = did_you_mean(name, sorted(known), f"{key}.") or _names_of(known)
                yield f"{key}.{name}: a run of {what} has no such figure{hint}"


def _names(config: Mapping[str, Any]) -> frozenset[str] | None:
    """Names of the figures, ``*`` for what depends on the job; None where nobody knows them."""
    measured = measurement_of(config).account.figures
    if measured is None:
        return None
    cls = find_light_class(str(config["workload"]["_target_"]))
    read = workload_of(config).account.figures
    if read is None:
        if cls is None or any(isinstance(cls, kind) for kind in (Counts, Reads, Quality)):
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
