"""MLflow, kept at arm's length: the only module that imports it (2 s, 172 MB), and only when used.

A sweep is a parent run, a job a child run, logged in one batch when it is done. Nothing here is
called while a worker measures. The store must never cost a result: whatever MLflow or its server
does becomes a TrackingError, and the run folder, which was written before, waits in the outbox.
"""

from __future__ import annotations

import math
import os
import re
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from filelock import FileLock

from embprof.errors import TrackingError
from embprof.model import Comparison, Run, Status
from embprof.tracking.entries import (
    comparison_metrics,
    comparison_tags,
    job_tags,
    params,
    run_name,
    values,
)
from embprof.tracking.places import Places

if TYPE_CHECKING:
    from mlflow.entities import Run as MlflowRun
    from mlflow.tracking import MlflowClient

PARAM_LENGTH = 6000
TAG_LENGTH = 8000
BATCH = 100
"""Params of one log_batch at most; source: MLflow REST API limits, as the two lengths."""
QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
}
IMPATIENCE = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1", "MLFLOW_HTTP_REQUEST_TIMEOUT": "10"}
"""A dead server costs seconds, not the 4 minutes a call of the defaults; the user's own setting
wins."""

UNREACHABLE = re.compile(
    "Connection refused|timed out|Name or service not known|Temporary failure in name resolution|"
    "Network is unreachable|No route to host|Connection reset by peer"
)
REASON_LENGTH = 300
ENDED = {Status.OK: "FINISHED", Status.INTERRUPTED: "KILLED"}


def tracking_uri(places: Places) -> str:
    """``MLFLOW_TRACKING_URI`` if set, else the SQLite file of this store."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{places.database.resolve()}"


class MlflowStore:
    """One experiment of one tracking server or file."""

    def __init__(self, places: Places, experiment: str) -> None:
        """Opens the store, creating it if need be; raises TrackingError when that fails."""
        for name, value in (QUIET | IMPATIENCE).items():
            os.environ.setdefault(name, value)
        self.uri = tracking_uri(places)
        self.experiment = experiment
        with _as_tracking_error(self.uri):
            self._client = _client(self.uri, places)
            self.experiment_id = self._experiment_id(places)

    def start_sweep(
        self,
        sweep_id: str,
        *,
        name: str,
        params: Mapping[str, Any],
        tags: Mapping[str, str],
        again: bool,
    ) -> str:
        """The run id of the sweep's parent run.

        ``again``: it may have been started before, and is looked for then; among 10,000 runs that
        takes longer than all the logging of a job.
        """
        with _as_tracking_error(self.uri):
            found = self._find("embprof.sweep_id", sweep_id, kind="sweep") if again else None
            if found is not None:
                self._client.update_run(found.info.run_id, status="RUNNING")
                return str(found.info.run_id)
            all_tags = {"embprof.kind": "sweep", "embprof.sweep_id": sweep_id, **tags}
            run_id = self._create(name, all_tags, start=None)
            self._log_batch(run_id, metrics=[], params=params)
            return run_id

    def end_sweep(self, run_id: str, *, status: Status, tags: Mapping[str, str]) -> None:
        """Closes the parent run."""
        with _as_tracking_error(self.uri):
            self._log_batch(run_id, metrics=[], params={}, tags=tags)
            self._client.set_terminated(run_id, status=ENDED.get(status, "FAILED"))

    def log_run(
        self, run: Run, folder: Path, *, parent: str, tags: Mapping[str, str], again: bool
    ) -> str:
        """The run id of the child run that now holds ``run``.

        ``again``: it may have been logged before; then it is looked for, and logged once.
        """
        with _as_tracking_error(self.uri):
            found = self._find("embprof.run", run.run_id, kind="job") if again else None
            if found is not None and found.info.status != "RUNNING":
                return str(found.info.run_id)
            if found is not None:  # cut off while it was being logged
                self._client.delete_run(found.info.run_id)
            every = {**job_tags(run, parent), **tags}
            run_id = self._create(run_name(run, tags), every, start=_milliseconds(run.started))
            self._log_batch(run_id, metrics=_metrics(run), params=params(run))
            self._client.log_artifacts(run_id, str(folder))
            self._client.set_terminated(
                run_id, status=ENDED.get(run.status, "FAILED"), end_time=_milliseconds(run.ended)
            )
            return run_id

    def log_comparison(self, run_id: str, comparison: Comparison) -> None:
        """Adds a run's ratio to its baseline, and the verdict, to what was logged of it."""
        from mlflow.entities import Metric

        now = round(time.time() * 1000)
        metrics = [
            Metric(name, value, now, 0)
            for name, value in comparison_metrics(comparison).items()
            if value is not None and math.isfinite(value)
        ]
        tags = comparison_tags(comparison)
        with _as_tracking_error(self.uri):
            self._log_batch(run_id, metrics=metrics, params={}, tags=tags)

    def tag(self, run_id: str, name: str, value: str | None) -> None:
        """Gives a run's tag that value; None takes the tag away."""
        with _as_tracking_error(self.uri):
            if value is not None:
                self._client.set_tag(run_id, name, value)
            elif name in self._client.get_run(run_id).data.tags:
                self._client.delete_tag(run_id, name)

    def _experiment_id(self, places: Places) -> str:
        from mlflow.exceptions import MlflowException

        found = self._client.get_experiment_by_name(self.experiment)
        if found is None:
            location = places.artifacts.resolve().as_uri() if _is_local(self.uri) else None
            try:
                kind = {"mlflow.experimentKind": "custom_model_development"}
                return str(self._client.create_experiment(self.experiment, location, kind))
            except MlflowException:  # somebody else created it in this very moment
                found = self._client.get_experiment_by_name(self.experiment)
                if found is None:
                    raise
        if found.lifecycle_stage != "active":
            raise TrackingError(
                f"the MLflow experiment {self.experiment} was deleted: restore it, or use another "
                "with tracking.experiment=NAME"
            )
        return str(found.experiment_id)

    def _find(self, tag: str, value: str, *, kind: str) -> MlflowRun | None:
        query = f"tags.`embprof.kind` = '{kind}' and tags.`{tag}` = '{value}'"
        found = self._client.search_runs([self.experiment_id], query, max_results=1)
        return found[0] if found else None

    def _create(self, name: str, tags: Mapping[str, str], *, start: int | None) -> str:
        standard = {
            "mlflow.user": psutil.Process().username(),
            "mlflow.source.name": "embprof",
            "mlflow.source.type": "LOCAL",
        }
        every = {key: value[:TAG_LENGTH] for key, value in {**standard, **tags}.items()}
        created = self._client.create_run(
            self.experiment_id, start_time=start, tags=every, run_name=name
        )
        return str(created.info.run_id)

    def _log_batch(
        self,
        run_id: str,
        *,
        metrics: Sequence[Any],
        params: Mapping[str, Any],
        tags: Mapping[str, str] | None = None,
    ) -> None:
        from mlflow.entities import Param, RunTag

        entities = [Param(name, str(value)[:PARAM_LENGTH]) for name, value in params.items()]
        run_tags = [RunTag(name, value[:TAG_LENGTH]) for name, value in (tags or {}).items()]
        first, rest = entities[:BATCH], entities[BATCH:]
        self._client.log_batch(run_id, metrics=metrics, params=first, tags=run_tags)
        for start in range(0, len(rest), BATCH):
            self._client.log_batch(run_id, params=rest[start : start + BATCH])


