"""A client of MLflow that says little, gives up soon, and fails with errors of ours."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from filelock import FileLock

from embprof.errors import EmbprofError
from embprof.tracking.places import Places
from embprof.tracking.reachability import knock
from embprof.tracking.store_problems import tracking_error

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

SETTINGS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_LOGGING_LEVEL": "ERROR",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
}
"""Quiet; and a dead server costs seconds, not the 4 minutes that a call takes by default. The
user's own setting wins."""


def tracking_uri(places: Places) -> str:
    """``MLFLOW_TRACKING_URI`` if set, else the SQLite file of this store."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{places.database.resolve()}"


def client_of(uri: str, places: Places) -> MlflowClient:
    """A client of that server or file, which is created if need be."""
    if not uri.startswith("sqlite"):
        knock(uri)
        return new_client(uri)
    # The first client of a new SQLite file runs MLflow's migrations; two at once break each other.
    places.root.mkdir(parents=True, exist_ok=True)
    with FileLock(places.lock):
        knock(uri)
        client = new_client(uri)
        client.search_experiments(max_results=1)
        with closing(sqlite3.connect(uri.removeprefix("sqlite:///"))) as database:
            # Readers (the UI) and a writer then do not wait for each other.
            database.execute("PRAGMA journal_mode=WAL")
    return client


def settle() -> None:
    """Sets what MLflow reads when it is imported."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)


def new_client(uri: str) -> MlflowClient:
    """A client that creates nothing."""
    settle()
    from mlflow.tracking import MlflowClient

    return MlflowClient(tracking_uri=uri)


def is_local(uri: str) -> bool:
    """Whether files of runs go where this machine says."""
    return not uri.startswith(("http://", "https://", "databricks"))


@contextmanager
def as_tracking_error(uri: str) -> Iterator[None]:
    """Whatever MLflow, a driver or a server raises becomes a TrackingError that names the store."""
    try:
        yield
    except EmbprofError:
        raise
    except Exception as error:  # a driver or a plug-in raises what it likes
        raise tracking_error(uri, error) from error
