"""One sweep measures on a machine at a time."""

import json
import os
import tempfile
import threading
from pathlib import Path

import pytest

from embprof.machine import lock
from embprof.machine.lock import only_one


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EMBPROF_LOCK_DIR", str(tmp_path / "locks"))
    monkeypatch.setattr(lock, "POLL_SECONDS", 0.002)
    monkeypatch.setattr(lock, "SILENT_SECONDS", 0.01)
    return tmp_path / "locks"


def nobody_waits(holder: str) -> None:
    raise AssertionError(f"waited for {holder}")


def test_a_machine_that_nobody_holds_is_taken_without_a_word(folder: Path) -> None:
    with only_one("sweep-1", waiting=nobody_waits):
        held = json.loads((folder / "holder.json").read_text())
    assert held == {"sweep": "sweep-1", "pid": os.getpid()}


def test_a_machine_is_given_back_for_the_next() -> None:
    for sweep in ("sweep-1", "sweep-2"):
        with only_one(sweep, waiting=nobody_waits):
            pass
    with pytest.raises(RuntimeError), only_one("sweep-3", waiting=nobody_waits):
        raise RuntimeError
    with only_one("sweep-4", waiting=nobody_waits):
        assert True


def test_a_machine_that_is_held_is_waited_for_and_announced_once() -> None:
    said: list[str] = []
    order: list[str] = []
    announced = threading.Event()

    def waiting(holder: str) -> None:
        said.append(holder)
        announced.set()

    def second() -> None:
        with only_one("sweep-2", waiting=waiting):
            order.append("second")

    with only_one("sweep-1", waiting=nobody_waits):
        thread = threading.Thread(target=second)
        thread.start()
        assert announced.wait(5)
        order.append("first")
    thread.join(5)
    assert order == ["first", "second"]
    assert said == [f"sweep sweep-1 (process {os.getpid()})"]


def test_a_machine_that_was_given_back_does_not_name_its_last_holder(folder: Path) -> None:
    with only_one("sweep-1", waiting=nobody_waits):
        pass
    assert not (folder / "holder.json").exists()


def test_a_holder_that_is_not_known_is_another_sweep(folder: Path) -> None:
    said: list[str] = []

    def give_up(holder: str) -> None:
        said.append(holder)
        raise TimeoutError

    with only_one("sweep-1", waiting=nobody_waits):
        for content in ("", "{}"):
            (folder / "holder.json").write_text(content)
            with pytest.raises(TimeoutError), only_one("sweep-2", waiting=give_up):
                pass
    assert said == ["another sweep"] * 2


def test_the_lock_is_the_same_for_every_user_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("EMBPROF_LOCK_DIR")
    assert lock.lock_folder() == Path(tempfile.gettempdir()) / "embprof-locks"
