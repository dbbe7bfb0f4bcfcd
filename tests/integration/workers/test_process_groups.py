"""Processes that a workload starts wait with its worker, go on with it, and end with it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from embprof.sampling.isolation import CAN_PAUSE

if TYPE_CHECKING:
    from embprof.sampling.isolation import Worker, Workers
    from embprof.sampling.messages import WorkerSpec

MakeSpec = Callable[..., "WorkerSpec"]
Eventually = Callable[[Callable[[], object]], bool]
IsGone = Callable[[int], bool]
Family = Callable[["Worker"], list[psutil.Process]]

WORKLOAD = """
import subprocess
import sys

from embprof.testing import Sleep

HELPER = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'])"


class Helped(Sleep):
    '''Has a process beside its own, which has one too; both read until this one is gone.'''

    def load(self):
        super().load()
        self.helper = subprocess.Popen([sys.executable, "-c", HELPER], stdin=subprocess.PIPE)
"""
pytestmark = pytest.mark.skipif(not CAN_PAUSE, reason="workers are stopped on Linux alone")


@pytest.fixture(params=[False, True], ids=["fork", "fresh"])
def helped(
    workers: Workers, spec: MakeSpec, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Worker]:
    """A worker whose workload has a child and a grandchild."""
    name = f"helped_{request.param}"
    (tmp_path / f"{name}.py").write_text(WORKLOAD)
    with workers.start(spec(f"{name}.Helped", waits=True, fresh=request.param)) as worker:
        worker.ask("open")
        yield worker


@pytest.fixture
def family(eventually: Eventually) -> Family:
    """Waits until both are there."""

    def find(worker: Worker) -> list[psutil.Process]:
        process = psutil.Process(worker.pid)
        assert eventually(lambda: len(process.children(recursive=True)) == 2)
        return process.children(recursive=True)

    return find


def are_stopped(processes: list[psutil.Process]) -> list[bool]:
    return [one.status() == psutil.STATUS_STOPPED for one in processes]


def test_processes_of_a_worker_wait_with_it_and_go_on_with_it(
    helped: Worker, family: Family, eventually: Eventually
) -> None:
    both = family(helped)
    for _ in range(2):
        helped.pause()
        assert eventually(lambda: all(are_stopped([psutil.Process(helped.pid), *both])))
        helped.ask("observe", 1)
        assert are_stopped(both) == [False, False]


def test_a_process_that_ends_while_it_waits_costs_nothing(
    helped: Worker, family: Family, eventually: Eventually, is_gone: IsGone
) -> None:
    both = family(helped)
    helped.pause()
    for one in both:
        one.kill()
    assert eventually(lambda: all(is_gone(one.pid) for one in both))
    assert helped.ask("observe", 1).samples[0].values


@pytest.mark.parametrize("is_paused", [True, False])
def test_processes_of_a_worker_end_with_it_when_it_is_killed(
    helped: Worker, family: Family, eventually: Eventually, is_gone: IsGone, *, is_paused: bool
) -> None:
    both = family(helped)
    if is_paused:
        helped.pause()
    helped.kill()
    assert eventually(lambda: all(is_gone(one.pid) for one in both))


def test_processes_that_wait_end_with_a_worker_that_something_else_kills(
    helped: Worker, family: Family, eventually: Eventually, is_gone: IsGone
) -> None:
    """Stopped, they could not see by themselves that nobody is left who would wake them."""
    both = family(helped)
    helped.pause()
    assert eventually(lambda: all(are_stopped(both)))
    os.kill(helped.pid, signal.SIGKILL)
    assert eventually(lambda: all(is_gone(one.pid) for one in both))
