"""Sweeps whose rows are measured in rounds: real workers that wait stopped, die, and are left."""

from __future__ import annotations

import contextlib
import json
import time
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from embprof.sampling.isolation import CAN_PAUSE

if TYPE_CHECKING:
    from tests.integration.conftest import Desk, MakeDesk, Measured, Started

SERVICE = """
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

SECONDS = {"quick": 0.005, "alike": 0.00505, "nearly": 0.005025, "slow": 0.009, "dies": 0.005}
calls = 0


def nap(which):
    global calls
    calls += 1
    if which == "dies" and calls == 100:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(SECONDS[which])


class Spins:
    '''A thread computes without end; says what its process used between calls.'''

    def __init__(self, which):
        self.which, self.cpu, self.wall = which, 0.0, 0.0
        self.ended = None

    def setup(self):
        threading.Thread(target=self.spin, daemon=True).start()

    def spin(self):
        while True:
            pass

    def step(self):
        if self.ended is not None:
            self.cpu += time.process_time() - self.ended[0]
            self.wall += time.perf_counter() - self.ended[1]
        time.sleep(0.02)
        self.ended = time.process_time(), time.perf_counter()

    def teardown(self):
        used = {"cpu": self.cpu, "wall": self.wall}
        Path(f"used-{self.which}.json").write_text(json.dumps(used))


HELPER = "import sys, time; [print(time.sleep(0.005), flush=True) for line in sys.stdin]"


class Helped:
    '''Its calls are done by a process beside its own.'''

    def __init__(self, which):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.helper = subprocess.Popen([sys.executable, "-c", HELPER], **pipes)

    def step(self):
        self.helper.stdin.write(b"one\\n")
        self.helper.stdin.flush()
        self.helper.stdout.readline()

    def teardown(self):
        self.helper.kill()
        self.helper.wait()
"""
NAP = ("-m", "workload=callable", "workload.function=service:nap")
SMALL = ("warmup.iterations=2", "warmup.seconds=0", "warmup.max_seconds=1")
UNDECIDED = ("race.bound=0.0001", "race.max_seconds=6")
"""Rows that differ by half a percent stay in the race to its end."""
SILENCE = 60.0
"""Seconds in which all processes of a sweep that was killed are gone."""
SHARE_AWAKE = 0.3
"""Of the time between its calls that a worker which spins may use: what answering takes.

Not stopped it uses nearly all of it, where nothing else wants the CPUs.
"""
pytestmark = pytest.mark.skipif(not CAN_PAUSE, reason="workers are stopped on Linux alone")


def rows(*which: str) -> str:
    return f"+workload.arguments.which={','.join(which)}"


@pytest.fixture
def service(desk: Desk) -> Desk:
    """A folder with the functions that are measured."""
    (desk.path / "service.py").write_text(SERVICE)
    return desk


@pytest.fixture(scope="module")
def naps(make_desk: MakeDesk) -> Measured:
    desk = make_desk("rounds")
    (desk.path / "service.py").write_text(SERVICE)
    return desk.measure(
        *NAP, rows("quick", "slow", "alike"), *SMALL, "race.max_seconds=15", report=True
    )


def races(desk: Desk, sweep_id: str) -> list[dict[str, Any]]:
    file = desk.sweep(sweep_id) / "races.json"
    if not file.exists():
        return []
    found: list[dict[str, Any]] = json.loads(file.read_text())["races"]
    return found


