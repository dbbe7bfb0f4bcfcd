"""Logs a sweep to MLflow while it can, and leaves the rest in the outbox.

The first failure ends logging for the sweep: a server that is down stays down for its length, and
every further attempt would cost seconds. ``embprof sync`` replays what the outbox names.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

from embprof.errors import TrackingError
from embprof.masking import masked_text
from embprof.model import Run, Status
from embprof.race import Standing
from embprof.tracking import folder as files
from embprof.tracking.entries import ARM, run_name
from embprof.tracking.mlflow_store import MlflowStore
from embprof.tracking.places import Places
from embprof.tracking.races import standing_digest
from embprof.tracking.sweep_folder import GATE, KIND, LOGGED, REPORT, SweepFolder


class Logbook:
    """One sweep's way into MLflow. Opening it imports MLflow in the background."""

    def __init__(
        self, places: Places, sweep: SweepFolder, *, say: Callable[[str], None], again: bool
    ) -> None:
        """``again``: parts of the sweep may be in MLflow already (it is resumed, or replayed)."""
        self._again = again
        self._places = places
        self._sweep = sweep
        self._say = say
        self._store: Future[MlflowStore] | None = None
        self._parent: str | None = None
        self.problem: str | None = None

    def open(self, experiment: str) -> None:
        """Begins to open the store; returns at once."""
        pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="embprof-mlflow")
        self._store = pool.submit(MlflowStore, self._places, experiment)
        pool.shutdown(wait=False)

    def start(self) -> None:
        """Waits for the store and starts the parent run."""
        self._attempt(self._start_parent)

    def log(self, run: Run, folder: Path, *, again: bool = False) -> None:
        """Logs a finished run, unless the store has failed before."""
        self._attempt(lambda: self._log(run, folder, again=again))

    def log_comparisons(self) -> None:
        """Logs every comparison in the sweep's folders that MLflow has not got."""
        for folder in list(self._sweep.uncompared()):
            self._attempt(partial(self._log_comparison, folder))

    def log_standings(self) -> None:
        """Logs the place of every run in its race that MLflow has not got."""
        for folder, standing in list(self._sweep.unranked()):
            self._attempt(partial(self._log_standing, folder, standing))

    def log_rest(self) -> None:
        """Logs what an interruption kept from being logged."""
        for folder in list(self._sweep.unlogged()):
            run = files.read_run(folder)
            if run is not None and run.status != Status.SKIPPED:
                self.log(run, folder, again=True)

    def close(
        self, status: Status, *, tags: Mapping[str, str], metrics: Mapping[str, float]
    ) -> None:
        """Ends the parent run, with the report of the sweep where there is one."""
        folder = self._sweep.path / REPORT

        def end() -> None:
            if self._parent is not None:
                self._opened().end_sweep(
                    self._parent,
                    status=status,
                    tags=tags,
                    metrics=metrics,
                    report=folder if folder.is_dir() else None,
                )

        self._attempt(end)

    def _attempt(self, step: Callable[[], None]) -> None:
        if self.problem is not None or self._store is None:  # interrupted before it was opened
            return
        try:
            step()
        except TrackingError as error:
            self.problem = str(error)
            self._places.outbox.mkdir(parents=True, exist_ok=True)
            files.write_json(
                self._places.outbox / f"{self._sweep.sweep_id}.json", {"problem": str(error)}
            )
            self._say(
                f"{error}\nRuns are kept on disk all the same; log them later with: embprof sync"
            )

    def _opened(self) -> MlflowStore:
        assert self._store is not None, "open the logbook first"
        return self._store.result()

    def _start_parent(self) -> None:
        store, content = self._opened(), self._sweep.read()
        self._parent = store.start_sweep(
            self._sweep.sweep_id,
            name=content["name"],
            params=content["params"],
            tags=content["tags"],
            again=self._again,
        )
        tracking = {
            "uri": masked_text(store.uri),
            "experiment": store.experiment,
            "experiment_id": store.experiment_id,
            "run_id": self._parent,
        }
        self._sweep.update(tracking=tracking)

    def _log(self, run: Run, folder: Path, *, again: bool) -> None:
        if self._parent is None:
            self._start_parent()
        assert self._parent is not None
        content = self._sweep.read()
        tags: dict[str, str] = dict(content["tags"])
        if content.get(KIND) == GATE:
            tags[ARM] = "ab"[run.number % 2]
        axes = content["params"].get("axes", "").split()
        name = run_name(run, tags, axes)
        run_id = self._opened().log_run(
            run, folder, name=name, parent=self._parent, tags=tags, axes=axes, again=again
        )
        files.write_json(folder / LOGGED, {"run_id": run_id, "name": name})

    def _log_comparison(self, folder: Path) -> None:
        comparison = files.read_comparison(folder)
        assert comparison is not None, "it was found by it"
        logged = files.read_json(folder / LOGGED)
        name = logged.get("name", folder.name)
        self._opened().log_comparison(logged["run_id"], comparison, name=name)
        digest = files.comparison_digest(folder)
        files.write_json(folder / LOGGED, {**logged, "comparison": digest})

    def _log_standing(self, folder: Path, standing: Standing) -> None:
        logged = files.read_json(folder / LOGGED)
        self._opened().log_standing(logged["run_id"], standing, sweep=self._sweep.sweep_id)
        files.write_json(folder / LOGGED, {**logged, "standing": standing_digest(standing)})


def replay(places: Places, sweep: SweepFolder, *, say: Callable[[str], None]) -> int:
    """Logs every answer of a sweep that MLflow has not got; returns how many there were.

    Raises TrackingError when the store still fails.
    """
    content = sweep.read()
    logbook = Logbook(places, sweep, say=say, again=True)
    logbook.open(content["experiment"])
    logbook.start()
    waiting = len(list(sweep.unlogged()))
    logbook.log_rest()
    logbook.log_comparisons()
    logbook.log_standings()
    status = content["status"]
    if status is not None:
        ended = {name: content.get(f"end_{name}", {}) for name in ("tags", "metrics")}
        logbook.close(Status(status), **ended)
    if logbook.problem is not None:
        raise TrackingError(logbook.problem)
    (places.outbox / f"{sweep.sweep_id}.json").unlink(missing_ok=True)
    return waiting - len(list(sweep.unlogged()))
