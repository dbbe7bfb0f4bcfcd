"""Named baselines: sessions of runs that later runs are compared with.

A baseline is a JSON file below ``mlruns/baselines`` that holds whole runs with their environments,
so it outlives the sweeps it was made of and is read elsewhere as it is. Setting a name again adds a
session: how far sessions lie apart is all that a stored figure knows of its own noise.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock
from pydantic import TypeAdapter, ValidationError

from embprof.errors import DiskError, RequestError
from embprof.model import Stored
from embprof.tracking.folder import read_json, with_units, write_json
from embprof.tracking.foreign import matches
from embprof.tracking.older_runs import completed
from embprof.tracking.places import Places

DEFAULT = "main"
SCHEMA = "embprof/baseline/1"
FAMILY = SCHEMA.rpartition("/")[0]
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
TAKEN = re.compile(r"last|\d{1,8}|\d{8}-\d{0,6}|\d{8}-\d{6}-[0-9a-f]{0,4}")
"""What could be meant for a sweep: ``last``, or a sweep's id or its beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Runs of one sweep, or figures of one file of others; ``name`` is the sweep's id, or the file.

    ``whole``: the sweep was named, not runs of it, so that its parent run is tagged too.
    """

    name: str
    set_at: str
    runs: tuple[Stored, ...]
    whole: bool = False

    @property
    def is_foreign(self) -> bool:
        """Whether its figures are those of others."""
        return all(stored.is_foreign for stored in self.runs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """Sessions under one name, the one measured last at the end."""

    name: str
    sessions: tuple[Session, ...] = ()

    def sessions_of(self, key: str, environment: str) -> list[Stored]:
        """The answers to a question measured in an environment: one a session, newest last."""
        answers = (
            [
                stored
                for stored in session.runs
                if (stored.run.key, stored.run.environment) == (key, environment)
                and not stored.is_foreign
            ]
            for session in self.sessions
        )
        return [max(found, key=lambda stored: stored.run.started) for found in answers if found]

    def newest_of(self, key: str) -> Stored | None:
        """The answer to a question that was measured last, in whatever environment."""
        answers = [stored for stored in self._own() if stored.run.key == key]
        return max(answers, key=lambda stored: stored.run.started, default=None)

    def foreign(self, config: Mapping[str, Any]) -> list[Stored]:
        """The figures of others that are about jobs of this configuration."""
        every = (stored for session in self.sessions for stored in session.runs)
        return [stored for stored in every if stored.is_foreign and matches(stored, config)]

    def with_session(self, session: Session) -> Baseline:
        """The baseline with a session more.

        A sweep takes the place of its own session; single runs join those of their sweep.
        """
        before = next((old for old in self.sessions if old.name == session.name), None)
        if before is not None and not session.whole:
            again = {stored.run.run_id for stored in session.runs}
            kept = (stored for stored in before.runs if stored.run.run_id not in again)
            session = dataclasses.replace(session, runs=(*kept, *session.runs), whole=before.whole)
        others = (old for old in self.sessions if old.name != session.name)
        in_order = sorted((*others, session), key=_measured)
        return dataclasses.replace(self, sessions=tuple(in_order))

    def _own(self) -> Iterator[Stored]:
        return (
            stored for session in self.sessions for stored in session.runs if not stored.is_foreign
        )


class Baselines:
    """The baselines of one store. Raises DiskError where their folder cannot be written."""

    def __init__(self, places: Places) -> None:
        self._folder = places.baselines

    def names(self) -> list[str]:
        """Names in alphabetical order."""
        stems = (file.stem for file in self._folder.glob("*.json"))
        return sorted(stem for stem in stems if problem_of_name(stem) is None)

    def get(self, name: str) -> Baseline | None:
        """The baseline of that name, None when there is none; raises RequestError if unreadable."""
        file = self._file(name)
        if problem_of_name(name) is not None or not file.is_file():
            return None
        return dataclasses.replace(parse(load(file), file), name=name)

    def change(
        self, name: str, edit: Callable[[Baseline | None], Baseline]
    ) -> tuple[Baseline | None, Baseline]:
        """Puts what ``edit`` makes of a baseline in its place; returns what it was and is.

        Nobody else changes it meanwhile. Raises RequestError for a name that cannot be one.
        """
        check_name(name)
        with self._changing():
            before = self.get(name)
            after = dataclasses.replace(edit(before), name=name)
            write_json(self._file(name), document(after))
        return before, after

    def remove(self, name: str) -> Baseline:
        """Forgets a baseline and returns what it was; raises RequestError when there is none."""
        self.existing(name)
        with self._changing():
            baseline = self.existing(name)
            self._file(name).unlink()
        return baseline

    def existing(self, name: str) -> Baseline:
        """The baseline of that name; raises RequestError when there is none."""
        baseline = self.get(name)
        if baseline is None:
            known = ", ".join(self.names()) or "none yet"
            raise RequestError([f"{name}: there is no such baseline; there are {known}"])
        return baseline

    @contextmanager
    def _changing(self) -> Iterator[None]:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self._folder / ".lock"):
                yield
        except OSError as error:
            raise DiskError(f"cannot write to {self._folder}: {error.strerror}") from error

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.json"


def problem_of_name(name: str) -> str | None:
    """Why a baseline cannot be called that; None when it can."""
    if NAME.fullmatch(name) is None:
        return (
            "a name has up to 64 letters, digits, '.', '_' and '-', and begins with a letter or "
            "a digit"
        )
    if TAKEN.fullmatch(name) is not None:
        return "this could be meant for a sweep; take another name"
    return None


def check_name(name: str) -> None:
    """Raises RequestError if a baseline cannot be called that."""
    if (problem := problem_of_name(name)) is not None:
        raise RequestError([f"--name {name}: {problem}"])


def document(baseline: Baseline) -> dict[str, Any]:
    """What a baseline's file holds; where its runs lie is no part of it, as it outlives them."""
    content = dataclasses.asdict(baseline)
    for session in content["sessions"]:
        for stored in session["runs"]:
            del stored["folder"]
    return {"schema": SCHEMA, **content}


