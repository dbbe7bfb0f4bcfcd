"""Servers of a sweep: started once, before its first job, and gone after it however it ends."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import Desk, MakeDesk, Measured

MODULE = '''
import os
import subprocess
import sys
from pathlib import Path

from embprof.errors import ServiceError
from embprof.model import Samples


class Clerk:
    """A server that sleeps, and writes down when it comes and goes."""

    def __init__(self, word, starts=True):
        self.word, self.starts, self.process = word, starts, None

    def start(self, say):
        if not self.starts:
            raise ServiceError(f"clerk {self.word}: nobody there; call later")
        say(f"waking clerk {self.word} ...")
        self.process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        self._note("came")
        return {"word": self.word, "pid": self.process.pid, "torch": "torch" in sys.modules}

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
            self._note("went")

    def _note(self, what):
        with Path("clerk.log").open("a") as log:
            log.write(f"{what} {self.word} {self.process.pid if self.process else 0}\\n")


class Asking:
    items = "questions"

    def __init__(self, service, batch_size):
        self.service, self.batch_size = service, batch_size

    def load(self):
        os.kill(self.service["pid"], 0)

    def step(self):
        sum(range(20000))
        return self.batch_size

    def quality(self):
        best = Samples(name="wit_at_10", unit="%", better="higher", values=(75.0,), summary="last")
        size = Samples(name="desk", unit="MB", better="lower", values=(3.0,), summary="last")
        return best, size

    def server_cpu_seconds(self):
        return 0.0

    def files(self):
        path = Path("told.txt").resolve()
        path.write_text(self.service["word"])
        return (path,)

    def description(self):
        return {"word": self.service["word"], "in_parent": self.service["torch"]}

    def close(self):
        pass
'''
SMALL = ("iterations=20", "max_seconds=1", "warmup.seconds=0", "report=false")


def prepared(desk: Desk) -> Desk:
    (desk.path / "clerks.py").write_text(MODULE)
    service = {"_target_": "clerks.Clerk", "word": "yes"}
    desk.option(
        "workload", "asking", target="clerks.Asking", service=service, batch_size="${batch_size}"
    )
    return desk


@pytest.fixture(scope="module")
def asked(make_desk: MakeDesk) -> Measured:
    desk = prepared(make_desk("services"))
    return desk.measure("-m", "workload=asking", "batch_size=1,2", *SMALL)


def test_a_server_is_started_once_for_all_jobs_and_gone_after_them(asked: Measured) -> None:
    assert asked.done.code == 0, asked.done.text
    came, went = (asked.desk.path / "clerk.log").read_text().splitlines()
    assert (came.split()[:2], went.split()[:2]) == (["came", "yes"], ["went", "yes"])
    assert not Path(f"/proc/{came.split()[2]}").exists()
    assert "waking clerk yes" in asked.done.text


def test_a_workload_is_given_what_its_server_said_and_the_parent_has_no_torch(
    asked: Measured,
) -> None:
    for job in (0, 1):
        described = asked.answer(job)["description"]
        assert (described["word"], described["in_parent"]) == ("yes", False)
        assert asked.answer(job)["config"]["workload"]["service"]["word"] == "yes"


def test_quality_is_read_once_kept_as_figures_and_shown(asked: Measured) -> None:
    figures = {figure["name"]: figure for figure in asked.answer(0)["figures"]}
    assert figures["wit_at_10_percent"]["estimate"]["value"] == 75
    assert "wit@10 %" in asked.done.out
    assert asked.readings(0).values("wit_at_10") == [75.0]
    assert asked.answer(0)["description"]["quality"] == "wit_at_10_percent desk_mb"
    assert asked.children[0].data.metrics["desk_mb"] == 3


def test_files_of_a_workload_are_kept_with_its_run(asked: Measured) -> None:
    assert "told.txt" in asked.store.artifacts(asked.children[0])


def test_a_server_that_does_not_start_ends_the_sweep_before_its_first_job(desk: Desk) -> None:
    prepared(desk)
    done = desk.run("workload=asking", "+workload.service.starts=false", *SMALL)
    assert done.code == 2
    assert "clerk yes: nobody there; call later" in done.err
    assert "Traceback" not in done.text
    (sweep,) = desk.mlruns.glob("sweeps/*/sweep.json")
    assert json.loads(sweep.read_text())["status"] == "failed"
    assert not (sweep.parent / "0" / "run.json").exists()


def test_ctrl_c_leaves_no_server_behind(desk: Desk) -> None:
    prepared(desk)
    started = desk.start("workload=asking", "max_seconds=60", "report=false", "precision=0.0001")
    started.wait_for(lambda: desk.has_measured(0), "measuring")
    started.interrupt()
    assert started.finish().code == 130
    pid = int((desk.path / "clerk.log").read_text().split()[2])
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.postgres
def test_a_sweep_that_is_killed_leaves_neither_its_database_nor_its_files(desk: Desk) -> None:
    words = ("workload=sql", "workload.rows=100", "max_seconds=60", "precision=0.0001")
    started = desk.start(*words, "report=false", TMPDIR=str(desk.path))
    started.wait_for(lambda: desk.has_measured(0), "measuring")
    begun = psutil.Process(started.process.pid).children(recursive=True)
    assert any("postgres" in process.name() for process in begun)
    started.process.kill()
    started.process.wait()
    started.wait_for_silence(lambda: not any(map(_lives, begun)), "its processes end")
    assert [path.name for path in desk.path.iterdir() if "postgres" in path.name] == []


def _lives(process: psutil.Process) -> bool:
    """Whether it does anything yet; what is left of it may wait to be buried."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
