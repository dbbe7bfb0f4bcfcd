"""A store is asked once, for some seconds at most."""

import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from embprof.errors import StoreUnreachableError
from embprof.tracking import reachability
from embprof.tracking.reachability import knock


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def test_a_silent_server_costs_no_more_than_the_patience_for_it(
    silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reachability, "PATIENCE", 0.3)
    began = time.perf_counter()
    with pytest.raises((StoreUnreachableError, TimeoutError)):
        knock(f"http://{silent}")
    assert time.perf_counter() - began < 4


def test_a_server_that_is_not_there_is_told_at_once() -> None:
    with pytest.raises(ConnectionRefusedError):
        knock("http://127.0.0.1:9/prefix?token=x")


def test_any_answer_of_a_server_will_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            line, _ = server.accept()
            with line:
                asked.append(line.recv(1000))
                line.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

        asked: list[bytes] = []
        thread = threading.Thread(target=answer)
        thread.start()
        knock(f"http://127.0.0.1:{server.getsockname()[1]}/mlflow/")
        thread.join()
    assert asked[0].startswith(b"GET /mlflow/health HTTP/1.1\r\n")


def test_what_is_neither_database_nor_web_server_is_left_to_mlflow() -> None:
    for uri in ("nonsense://x", "databricks", "./mlruns", "file:///tmp/x"):
        knock(uri)


def test_a_file_is_opened_and_its_folder_made_as_mlflow_does(tmp_path: Path) -> None:
    knock(f"sqlite:///{tmp_path}/new/mlflow.db")
    (tmp_path / "text.db").write_text("this is no database, however long it may be\n" * 9)
    with pytest.raises(Exception, match="file is not a database"):
        knock(f"sqlite:///{tmp_path}/text.db")
    sqlite3.connect(tmp_path / "mine.db").close()
    knock(f"sqlite:///{tmp_path}/mine.db")
