"""The store is plain MLflow: its own pages and its own command line read it."""

from __future__ import annotations

import socket
import sys
from typing import TYPE_CHECKING

import pytest
import requests

if TYPE_CHECKING:
    from tests.integration.conftest import Measured, Started, Store


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_ui_serves_the_runs_of_this_folder_until_ctrl_c(
    main_job: Measured, open_store: type[Store], port: int
) -> None:
    pages = _served(main_job, port)
    served = open_store(_address(port)).children(main_job.sweep_id)
    assert [run.info.run_id for run in served] == [run.info.run_id for run in main_job.children]

    pages.interrupt()
    done = pages.finish()
    assert done.code == 0
    assert "Traceback" not in done.text
    pages.wait_for_silence(lambda: _status(port) is None, "the server ends with its command")


def test_ui_ended_by_sigterm_takes_its_server_with_it(main_job: Measured, port: int) -> None:
    pages = _served(main_job, port)
    pages.process.terminate()
    pages.finish()
    try:
        pages.wait_for_silence(lambda: _status(port) is None, "the server ends with its command")
    finally:
        pages.end()


def test_ui_does_not_take_a_port_that_is_in_use(main_job: Measured) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = main_job.desk.run("ui", "--port", str(taken.getsockname()[1]))
    assert done.code == 2
    assert "in use" in done.text


def test_the_command_line_of_mlflow_lists_the_runs(main_job: Measured) -> None:
    (experiment,) = {run.info.experiment_id for run in main_job.children}
    done = main_job.desk.call(
        *(sys.executable, "-m", "mlflow", "runs", "list", "--experiment-id", experiment),
        MLFLOW_TRACKING_URI=main_job.store.uri,
    )
    assert done.code == 0, done.err
    for run in (main_job.parent, *main_job.children):
        assert run.info.run_id in done.text


def _address(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def _served(main_job: Measured, port: int) -> Started:
    """``embprof ui``, once it serves the store of the main job."""
    pages = main_job.desk.start("ui", "--port", str(port))
    pages.wait_for(lambda: _status(port) == 200, "the pages are served")
    assert _address(port) in pages.out
    return pages


def _status(port: int) -> int | None:
    try:
        return requests.get(_address(port), timeout=5).status_code
    except requests.RequestException:
        return None
