"""What differs between runs besides their figures: configuration, protocol, environment."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from embprof.config.question import protocol, question
from embprof.config.references import flatten
from embprof.model import Stored

DIGITS = 12
"""Hex digits of a hash that are shown."""
_SHA256 = 64
ABSENT = "none"
REFERRING = ("workload.", "measurement.")
"""Groups whose parameters mostly refer to other keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A value that is not the same on both sides; in how many ``rows``."""

    name: str
    a: str
    b: str
    rows: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """All that differs between two sets of runs that were matched row by row.

    ``config`` holds what is one and the same change in every row; ``config_of_some`` only the names
    of what changes otherwise.
    """

    config: tuple[Change, ...]
    config_of_some: tuple[str, ...]
    protocol: tuple[Change, ...]
    environment: tuple[Change, ...]


def differences(pairs: Sequence[tuple[Stored, Stored]]) -> Differences:
    """What differs between A and B of each pair."""
    questions = _of_rows([(question(a.run), question(b.run)) for a, b in pairs])
    every = {
        name: changes[0]
        for name, changes in questions.items()
        if len(changes) == 1 and changes[0].rows == len(pairs)
    }
    precisely = _of_rows([(protocol(a.run), protocol(b.run)) for a, b in pairs])
    environment = _of_rows([(flatten(dict(a.soft)), flatten(dict(b.soft))) for a, b in pairs])
    return Differences(
        config=tuple(every.values()),
        config_of_some=tuple(name for name in questions if name not in every),
        protocol=_common(precisely),
        environment=_common(environment),
    )


def between(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[Change]:
    """What differs between two mappings, nested ones by dotted names."""
    return list(_changes(flatten(dict(a)), flatten(dict(b))))


def columns(runs: Sequence[Stored]) -> dict[str, tuple[str, ...]]:
    """Every configuration key that is part of the question, with its value in each run."""
    configs = [question(stored.run) for stored in runs]
    names = dict.fromkeys(name for config in configs for name in config)
    return {name: tuple(shown(config.get(name)) for config in configs) for name in names}


def axes(runs: Sequence[Stored]) -> dict[str, tuple[str, ...]]:
    """The keys whose values tell these runs apart, with the value in each run.

    Of keys that tell the same runs apart (a model's name, its hash) the first stands for all.
    """
    found: dict[tuple[int, ...], tuple[str, tuple[str, ...]]] = {}
    for name, column in columns(runs).items():
        numbers: dict[str, int] = {}
        groups = tuple(numbers.setdefault(value, len(numbers)) for value in column)
        if len(numbers) > 1:
            found.setdefault(groups, (name, column))
    return dict(found.values())


def shown(value: Any) -> str:
    """A value as YAML would have it, a hash by its first digits; no value is ``none``."""
    if value is None:
        return ABSENT
    if isinstance(value, str):
        is_hash = len(value) == _SHA256 and set(value) <= set("0123456789abcdef")
        return value[:DIGITS] if is_hash else value
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def _of_rows(pairs: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> dict[str, list[Change]]:
    """The changes of each name, equal ones of several rows as one.

    A parameter of the workload or the measurement that changes in the same rows in the same way as
    a name before it repeats that (``workload.batch_size: ${batch_size}``), and is left out.
    """
    found: dict[str, dict[int, tuple[str, str]]] = {}
    for number, (a, b) in enumerate(pairs):
        for change in _changes(a, b):
            found.setdefault(change.name, {})[number] = (change.a, change.b)
    kept: dict[str, list[Change]] = {}
    for name, rows in found.items():
        if name.startswith(REFERRING) and any(rows == found[before] for before in kept):
            continue
        kept[name] = [
            Change(name=name, a=a, b=b, rows=count)
            for (a, b), count in Counter(rows.values()).items()
        ]
    return kept


def _changes(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[Change]:
    for name in dict.fromkeys([*a, *b]):
        if a.get(name) != b.get(name):
            yield Change(name=name, a=shown(a.get(name)), b=shown(b.get(name)))


def _common(changes: Mapping[str, Sequence[Change]]) -> tuple[Change, ...]:
    """One change per name, that of most rows."""
    return tuple(max(found, key=lambda change: change.rows) for found in changes.values())
