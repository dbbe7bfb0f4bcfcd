"""Runs of a store of which only MLflow is at hand: another person's, or a server's.

Nothing is written there. Of each run that matches, the files that a report needs are fetched.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from embprof.errors import RequestError
from embprof.masking import masked_text
from embprof.model import StoredRuns
from embprof.tracking.folder import ENVIRONMENT, RUN, read_stored
from embprof.tracking.mlflow_client import as_tracking_error, new_client, tracking_uri
from embprof.tracking.places import Places
from embprof.tracking.reachability import file_of, knock
from embprof.units import counted

if TYPE_CHECKING:
    from mlflow.entities import Run as MlflowRun
    from mlflow.tracking import MlflowClient

FILTER = re.compile(
    r"\s*(tags?|params?|parameters?|metrics?|attributes?|run)\.\S.*|"
    r"\s*(status|run_name|run_id|start_time|end_time)\s*(=|!=|<|>|i?like\b|in\b).*",
    re.IGNORECASE | re.DOTALL,
)
"""What begins as MLflow's filters do. Source: MLflow docs, "Search Runs"."""
OURS = "tags.`embprof.kind` = 'job'"
NEEDED = (RUN, ENVIRONMENT)
WANTED = (".json", ".jsonl")
PAGE = 1000


def is_filter(text: str) -> bool:
    """Whether it is a filter of MLflow's rather than the name of runs."""
    return FILTER.fullmatch(text) is not None and not Path(text).exists()


def search(text: str, places: Places, into: Path) -> StoredRuns:
    """The job runs that match, fetched into folders below ``into``.

    Raises RequestError for a filter that MLflow does not take or that nothing matches, and
    TrackingError where the store cannot be read.
    """
    uri = tracking_uri(places)
    if (file := file_of(uri)) is not None and not file.is_file():
        raise RequestError([f"{text}: there is no MLflow store {uri} (set MLFLOW_TRACKING_URI)"])
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    shown = masked_text(uri)
    with as_tracking_error(uri):
        knock(uri)
        client = new_client(uri)
        runs = list(_filtered(client, text))
        folders = [_fetched(client, run, into) for run in runs]
    read = [stored for folder in folders if (stored := read_stored(folder)) is not None]
    if not read:
        reason = "no job of embprof's matches"
        if runs:
            reason = f"{counted(len(runs), 'run')} match, and none has the artifacts of embprof's"
        raise RequestError([f"{text}: {reason} in MLflow at {shown}"])
    return StoredRuns(name=text.strip(), sessions=(tuple(read),))


def _filtered(client: MlflowClient, text: str) -> Iterator[MlflowRun]:
    """As :func:`_matching`; raises RequestError where it is the filter that is wrong."""
    from mlflow.exceptions import MlflowException

    try:
        yield from _matching(client, text)
    except MlflowException as error:
        if error.error_code not in ("INVALID_PARAMETER_VALUE", "BAD_REQUEST"):
            raise
        reason = str(error).splitlines()[0]
        raise RequestError([f"{text}: MLflow does not take this filter ({reason})"]) from None


def _matching(client: MlflowClient, text: str) -> Iterator[MlflowRun]:
    experiments = [one.experiment_id for one in client.search_experiments()]
    query, token = f"{text} and {OURS}", None
    while experiments:
        page = client.search_runs(experiments, query, max_results=PAGE, page_token=token)
        yield from page
        token = page.token
        if not token:
            return


def _fetched(client: MlflowClient, run: MlflowRun, into: Path) -> Path:
    """The folder that now holds what a report needs of a run."""
    folder = into / str(run.info.run_id)
    folder.mkdir(parents=True, exist_ok=True)
    there = {entry.path for entry in client.list_artifacts(run.info.run_id) if not entry.is_dir}
    if there.issuperset(NEEDED):
        for path in sorted(there):
            if path.endswith(WANTED):
                client.download_artifacts(run.info.run_id, path, str(folder))
    return folder
