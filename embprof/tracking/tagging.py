"""Keeps the tag ``embprof.baseline`` in MLflow as the baselines on disk have it.

A run's tag is the names of the baselines it belongs to; that of a sweep's parent run those that
were set from the sweep as a whole. The files on disk are what counts: where MLflow cannot be
reached, the tag is missing and nothing else.
"""

from collections.abc import Iterable, Iterator

from filelock import FileLock

from embprof.errors import RequestError, StoreUnreachableError, TrackingError
from embprof.tracking.baselines import Baseline, Baselines, Session
from embprof.tracking.places import Places
from embprof.tracking.sweep_folder import SWEEP, SweepFolder, mlflow_id
from embprof.units import counted

TAG = "embprof.baseline"


def differing(before: Baseline | None, after: Baseline | None) -> list[Session]:
    """The sessions that only one of two baselines has."""
    old, new = ([] if which is None else which.sessions for which in (before, after))
    return [*(s for s in old if s not in new), *(s for s in new if s not in old)]


def retag(places: Places, sessions: Iterable[Session]) -> str | None:
    """Tags the runs of sessions that were set or unset; returns why some are not, if so."""
    changed = [session for session in sessions if not session.is_foreign]
    if not changed:
        return None
    places.baselines.mkdir(parents=True, exist_ok=True)
    # What is written is read again from disk under the lock: of two commands at once, the one that
    # tags last has seen what both have set.
    with FileLock(places.baselines / ".tags.lock"):
        try:
            names = _names(Baselines(places))
        except RequestError as error:  # another baseline is damaged
            return f"{error}: tags in MLflow are as they were"
        logged: dict[str, str | None] = {}
        unlogged = 0
        for owner in (owner for session in changed for owner in _owners(session)):
            run_id = mlflow_id(places.sweeps / owner)
            if run_id is not None:
                logged[run_id] = " ".join(sorted(names.get(owner, ()))) or None
            elif "/" in owner and (places.sweeps / owner).is_dir():
                unlogged += owner in names
        problem = _tag(places, changed, logged) if logged else None
    if problem is not None:
        return problem
    if unlogged:
        are = "is" if unlogged == 1 else "are"
        return f"{counted(unlogged, 'run')} {are} not in MLflow, and without the tag {TAG}"
    return None


def _tag(places: Places, sessions: list[Session], logged: dict[str, str | None]) -> str | None:
    """Writes the tags; returns what went wrong, after all that could be tagged were."""
    from embprof.tracking.mlflow_store import MlflowStore

    problems = []
    try:
        store = MlflowStore(places, _experiment(places, sessions))
        for run_id, value in logged.items():
            try:
                store.tag(run_id, TAG, value)
            except StoreUnreachableError:
                raise
            except TrackingError as error:
                problems.append(str(error))
    except TrackingError as error:
        return f"{error}: the tag {TAG} is as it was; the baseline itself is on disk"
    if not problems:
        return None
    failed = f"{len(problems)} of {counted(len(logged), 'run')}"
    return f"{problems[0]}: {failed} could not be tagged; the baseline itself is on disk"


def _names(baselines: Baselines) -> dict[str, set[str]]:
    """Names of the baselines that a run, or a whole sweep, belongs to, by its id."""
    names: dict[str, set[str]] = {}
    for name in baselines.names():
        baseline = baselines.get(name)
        for session in baseline.sessions if baseline else ():
            for owner in _owners(session):
                names.setdefault(owner, set()).add(name)
    return names


def _owners(session: Session) -> Iterator[str]:
    """The ids of its runs, as ``sweep/job``, and of its sweep where that was set as a whole."""
    yield from (stored.run.run_id for stored in session.runs)
    if session.whole:
        yield session.name


def _experiment(places: Places, sessions: Iterable[Session]) -> str:
    """The experiment of the first sweep; run ids are good in the whole store."""
    here = (SweepFolder(path=places.sweep(session.name)) for session in sessions)
    names = (str(sweep.read()["experiment"]) for sweep in here if (sweep.path / SWEEP).is_file())
    return next(names, "embprof")