def standings(race: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """How rows stand, by the last part of their run's id."""
    return {one["run"].rpartition("/")[2]: one for one in race["standings"]}


def family(started: Started) -> list[psutil.Process]:
    return psutil.Process(started.process.pid).children(recursive=True)


def waiting(started: Started) -> list[psutil.Process]:
    """Workers that are stopped."""
    found = []
    for process in family(started):
        with contextlib.suppress(psutil.Error):
            if process.status() == psutil.STATUS_STOPPED:
                found.append(process)
    return found


def waiting_helpers(started: Started) -> list[psutil.Process]:
    """Stopped processes whose parents are stopped too."""
    stopped = waiting(started)
    pids = {one.pid for one in stopped}
    found = []
    for one in stopped:
        with contextlib.suppress(psutil.Error):
            if one.ppid() in pids:
                found.append(one)
    return found


def left(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that are still there after a while; one that nobody has asked for its end is gone."""
    patience = time.monotonic() + SILENCE
    while (alive := [one for one in processes if not _is_gone(one)]) and (
        time.monotonic() < patience
    ):
        time.sleep(0.02)
    return alive


def _is_gone(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_rows_of_a_sweep_are_compared_and_ranked(naps: Measured) -> None:
    assert naps.done.code == 0
    (race,) = races(naps.desk, naps.sweep_id)
    stand = standings(race)
    assert race["leader"].rpartition("/")[2] in ("0", "2")
    assert (stand["1"]["word"], stand["1"]["ratio"] > 1.3) == ("slower", True)
    assert len(race["pairs"]) == 3
    assert "vs best" in naps.done.out
    assert "rank" in naps.done.out


def test_the_answer_names_a_row_of_the_fastest(naps: Measured) -> None:
    (race,) = races(naps.desk, naps.sweep_id)
    best = ("quick", "alike")[race["leader"].endswith("/2")]
    report = (naps.desk.sweep(naps.sweep_id) / "report" / "PROFILING_REPORT.md").read_text()
    assert best in report
    assert best in naps.done.out


def test_standings_are_in_mlflow(naps: Measured) -> None:
    (race,) = races(naps.desk, naps.sweep_id)
    stand = standings(race)
    for job, run in enumerate(naps.children):
        mine = stand[str(job)]
        assert run.data.metrics["best_ratio"] == pytest.approx(mine["ratio"])
        assert run.data.metrics["best_ratio_low"] == pytest.approx(mine["low"])
        assert run.data.metrics["best_ratio_high"] == pytest.approx(mine["high"])
        assert run.data.tags["embprof.rank"].rstrip("?") == str(mine["rank"])


def test_rows_one_by_one_are_not_compared(service: Desk) -> None:
    words = (*NAP, rows("quick", "slow"), *SMALL, "order=one_by_one", "iterations=20")
    measured = service.measure(*words)
    assert measured.done.code == 0
    assert races(service, measured.sweep_id) == []
    assert "vs best" not in measured.done.out


def test_a_row_whose_worker_dies_leaves_the_race_and_the_others_are_compared(
    service: Desk,
) -> None:
    words = (*NAP, rows("quick", "dies", "slow"), *SMALL, "race.max_seconds=15")
    measured = service.measure(*words)
    assert measured.done.code == 1
    assert [measured.answer(job)["status"] for job in (0, 1, 2)] == ["ok", "failed", "ok"]
    assert "SIGKILL" in measured.answer(1)["reason"]
    assert "#1 failed" in measured.done.text
    assert measured.answer(1)["figures"]
    (race,) = races(service, measured.sweep_id)
    stand = standings(race)
    assert stand["1"]["rank"] is None
    assert "SIGKILL" in stand["1"]["left"]
    assert (stand["0"]["word"], stand["2"]["word"]) == ("fastest", "slower")


def test_every_row_makes_exactly_its_iterations(service: Desk) -> None:
    words = (*NAP, rows("quick", "slow", "alike"), *SMALL, "iterations=12")
    measured = service.measure(*words)
    assert measured.done.code == 0
    made = [len(measured.readings(job).values("call_time")) for job in (0, 1, 2)]
    assert made == [12, 12, 12]


def test_ctrl_c_in_a_round_keeps_all_slices_and_resume_finishes(service: Desk) -> None:
    started = service.start(*NAP, rows("quick", "nearly"), *SMALL, *UNDECIDED, "report=false")
    started.wait_for(
        lambda: all(service.has_measured(job, slices=3) for job in (0, 1)), "three rounds"
    )
    alive = family(started)
    started.interrupt()
    done = started.finish()
    assert done.code == 130
    assert "Traceback" not in done.text
    assert left(alive) == []
    for job in (0, 1):
        assert service.answer(done.sweep_id, job)["status"] == "interrupted"
        assert len(service.slices(done.sweep_id, job)) >= 3
    resumed = service.measure("resume=last")
    assert resumed.done.code == 0
    assert "vs best" in resumed.done.out
    race = races(service, done.sweep_id)[-1]
    assert {one["run"] for one in race["standings"]} == {
        f"{done.sweep_id}/resumed-1/{job}" for job in (0, 1)
    }


@pytest.mark.parametrize("isolation", ["fork", "fresh"])
def test_workers_that_wait_end_with_a_sweep_that_is_killed(service: Desk, isolation: str) -> None:
    words = (*NAP, rows("quick", "nearly"), *SMALL, *UNDECIDED, "report=false")
    started = service.start(*words, f"isolation={isolation}")
    started.wait_for(
        lambda: service.has_measured(0) and service.has_measured(1) and waiting(started),
        "a worker waits",
    )
    alive = family(started)
    started.process.kill()
    started.finish()
    assert left(alive) == []
    resumed = service.run("resume=last")
    assert resumed.code == 0
    assert "vs best" in resumed.out


@pytest.mark.parametrize("how", ["killed", "interrupted"])
@pytest.mark.parametrize("isolation", ["fork", "fresh"])
def test_processes_of_workers_wait_with_them_and_end_with_the_sweep(
    service: Desk, isolation: str, how: str
) -> None:
    function = "workload.function=service:Helped"
    words = ("-m", "workload=callable", function, rows("a", "b"), *SMALL, *UNDECIDED)
    started = service.start(*words, f"isolation={isolation}", "report=false")
    started.wait_for(lambda: waiting_helpers(started), "a worker waits with its helper")
    alive = family(started)
    if how == "killed":
        started.process.kill()
        started.finish()
    else:
        started.interrupt()
        assert started.finish().code == 130
    assert left(alive) == []


@pytest.mark.alone
def test_a_worker_that_waits_uses_no_cpu(service: Desk) -> None:
    function = "workload.function=service:Spins"
    words = ("-m", "workload=callable", function, rows("a", "b"), *SMALL, *UNDECIDED)
    measured = service.measure(*words, "slice_seconds=0.4")
    assert measured.done.code == 0
    for which in ("a", "b"):
        used = json.loads((service.path / f"used-{which}.json").read_text())
        assert used["wall"] > 0.5, "it waited"
        assert used["cpu"] < SHARE_AWAKE * used["wall"]
