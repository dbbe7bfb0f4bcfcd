"""All facts of a machine: of this one, and of one that tells nothing."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

import pytest

from embprof.doctor.traps import RULES, examine
from embprof.machine import facts
from embprof.machine.facts import sharing, storage
from embprof.machine.files import Files

MakeFiles = Callable[[Mapping[str, str]], Files]
CONFIG = {"threads": None, "wait_policy": "default"}


def test_this_machine_is_read_without_a_mistake(tmp_path: Path) -> None:
    found = facts.read(CONFIG, tmp_path / "mlruns", waited_for=None, quiet_seconds=0.05)
    examined = examine(found)
    assert len(examined.traps) + len(examined.not_told) >= len(RULES)
    assert json.loads(json.dumps(asdict(found)))["cpus"]["online"] >= 1
    assert found.storage.runs_free
    assert found.windows == (found.quiet.window,)


def test_a_system_without_files_is_read_without_a_mistake(files: MakeFiles, tmp_path: Path) -> None:
    found = facts.read(CONFIG, tmp_path, waited_for=None, files=files({}), quiet_seconds=0.01)
    assert {"turbo", "power", "huge pages", "free memory", "swap"} <= set(examine(found).not_told)


def test_runs_will_lie_where_the_first_folder_that_exists_has_room(tmp_path: Path) -> None:
    there = storage.read(tmp_path).runs_free
    not_yet = storage.read(tmp_path / "a" / "b").runs_free
    assert there is not None
    assert not_yet is not None
    assert not_yet == pytest.approx(there, rel=0.5)


def test_a_disk_that_cannot_be_asked_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise PermissionError

    monkeypatch.setattr("shutil.disk_usage", refuse)
    assert storage.read(Path("/")).runs_free is None


def test_the_lock_is_everybodys_unless_it_was_moved(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("EMBPROF_LOCK_DIR", raising=False)
    assert sharing.read("sweep 1").everybodys
    assert sharing.read("sweep 1").waited_for == "sweep 1"
    monkeypatch.setenv("EMBPROF_LOCK_DIR", str(tmp_path))
    assert not sharing.read(None).everybodys
