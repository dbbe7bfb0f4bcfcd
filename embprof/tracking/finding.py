"""Finds stored runs by what a user types.

That is the name of a baseline; ``last`` or ``last~1``, the sweep before it; a sweep's id or its
beginning, with ``/3`` a job of it; the folder of a run, a sweep or a whole store (``…/mlruns``),
wherever it lies; or the id that MLflow gave a run.
"""

import contextlib
import dataclasses
import itertools
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from embprof.errors import RequestError
from embprof.model import Status, Stored, StoredRuns
from embprof.tracking import index
from embprof.tracking.baselines import Baselines
from embprof.tracking.folder import RUN, read_stored
from embprof.tracking.places import Places
from embprof.tracking.sweep_folder import SWEEP, SweepFolder, mlflow_id, newest_first
from embprof.units import counted

LAST = re.compile(r"last(?:~(?P<back>\d{1,9}))?")
MLFLOW_ID = re.compile(r"[0-9a-f]{8,32}")
SWEEPS = "sweeps"
NAMED = 5
"""Sweeps that are named where a prefix has several meanings."""


def find(what: str, places: Places) -> StoredRuns:
    """The runs meant by ``what``, however they ended; those of a gate are its arm B.

    Raises RequestError when there are none, or ``what`` has several meanings.
    """
    baseline = Baselines(places).get(what)
    if baseline is not None:

        def with_folder(stored: Stored) -> Stored:
            folder = places.sweeps / stored.run.run_id
            return dataclasses.replace(stored, folder=folder) if _is_file(folder / RUN) else stored

        sessions = (tuple(map(with_folder, session.runs)) for session in baseline.sessions)
        return StoredRuns(name=baseline.name, sessions=tuple(sessions))
    folder = Path(what)
    if what and _is_file(folder / RUN):
        return _one(folder, what)
    if what and _is_file(folder / SWEEP):
        return _all(SweepFolder(path=folder.resolve()))
    if what and os.path.isdir(folder / SWEEPS):  # noqa: PTH112  (as below)
        return _store(Places(root=folder), what)
    name, _, job = what.partition("/")
    sweep = named_sweep(name, places)
    if sweep is not None:
        return _job(sweep, job, what) if job else _all(sweep)
    logged = _logged(what, places)
    if logged is not None:
        return logged
    known = ", ".join(Baselines(places).names()) or "none yet"
    nothing = f"no sweep or run in {places.sweeps}, no folder of one, and no baseline"
    raise RequestError([f"{what or repr(what)}: {nothing} (there are {known})"])


def find_each(names: Iterable[str], find: Callable[[str], StoredRuns]) -> list[StoredRuns]:
    """What each name means; raises RequestError with everything that is wrong with any."""
    problems: list[str] = []
    found = []
    for name in names:
        try:
            found.append(find(name))
        except RequestError as error:
            problems += error.problems
    if problems:
        raise RequestError(list(dict.fromkeys(problems)))
    return found


def named_sweep(name: str, places: Places) -> SweepFolder | None:
    """The sweep of that id, the only one whose id begins so, or ``last``; None for other words.

    Raises RequestError when several begin so, or there are not as many.
    """
    if (last := LAST.fullmatch(name)) is not None:
        back = int(last["back"] or 0)
        found = next(itertools.islice(newest_first(places), back, None), None)
        if found is None:
            count = sum(1 for _ in newest_first(places))
            there = f"only {counted(count, 'sweep')} in" if count else "no sweeps yet in"
            raise RequestError([f"{name}: {there} {places.sweeps}"])
        return found
    if re.fullmatch(r"[\d-]+[0-9a-f]*", name) is None:
        return None
    ids = sorted(file.parent.name for file in places.sweeps.glob(f"{name}*/{SWEEP}"))
    if name not in ids and len(ids) > 1:
        some = ", ".join(ids[:NAMED]) + (" …" if len(ids) > NAMED else "")
        raise RequestError([f"{name}: could be any of {len(ids)} sweeps: {some}"])
    return SweepFolder(path=places.sweep(name if name in ids else ids[0])) if ids else None


def _all(sweep: SweepFolder) -> StoredRuns:
    """Every answer of a sweep; of a question that was asked again the newest, if it is one."""
    is_gate = sweep.is_gate
    newest: dict[tuple[str, str, str], Stored] = {}
    for folder in sweep.job_folders():
        stored = _read(folder)
        if stored is None or (is_gate and stored.run.number % 2 == 0):
            continue
        run = stored.run
        question = run.key, run.environment, index.protocol(run.config)
        if run.status == Status.OK or question not in newest:
            newest[question] = stored
    if not newest:
        raise RequestError([f"{sweep.sweep_id}: this sweep has no finished runs"])
    return _found(sweep.sweep_id, newest.values(), sweep_id=sweep.sweep_id)


def _store(places: Places, what: str) -> StoredRuns:
    """Every answer of every sweep in a store; gates are asked for by their ids."""
    every: list[Stored] = []
    for sweep in reversed(list(newest_first(places))):
        with contextlib.suppress(RequestError):  # one that has no finished run
            every += _all(sweep).runs
    if not every:
        raise RequestError([f"{what}: this store has no finished runs"])
    return _found(what, every)


def _found(name: str, answers: Iterable[Stored], sweep_id: str | None = None) -> StoredRuns:
    return StoredRuns(name=name, sessions=(tuple(answers),), sweep_id=sweep_id)


def _job(sweep: SweepFolder, name: str, what: str) -> StoredRuns:
    """A job of a sweep; where it did not end well, the run that answered when it was resumed."""
    resumed = [folder for folder in sweep.job_folders() if folder.name == name][::-1]
    folders = dict.fromkeys([sweep.path / name, *resumed])
    answers = [stored for folder in folders if (stored := _read(folder)) is not None]
    if not answers:
        raise RequestError([f"{what}: sweep {sweep.sweep_id} has no finished run {name}"])
    ended_well = (answer for answer in answers if answer.run.status == Status.OK)
    chosen = next(ended_well, answers[0])
    return _found(chosen.run.run_id, [chosen])


def _one(folder: Path, what: str) -> StoredRuns:
    stored = _read(folder)
    if stored is None:
        raise RequestError([f"{what}: there is no finished run"])
    return _found(stored.run.run_id, [stored])


def _logged(beginning: str, places: Places) -> StoredRuns | None:
    """The run or the sweep that MLflow knows by that id, or by the only one that begins so."""
    if MLFLOW_ID.fullmatch(beginning) is None:
        return None
    found = [
        (sweep, folder)
        for file in sorted(places.sweeps.glob(f"*/{SWEEP}"))
        for sweep in [SweepFolder(path=file.parent)]
        for folder in (None, *sweep.job_folders())
        if (mlflow_id(folder or sweep.path) or "").startswith(beginning)
    ]
    if len(found) > 1:
        raise RequestError([f"{beginning}: {len(found)} runs have an MLflow id that begins so"])
    if not found:
        return None
    sweep, folder = found[0]
    return _all(sweep) if folder is None else _one(folder, beginning)


def _is_file(path: Path) -> bool:
    """False for whatever cannot be a path, too."""
    return os.path.isfile(path)  # noqa: PTH113  (Path.is_file raises on names that are too long)


def _read(folder: Path) -> Stored | None:
    """The run in a folder; None when it has none, or nothing was measured."""
    try:
        stored = read_stored(folder)
    except (OSError, ValueError, KeyError) as error:
        reason = " ".join(str(error).split())[:200]
        raise RequestError([f"{folder}: this run cannot be read ({reason})"]) from None
    return None if stored is None or stored.run.status == Status.SKIPPED else stored
