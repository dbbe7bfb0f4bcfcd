"""From the names that a user types to a study: sweeps, baselines, folders, or an MLflow filter."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from embprof.errors import RequestError
from embprof.model import Stored, StoredRuns
from embprof.report.study import Study, answers
from embprof.tracking import mlflow_search
from embprof.tracking.finding import find, find_each
from embprof.tracking.folder import read_json
from embprof.tracking.places import Places
from embprof.tracking.sweep_folder import SWEEP


def read(names: Sequence[str], places: Places, scratch: Path) -> Study:
    """All that the names mean, together; of a baseline its newest session.

    ``scratch`` takes what has to be fetched from an MLflow server, and must outlive the study.
    Raises RequestError with everything that is wrong with the names.
    """

    def find_or_search(name: str) -> StoredRuns:
        if mlflow_search.is_filter(name):
            return mlflow_search.search(name, places, scratch)
        return find(name, places)

    found = find_each(dict.fromkeys(names), find_or_search)
    return of_found(" ".join(dict.fromkeys(one.name for one in found)), found)


def of_found(name: str, found: Sequence[StoredRuns]) -> Study:
    """The study of what was found; figures of others, of whose machine nothing is known, left out.

    Runs of one sweep keep their numbers; those of several are numbered anew, so that a number
    means one run. Raises RequestError where nothing is left.
    """
    ours = (stored for one in found for stored in one.runs if not stored.is_foreign)
    every = {stored.run.run_id: stored for stored in ours}
    if not every:
        raise RequestError([f"{name}: figures of others alone make no report"])
    ordered = sorted(every.values(), key=lambda one: (one.run.sweep_id, one.run.number))
    numbers = [stored.run.number for stored in ordered]
    if len(set(numbers)) < len(numbers):
        ordered = [
            dataclasses.replace(stored, run=dataclasses.replace(stored.run, number=at))
            for at, stored in enumerate(ordered)
        ]
    well, failed = answers(ordered)
    questions = (stored.run.config.get("question") for stored in ordered)
    question = " ".join(dict.fromkeys(str(one) for one in questions if one)) or None
    return Study(name=name, answers=tuple(well), failed=tuple(failed), question=question)


def sweep_of(stored: Stored) -> dict[str, Any] | None:
    """The ``sweep.json`` of a run's sweep; None where only the run is left."""
    for parent in stored.folder.resolve().parents[:2] if stored.folder is not None else ():
        if (parent / SWEEP).is_file() and parent.name == stored.run.sweep_id:
            content: dict[str, Any] = read_json(parent / SWEEP)
            return content
    return None