def load(file: Path) -> Any:
    """The content of a JSON file; raises RequestError when it is none."""
    try:
        return read_json(file)
    except OSError as error:
        raise RequestError([f"{file}: cannot be read ({error.strerror})"]) from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise RequestError([f"{file}: not a JSON file ({error})"]) from None


def is_ours(content: Any) -> bool:
    """Whether a JSON document says that it is a baseline of embprof, of whatever version."""
    return isinstance(content, dict) and str(content.get("schema")).startswith(f"{FAMILY}/")


def parse(content: Any, file: Path) -> Baseline:
    """The baseline in a document that was read from ``file``; raises RequestError when broken."""
    if not is_ours(content):
        raise RequestError([f"{file}: not a baseline of embprof"])
    if content["schema"] != SCHEMA:
        raise RequestError(
            [f"{file}: is of schema {content['schema']}, and this embprof reads {SCHEMA}"]
        )
    try:
        baseline = TypeAdapter(Baseline).validate_python(with_units(content))
    except ValidationError as error:
        details = error.errors(include_url=False)[:3]
        where = "; ".join(f"{'.'.join(map(str, d['loc']))}: {d['msg']}" for d in details)
        raise RequestError([f"{file}: a damaged baseline ({where})"]) from None
    if not baseline.sessions or not all(session.runs for session in baseline.sessions):
        raise RequestError([f"{file}: a baseline without runs"])
    sessions = tuple(
        dataclasses.replace(session, runs=tuple(map(completed, session.runs)))
        for session in baseline.sessions
    )
    return dataclasses.replace(baseline, sessions=sessions)


def _measured(session: Session) -> tuple[str, str]:
    """When the last of its runs was measured; all times are UTC, so their texts are in order."""
    return max(stored.run.started for stored in session.runs), session.name
