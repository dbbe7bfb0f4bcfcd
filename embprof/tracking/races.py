"""The races of a sweep on disk: ``races.json`` beside ``sweep.json``, written when each is over."""

import dataclasses
import functools
from pathlib import Path

from pydantic import TypeAdapter

from embprof.race import Race
from embprof.tracking.folder import read_json, write_json

RACES = "races.json"


def add_race(sweep: Path, race: Race) -> None:
    """Adds a race to those in the folder of a sweep; parts of a resumed sweep keep theirs."""
    races = [dataclasses.asdict(one) for one in (*read_races(sweep), race)]
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


@functools.lru_cache(maxsize=64)
def _read(file: Path, _changed: int, _size: int) -> tuple[Race, ...]:
    races: tuple[Race, ...] = _adapter().validate_python(read_json(file)["races"])
    return races


@functools.cache
def _adapter() -> TypeAdapter[tuple[Race, ...]]:
    return TypeAdapter(tuple[Race, ...])