def _client(uri: str, places: Places) -> MlflowClient:
    if not uri.startswith("sqlite"):
        return _new_client(uri)
    # The first client of a new SQLite file runs MLflow's migrations; two at once break each other.
    places.root.mkdir(parents=True, exist_ok=True)
    with FileLock(places.lock):
        client = _new_client(uri)
        client.search_experiments(max_results=1)
        with closing(sqlite3.connect(uri.removeprefix("sqlite:///"))) as database:
            # Readers (the UI) and a writer then do not wait for each other.
            database.execute("PRAGMA journal_mode=WAL")
    return client


def _new_client(uri: str) -> MlflowClient:
    from mlflow.tracking import MlflowClient

    return MlflowClient(tracking_uri=uri)


def _is_local(uri: str) -> bool:
    return not uri.startswith(("http://", "https://", "databricks"))


@contextmanager
def _as_tracking_error(uri: str) -> Iterator[None]:
    import requests
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (
        MlflowException,
        SQLAlchemyError,
        sqlite3.Error,
        requests.RequestException,
        OSError,
    ) as error:
        unreachable = UNREACHABLE.search(str(error))
        if unreachable is not None:
            raise TrackingError(f"MLflow at {uri} cannot be reached ({unreachable[0]})") from error
        first_line = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise TrackingError(f"MLflow at {uri}: {first_line[:REASON_LENGTH]}") from error


def _milliseconds(moment: str) -> int:
    return round(datetime.fromisoformat(moment).timestamp() * 1000)


def _metrics(run: Run) -> list[Any]:
    from mlflow.entities import Metric

    now = round(time.time() * 1000)
    return [Metric(name, value, now, 0) for name, value in values(run) if math.isfinite(value)]
