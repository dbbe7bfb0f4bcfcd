"""The races of a sweep on disk: ``races.json`` beside ``sweep.json``, written when each is over."""

import dataclasses
import functools
import hashlib
import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from embprof.race import Race, Standing
from embprof.tracking.folder import read_json, write_json

RACES = "races.json"
ENDS = ("high", "sure_high")
"""Upper ends of intervals, which may be infinite where nothing is known."""


def add_race(sweep: Path, race: Race) -> None:
    """Adds a race to those in the folder of a sweep; parts of a resumed sweep keep theirs."""
    races = [_finite(dataclasses.asdict(one)) for one in (*read_races(sweep), race)]
    write_json(sweep / RACES, {"schema_version": 1, "races": races})


def read_races(sweep: Path) -> tuple[Race, ...]:
    """The races in the folder of a sweep, in the order in which they ended; none where it has none.

    A file is read once, and again when it has changed.
    """
    file = sweep / RACES
    if not file.is_file():
        return ()
    state = file.stat()
    return _read(file, state.st_mtime_ns, state.st_size)


def race_of(run_id: str, folder: Path) -> Race | None:
    """The race that a run in this folder was measured in; the newest if it was in several."""
    for parent in folder.absolute().parents[:2]:
        if run_id.startswith(f"{parent.name}/"):
            return _with(run_id, parent)
    return None


def standing_of(run_id: str, sweep: Path) -> Standing | None:
    """How a run stands in the newest race of the sweep that it was in; None where in none."""
    race = _with(run_id, sweep)
    return None if race is None else race.standing(run_id)


def each_once(races: Iterable[Race | None]) -> list[Race]:
    """The races of some runs: those of one share theirs."""
    found = {race.standings[0].run: race for race in races if race is not None}
    return list(found.values())


def standing_digest(standing: Standing) -> str:
    """Tells how a run stands from how it stood before."""
    content = json.dumps(dataclasses.asdict(standing), sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def _with(run_id: str, sweep: Path) -> Race | None:
    races = reversed(read_races(sweep))
    return next((race for race in races if race.standing(run_id) is not None), None)


@functools.lru_cache(maxsize=64)
def _read(file: Path, _changed: int, _size: int) -> tuple[Race, ...]:
    content = read_json(file)["races"]
    for race in content:
        for pair in race["pairs"]:
            pair.update({name: math.inf for name in ENDS if pair[name] is None})
    races: tuple[Race, ...] = _adapter().validate_python(content)
    return races


def _finite(race: dict[str, Any]) -> dict[str, Any]:
    """As JSON has it, which knows no infinity: a pair without an upper end has null there."""
    for pair in race["pairs"]:
        pair.update({name: None for name in ENDS if pair[name] == math.inf})
    return race


@functools.cache
def _adapter() -> TypeAdapter[tuple[Race, ...]]:
    return TypeAdapter(tuple[Race, ...])
