"""MLflow, kept at arm's length: imported (2 s, 172 MB) only when it is used.

A sweep is a parent run, a job a child run, logged in one batch when it is done. Nothing here is
called while a worker measures. The store must never cost a result: whatever MLflow or its server
does becomes a TrackingError, and the run folder, which was written before, waits in the outbox.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from embprof.errors import TrackingError
from embprof.model import Comparison, Run, Status
from embprof.race import Standing
from embprof.tracking import entries, views
from embprof.tracking.folder import read_slices
from embprof.tracking.mlflow_client import as_tracking_error, client_of, is_local, tracking_uri
from embprof.tracking.places import Places
from embprof.tracking.series import Course, course

if TYPE_CHECKING:
    from mlflow.entities import Run as MlflowRun

PARAM_LENGTH = 6000
TAG_LENGTH = 8000
METRICS = 1000
BATCH = 100
"""Metrics and params of one log_batch at most; source: MLflow REST API limits, as the lengths."""
EMPTY: Mapping[str, str] = {}
ENDED = {Status.OK: "FINISHED", Status.INTERRUPTED: "KILLED"}


class MlflowStore:
    """One experiment of one tracking server or file."""

    def __init__(self, places: Places, experiment: str) -> None:
        """Opens the store, creating it if need be; raises TrackingError when that fails."""
        self.uri = tracking_uri(places)
        self.experiment = experiment
        with as_tracking_error(self.uri):
            self._client = client_of(self.uri, places)
            self._offered: views.Offered | None = None
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
        with as_tracking_error(self.uri):
            found = self._find("embprof.sweep_id", sweep_id, kind="sweep") if again else None
            if found is not None:
                self._client.update_run(found.info.run_id, status="RUNNING")
                return str(found.info.run_id)
            all_tags = {"embprof.kind": "sweep", "embprof.sweep_id": sweep_id, **tags}
            run_id = self._create(name, all_tags, start=None)
            self._log_batch(run_id, params=params)
            return run_id

    def end_sweep(
        self,
        run_id: str,
        *,
        status: Status,
        tags: Mapping[str, str],
        metrics: Mapping[str, float],
        report: Path | None = None,
    ) -> None:
        """Closes the parent run; ``report`` is a folder that is kept with it."""
        with as_tracking_error(self.uri):
            self._log_batch(run_id, metrics=_now(metrics), tags=tags)
            if report is not None:
                self._client.log_artifacts(run_id, str(report), report.name)
            self._client.set_terminated(run_id, status=ENDED.get(status, "FAILED"))

    def log_run(
        self,
        run: Run,
        folder: Path,
        *,
        name: str,
        parent: str,
        tags: Mapping[str, str],
        axes: Sequence[str] = (),
        again: bool,
    ) -> str:
        """The run id of the child run that now holds ``run``.

        ``axes`` are the keys that its sweep varied. ``again``: it may have been logged before; then
        it is looked for, and logged once.
        """
        with as_tracking_error(self.uri):
            found = self._find("embprof.run", run.run_id, kind="job") if again else None
            if found is not None and found.info.status != "RUNNING":
                return str(found.info.run_id)
            if found is not None:  # cut off while it was being logged
                self._client.delete_run(found.info.run_id)
            every = {**entries.job_tags(run, parent), **tags}
            run_id = self._create(name, every, start=_milliseconds(run.started))
            self._log_batch(
                run_id, metrics=_now(dict(entries.values(run))), params=entries.params(run)
            )
            shown = course(read_slices(folder), run.started)
            self._log_course(run_id, shown)
            self._client.log_artifacts(run_id, str(folder))
            self._client.set_terminated(
                run_id, status=ENDED.get(run.status, "FAILED"), end_time=_milliseconds(run.ended)
            )
            self._offer_views(views.contents_of(run, shown, axes), run.sweep_id)
            return run_id

    def log_comparison(self, run_id: str, comparison: Comparison, *, name: str) -> None:
        """Adds a run's ratio to its baseline, and the verdict, to what was logged of it."""
        known = entries.comparison_metrics(comparison).items()
        metrics = _now({figure: value for figure, value in known if value is not None})
        tags = entries.comparison_tags(comparison)
        tags["mlflow.runName"] = entries.judged_name(name, comparison)
        with as_tracking_error(self.uri):
            self._log_batch(run_id, metrics=metrics, tags=tags)

    def log_standing(self, run_id: str, standing: Standing, *, sweep: str) -> None:
        """Adds what a run costs beside the best of its race, and its rank, to what was logged."""
        known = entries.standing_metrics(standing).items()
        metrics = _now({name: value for name, value in known if value is not None})
        with as_tracking_error(self.uri):
            self._log_batch(run_id, metrics=metrics, tags=entries.standing_tags(standing))
            self._offer_views(views.RACE, sweep)

    def tag(self, run_id: str, name: str, value: str | None) -> None:
        """Gives a run's tag that value; None takes the tag away."""
        with as_tracking_error(self.uri):
            if value is not None:
                self._client.set_tag(run_id, name, value)
            elif name in self._client.get_run(run_id).data.tags:
                self._client.delete_tag(run_id, name)

    def _log_course(self, run_id: str, shown: Course) -> None:
        from mlflow.entities import Metric

        points = [Metric(*point) for point in shown.points]
        for start in range(0, len(points), METRICS):
            self._client.log_batch(run_id, metrics=points[start : start + METRICS])
        if shown.note is not None:
            self._client.set_tag(run_id, "embprof.over_time", shown.note)

    def _offer_views(self, contents: views.Contents, sweep: str) -> None:
        """Has the views show what a run brought, where it brought something new."""
        known = self._offered
        if known is not None and known.with_more(contents, sweep) == known:
            return
        tags = self._client.get_experiment(self.experiment_id).tags
        made = views.offer(tags, contents, sweep)
        for tag, value in made.items():
            self._client.set_experiment_tag(self.experiment_id, tag, value)
        self._offered = views.offered(made)

    def _experiment_id(self, places: Places) -> str:
        from mlflow.exceptions import MlflowException

        found = self._client.get_experiment_by_name(self.experiment)
        if found is None:
            location = places.artifacts.resolve().as_uri() if is_local(self.uri) else None
            try:
                tags = {"mlflow.experimentKind": "custom_model_development"}
                return str(self._client.create_experiment(self.experiment, location, tags))
            except MlflowException:  # somebody else created it in this very moment
                found = self._client.get_experiment_by_name(self.experiment)
                if found is None:
                    raise
        if found.lifecycle_stage != "active":
            raise TrackingError(
                f"the MLflow experiment {self.experiment} was deleted: restore it, or use another "
                "with tracking.experiment=NAME"
            )
        self._offered = views.offered(found.tags)
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
        metrics: Sequence[Any] = (),
        params: Mapping[str, Any] = EMPTY,
        tags: Mapping[str, str] = EMPTY,
    ) -> None:
        from mlflow.entities import Param, RunTag

        entities = [Param(name, str(value)[:PARAM_LENGTH]) for name, value in params.items()]
        run_tags = [RunTag(name, value[:TAG_LENGTH]) for name, value in tags.items()]
        first, rest = entities[:BATCH], entities[BATCH:]
        self._client.log_batch(run_id, metrics=metrics, params=first, tags=run_tags)
        for start in range(0, len(rest), BATCH):
            self._client.log_batch(run_id, params=rest[start : start + BATCH])


def _milliseconds(moment: str) -> int:
    return round(datetime.fromisoformat(moment).timestamp() * 1000)


def _now(found: Mapping[str, float]) -> list[Any]:
    """Metrics of this moment; those that are not finite would break MLflow's page."""
    from mlflow.entities import Metric

    now = round(time.time() * 1000)
    return [Metric(name, value, now, 0) for name, value in found.items() if math.isfinite(value)]
