"""A server for a sweep: it answers, and nothing of it is left, however the sweep ends."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from embprof.services.postgres import package

if TYPE_CHECKING:
    from tests.integration.postgres.conftest import AreGone, Ask, Eventually, SharedMemory, Stage

pytestmark = pytest.mark.postgres

IS_ROOT = os.geteuid() == 0
USER = "daemon"
"""An account of every system that is not the one which root's servers run as."""


def test_a_server_answers_with_pgvector_and_leaves_nothing(
    stage: Stage, are_gone: AreGone, ask: Ask, shared_memory: SharedMemory
) -> None:
    parent = stage.ready()
    facts, family = parent.facts, parent.family()
    assert parent.said == ["starting PostgreSQL 18.4 (embedded) …"]
    assert facts["name"] == f"PostgreSQL {facts['version']} (embedded)"
    ask(facts["dsn"], "CREATE EXTENSION vector")
    ((distance, version),) = ask(
        facts["dsn"],
        "SELECT '[0,3]'::vector <-> '[4,0]', extversion FROM pg_extension WHERE extname = 'vector'",
    )
    assert distance == 5.0
    assert facts["pgvector"] == version
    assert facts["may_create"]
    assert facts["settings"]["fsync"] == "on"
    assert psutil.Process(facts["pid"]).name() == "postgres"
    assert len(stage.folders) == 1
    assert shared_memory(facts["pid"])
    assert parent.finish() == {"fds": 0, "children": 0}
    assert len(family) > 3
    assert are_gone(family)
    assert stage.folders == []
    assert shared_memory(facts["pid"]) == []


def test_what_the_shell_says_of_another_server_changes_nothing(stage: Stage) -> None:
    variables = {"PGHOST": "elsewhere", "PGHOSTADDR": "127.0.0.1", "PGPORT": "1", "PGUSER": "eve"}
    dsn = stage.ready(**variables, PGOPTIONS="-c work_mem=1GB").facts["dsn"]
    shell = {**os.environ, **variables, "PGOPTIONS": "-c work_mem=1GB"}
    asked = "import psycopg, sys; print(*psycopg.connect(sys.argv[1]).execute('SHOW work_mem'))"
    done = subprocess.run(
        [sys.executable, "-c", asked, dsn], env=shell, capture_output=True, text=True, check=True
    )
    assert "4MB" in done.stdout


def test_nothing_is_left_when_the_sweep_is_killed(
    stage: Stage, eventually: Eventually, are_gone: AreGone
) -> None:
    parent = stage.ready()
    family = parent.family()
    parent.kill()
    assert eventually(lambda: are_gone(family))
    assert stage.folders == []


def test_nothing_is_left_when_the_keeper_is_killed(
    stage: Stage, eventually: Eventually, are_gone: AreGone, shared_memory: SharedMemory
) -> None:
    parent = stage.ready()
    family = parent.family()
    parent.keeper.kill()
    assert eventually(lambda: are_gone(family)), "the server ends although the sweep goes on"
    assert parent.finish() == {"fds": 0, "children": 0}
    assert stage.folders == []
    assert shared_memory(parent.facts["pid"]) == []


def test_nothing_is_left_when_the_server_is_killed(
    stage: Stage, eventually: Eventually, are_gone: AreGone, shared_memory: SharedMemory
) -> None:
    parent = stage.ready()
    family = parent.family()
    psutil.Process(parent.facts["pid"]).kill()
    assert eventually(lambda: are_gone([one for one in family if one != parent.keeper]))
    assert parent.finish() == {"fds": 0, "children": 0}
    assert any("ended before the sweep" in said for said in parent.said), "the user hears of it"
    assert stage.folders == []
    assert shared_memory(parent.facts["pid"]) == []


def test_what_stays_when_all_are_killed_is_removed_by_the_next_sweep(
    stage: Stage, eventually: Eventually, are_gone: AreGone
) -> None:
    parent = stage.ready()
    family = parent.family()
    keeper = parent.keeper
    parent.kill(signal.SIGSTOP)
    keeper.kill()
    parent.kill()
    assert eventually(lambda: are_gone(family))
    (left,) = stage.folders
    later = stage.ready()
    assert not left.exists()
    later.finish()
    assert stage.folders == []


def test_a_server_that_was_killed_with_all_others_leaves_no_shared_memory(
    stage: Stage, eventually: Eventually, are_gone: AreGone, shared_memory: SharedMemory
) -> None:
    parent = stage.ready()
    family = parent.family()
    parent.keeper.suspend()
    psutil.Process(parent.facts["pid"]).kill()
    parent.keeper.kill()
    parent.kill()
    assert eventually(lambda: are_gone(family))
    assert shared_memory(parent.facts["pid"])
    stage.ready().finish()
    assert stage.folders == []
    assert shared_memory(parent.facts["pid"]) == []


def test_a_keeper_that_is_asked_to_end_ends_its_server(
    stage: Stage, eventually: Eventually, are_gone: AreGone
) -> None:
    parent = stage.ready()
    family = parent.family()
    parent.keeper.terminate()
    assert eventually(lambda: are_gone(family))
    assert stage.folders == []
    assert parent.finish() == {"fds": 0, "children": 0}


@pytest.mark.parametrize("seconds", [0.0, 0.4])
@pytest.mark.parametrize("how", ["interrupted", "killed"])
def test_nothing_is_left_when_the_start_is(
    stage: Stage, how: str, seconds: float, eventually: Eventually, are_gone: AreGone
) -> None:
    parent = stage.start()
    parent.hear_a_word()
    time.sleep(seconds)
    family = parent.family()
    if how == "killed":
        parent.kill()
    else:
        parent.interrupt()
        parent.finish()
    assert eventually(lambda: are_gone(family))
    assert stage.folders == []


def test_two_sweeps_have_a_server_each(stage: Stage, ask: Ask) -> None:
    first, second = stage.start(), stage.start()
    first.wait_ready()
    second.wait_ready()
    assert first.facts["pid"] != second.facts["pid"]
    first.finish()
    assert ask(second.facts["dsn"], "SELECT 1") == [(1,)]


@pytest.mark.skipif(not IS_ROOT, reason="all tests run as an ordinary user already")
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv")
def test_an_ordinary_user_has_a_server_too(
    stage: Stage, eventually: Eventually, are_gone: AreGone, ask: Ask
) -> None:
    # It may read what only root may, else nothing of a checkout in root's home could run.
    reading = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")
    user = ("setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", *reading)
    parent = stage.start(user=user).wait_ready()
    family = parent.family()
    (folder,) = stage.folders
    assert folder.owner() == USER
    assert folder.stat().st_mode & 0o777 == 0o700
    ask(parent.facts["dsn"], "CREATE EXTENSION vector")
    assert psutil.Process(parent.facts["pid"]).username() == USER
    parent.kill()
    assert eventually(lambda: are_gone(family))
    assert stage.folders == []


@pytest.mark.skipif(not IS_ROOT, reason="for an ordinary user nothing is copied")
def test_programs_that_only_root_may_read_are_copied_and_not_opened(
    stage: Stage, tmp_path: Path, ask: Ask
) -> None:
    closed = tmp_path / "closed"
    package.copy(package.installation(), closed)
    (closed / package.PACKAGE / "__init__.py").touch()
    closed.chmod(0o700)
    parent = stage.ready(PYTHONPATH=str(closed))
    (folder,) = stage.folders
    assert list(folder.glob("install/*/*/bin/postgres"))
    assert closed.stat().st_mode & 0o777 == 0o700
    ask(parent.facts["dsn"], "CREATE EXTENSION vector")
    parent.finish()
    assert stage.folders == []
