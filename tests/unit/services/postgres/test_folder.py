"""Whose temporary folder may be removed."""

import fcntl
import os
import time
from pathlib import Path

import pytest

from embprof.errors import ServiceError
from embprof.services.postgres import folder as folders


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands for the system's temporary folder."""
    monkeypatch.setattr(folders, "parents", lambda: [tmp_path])
    monkeypatch.setattr(folders, "LONGEST_PLACE", len(os.fsencode(tmp_path)))
    return tmp_path


def dead() -> list[Path]:
    return [found.path for found in folders.dead()]


def made() -> folders.Folder:
    return folders.make(for_others=False)


def test_a_folder_is_dead_when_its_last_process_is_gone_and_not_before() -> None:
    folder = made()
    inherited = os.dup(folder.lock)  # as a server has it
    assert dead() == []
    os.close(folder.lock)
    assert dead() == []
    os.close(inherited)
    assert dead() == [folder.path]


def test_a_dead_folder_is_locked_while_it_is_looked_at() -> None:
    os.close(made().lock)
    for _ in folders.dead():
        assert dead() == [], "another sweep leaves it alone"


def test_a_folder_without_a_lock_is_dead_only_if_it_is_not_just_being_made(place: Path) -> None:
    folder = place / f"{folders.PREFIX}abc"
    folder.mkdir()
    assert dead() == []
    hour_ago = time.time() - 3600
    os.utime(folder, (hour_ago, hour_ago))
    assert dead() == [folder]


@pytest.mark.parametrize("kind", ["file", "link"])
def test_what_is_no_folder_is_left_alone(place: Path, kind: str) -> None:
    elsewhere = place / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "lock").touch()
    trap = place / f"{folders.PREFIX}trap"
    if kind == "file":
        trap.touch()
    else:
        trap.symlink_to(elsewhere)
    assert dead() == []


def test_folders_of_other_users_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    os.close(made().lock)
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    assert dead() == []


def test_a_folder_that_was_taken_for_dead_while_it_was_made_is_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken: list[int] = []

    def held_by_another_once(lock: int, how: int) -> None:
        if not taken:
            taken.append(lock)
            raise BlockingIOError
        flock(lock, how)

    flock = fcntl.flock
    monkeypatch.setattr(fcntl, "flock", held_by_another_once)
    folder = made()
    assert folder.path.exists()
    assert folder.lock >= 0


def test_removing_a_folder_removes_all_and_may_be_done_twice() -> None:
    folder = made()
    (folder.path / "data").mkdir(mode=0o700)
    (folder.path / "data/file").touch()
    folders.remove(folder)
    folders.remove(folder)
    assert not folder.path.exists()


def test_a_folder_for_others_can_be_passed_through_and_not_looked_into(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(folders, "_suits", lambda *_, **__: True)
    assert folders.make(for_others=True).path.stat().st_mode & 0o777 == 0o711
    assert made().path.stat().st_mode & 0o777 == 0o700


def test_a_place_that_is_closed_to_others_is_refused_for_them(place: Path) -> None:
    place.chmod(0o700)
    with pytest.raises(ServiceError, match="open to all users"):
        folders.make(for_others=True)


def test_a_place_that_is_too_deep_for_a_socket_is_refused_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(folders, "LONGEST_PLACE", 3)
    with pytest.raises(ServiceError, match=r"path of at most 3 bytes.*set TMPDIR"):
        made()
