"""Jobs that fail in every way a process can: each says why, and the sweep goes on."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import MakeDesk, Measured

PROTOCOL = ("iterations=20", "slice_seconds=0.05", "warmup.iterations=0", "warmup.seconds=0")
FAILURES = {
    "raise": ("failed", "RuntimeError: failed on purpose"),
    "exit": ("failed", "ended by itself with exit code 3"),
    "segfault": ("failed", "killed by signal 11 (SIGSEGV)"),
    "kill": ("failed", "killed by signal 9 (SIGKILL)"),
    "hang": ("timeout", "not finished within time_limit=3.0 s"),
    "eat": ("out_of_memory", "MemoryError"),
}
MODULE = '''
from pathlib import Path


class Lazy:
    """Forgets to say how many items a step did."""

    items = "naps"

    def load(self):
        pass

    def step(self):
        pass

    def close(self):
        pass


class Unloaded(Lazy):
    """Finds nothing to load."""

    def load(self):
        raise FileNotFoundError("no service is here")


class Idle(Lazy):
    """Does no item at all."""

    def step(self):
        return 0


class Wordy(Lazy):
    """Describes itself with what no JSON file can hold."""

    def step(self):
        return 1

    def description(self):
        return {"where": Path.cwd()}
'''
CARELESS = ("lazy", "idle", "wordy")
EVERY = (*FAILURES, "unloaded", "prints")

CGROUP_LIMIT = 700_000_000


@pytest.fixture(scope="module")
def failures(make_desk: MakeDesk) -> Measured:
    """A sweep of jobs that fail after some calls, and at its end one that merely prints a lot."""
    desk = make_desk("failures")
    (desk.path / "careless.py").write_text(MODULE)
    for how in FAILURES:
        desk.option("workload", how, target="embprof.testing.Fails", how=how, at=8, seconds=0.01)
    desk.option("workload", "prints", target="embprof.testing.Prints", seconds=0.01)
    desk.option("workload", "unloaded", target="careless.Unloaded")
    return desk.measure(
        *("-m", f"workload={','.join(EVERY)}", *PROTOCOL, "time_limit=3", "memory_limit_mb=600"),
        report=True,
    )


@pytest.fixture(scope="module")
def careless(make_desk: MakeDesk) -> Measured:
    """A sweep of workloads whose answers cannot be used, and at its end a good one."""
    desk = make_desk("careless")
    (desk.path / "careless.py").write_text(MODULE)
    desk.option("workload", "lazy", target="careless.Lazy")
    desk.option("workload", "idle", target="careless.Idle")
    desk.option("workload", "wordy", target="careless.Wordy")
    return desk.measure("-m", f"workload={','.join((*CARELESS, 'nap'))}", *PROTOCOL)


def test_a_sweep_with_failed_jobs_ends_with_1_and_no_traceback(failures: Measured) -> None:
    assert failures.done.code == 1
    assert "Traceback" not in failures.done.text
    assert failures.parent.info.status == "FAILED"
    assert failures.parent.data.tags["embprof.status"] == "failed"


@pytest.mark.parametrize("how", FAILURES)
def test_a_failed_job_says_why_in_its_run(failures: Measured, how: str) -> None:
    status, reason = FAILURES[how]
    answer = failures.answer(EVERY.index(how))
    assert answer["status"] == status
    assert reason in answer["reason"]
    assert "while measuring" in answer["reason"]


@pytest.mark.parametrize("how", FAILURES)
def test_a_failed_job_says_why_in_mlflow(failures: Measured, how: str) -> None:
    status, reason = FAILURES[how]
    (run,) = (run for run in failures.children if run.data.params.get("workload.how") == how)
    assert run.info.status == "FAILED"
    assert run.data.tags["embprof.status"] == status
    assert reason in run.data.tags["embprof.reason"]


@pytest.mark.parametrize("how", FAILURES)
def test_a_failed_job_says_why_in_the_table(failures: Measured, how: str) -> None:
    status, reason = FAILURES[how]
    number, shown = EVERY.index(how), status.replace("_", " ")
    assert shown in failures.done.row(number)
    legend = failures.done.text.rpartition("marks")[2]
    assert f"#{number} {shown}: {reason}" in legend


@pytest.mark.parametrize("how", FAILURES)
def test_what_a_job_measured_before_it_failed_is_kept(failures: Measured, how: str) -> None:
    number = EVERY.index(how)
    calls = len(failures.readings(number).values("call_time"))
    assert 1 <= calls < 8
    (counted,) = (f for f in failures.answer(number)["figures"] if f["name"] == "calls")
    assert counted["estimate"]["value"] == calls


def test_the_job_after_a_failed_one_runs(failures: Measured) -> None:
    assert failures.answer(EVERY.index("prints"))["status"] == "ok"
    assert len(failures.children) == len(EVERY)


def test_a_workload_that_cannot_be_loaded_fails_its_job(failures: Measured) -> None:
    answer = failures.answer(EVERY.index("unloaded"))
    assert answer["status"] == "failed"
    assert "no service is here" in answer["reason"]
    assert "while loading" in answer["reason"]


def test_a_class_that_cannot_be_made_is_told_before_the_first_job(failures: Measured) -> None:
    desk = failures.desk
    desk.option("workload", "absent", target="careless.NotThere")
    desk.option("workload", "misspelt", target="careless.Lazy", colour="red")
    sweeps = set((desk.mlruns / "sweeps").iterdir())
    done = desk.run("-m", "workload=absent,misspelt,prints", *PROTOCOL)
    assert done.code == 2
    assert "careless.NotThere: the module has no NotThere" in done.text
    assert "workload.colour: Lazy takes no colour" in done.text
    assert set((desk.mlruns / "sweeps").iterdir()) == sweeps


def test_a_workload_whose_answers_cannot_be_used_never_ends_the_sweep(careless: Measured) -> None:
    assert careless.done.code == 1
    assert "Traceback" not in careless.done.text
    assert careless.answer(CARELESS.index("wordy"))["reason"] != ""
    assert careless.answer(len(CARELESS))["status"] == "ok"
    assert careless.parent.data.tags["embprof.status"] == "failed"


def test_a_workload_that_forgets_to_count_fails_its_job(careless: Measured) -> None:
    assert careless.answer(CARELESS.index("lazy"))["status"] == "failed"
    assert "failed" in careless.done.row(CARELESS.index("lazy"))


def test_a_workload_that_does_no_items_has_no_throughput_and_says_why(careless: Measured) -> None:
    answer = careless.answer(CARELESS.index("idle"))
    (throughput,) = (f for f in answer["figures"] if f["name"] == "throughput_naps_per_s")
    assert throughput["estimate"] is None
    assert "no items" in throughput["note"]


def test_the_traceback_of_a_workload_is_in_its_log(failures: Measured) -> None:
    log = failures.desk.sweep(failures.sweep_id) / str(EVERY.index("raise")) / "worker.log"
    assert "Traceback (most recent call last)" in log.read_text()
    assert 'RuntimeError("failed on purpose")' in log.read_text()


def test_what_a_workload_prints_goes_to_its_log_and_never_to_the_terminal(
    failures: Measured, tmp_path: Path
) -> None:
    assert "chatter" not in failures.done.text
    number = EVERY.index("prints")
    log = (failures.desk.sweep(failures.sweep_id) / str(number) / "worker.log").read_text()
    for line in ("chatter on stdout", "chatter on stderr", "chatter from below"):
        assert log.count(line) == 20
    (run,) = (
        run for run in failures.children if run.data.tags["embprof.run"].endswith(f"/{number}")
    )
    assert failures.store.download(run, "worker.log", tmp_path).read_text() == log


@pytest.fixture
def small_cgroup() -> Iterator[Path]:
    """The file to write a process id to, so that it and its children share little memory."""
    old = Path("/sys/fs/cgroup/memory")
    new = Path("/sys/fs/cgroup")
    if (old / "memory.limit_in_bytes").exists():
        folder, limits = old, {"memory.limit_in_bytes": CGROUP_LIMIT}
    elif "memory" in _words(new / "cgroup.subtree_control"):
        folder, limits = new, {"memory.max": CGROUP_LIMIT, "memory.swap.max": 0}
    else:
        pytest.skip("this system has no cgroup that could bound memory")
    group = folder / f"embprof-test-{os.getpid()}"
    try:
        group.mkdir()
        for name, limit in limits.items():
            (group / name).write_text(str(limit))
    except OSError as error:
        with contextlib.suppress(OSError):
            group.rmdir()
        pytest.skip(f"no cgroup can be made here ({error}); that takes root")
    yield group / "cgroup.procs"
    for _ in range(100):  # a process that ended a moment ago may still be counted in it
        with contextlib.suppress(OSError):
            group.rmdir()
            break
        time.sleep(0.1)


def test_a_job_that_the_kernel_kills_for_memory_is_out_of_memory_and_the_sweep_goes_on(
    make_desk: MakeDesk, small_cgroup: Path
) -> None:
    desk = make_desk("kernel")
    desk.option("workload", "eats", target="embprof.testing.Fails", how="eat", at=8, seconds=0.01)
    done = desk.call(
        *("sh", "-c", f'echo $$ > {small_cgroup} && exec "$@"', "sh"),
        *(sys.executable, "-m", "embprof", "-m", "workload=eats,nap", *PROTOCOL),
    )
    assert done.code == 1, done.text
    eaten, slept = (desk.answer(done.sweep_id, job) for job in (0, 1))
    assert eaten["status"] == "out_of_memory"
    assert "killed by the kernel" in eaten["reason"]
    assert slept["status"] == "ok"


def _words(file: Path) -> list[str]:
    try:
        return file.read_text().split()
    except OSError:
        return []
