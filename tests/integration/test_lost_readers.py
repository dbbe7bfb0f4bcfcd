"""A terminal that is closed, a pipe that nobody reads any more: no finished run is lost."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import Desk, Started

SWEEP = ("-m", "workload=nap", "batch_size=1,2,3")
PROTOCOL = (
    *("iterations=120", "slice_seconds=0.05", "warmup.iterations=0", "warmup.seconds=0"),
    "report=false",
)
ON_A_TERMINAL = """\
import fcntl, os, sys, termios
terminal = os.open(sys.argv[1], os.O_RDWR)
fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
os.dup2(terminal, 0)
os.dup2(terminal, 1)
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""
"""Makes a terminal this session's own, then runs Python on it; standard error stays where it is."""


@dataclass(kw_only=True)
class Terminal:
    """A pseudo-terminal with a command on it; we hold the end where a window would be."""

    ours: int
    theirs: int
    said: str = ""
    _closed: bool = field(default=False, init=False)

    def start(self, desk: Desk, *words: str) -> Started:
        """Starts ``python -m embprof`` on it."""
        arguments = (sys.executable, "-c", ON_A_TERMINAL, os.ttyname(self.theirs))
        return desk.launch(*arguments, "-m", "embprof", *words, TERM="xterm")

    def read(self) -> str:
        """All that was shown until now."""
        with contextlib.suppress(BlockingIOError):
            self.said += os.read(self.ours, 65_536).decode(errors="replace")
        return self.said

    def close(self) -> None:
        """What closing the window does."""
        if not self._closed:
            self._closed = True
            os.close(self.ours)
            os.close(self.theirs)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    ours, theirs = pty.openpty()
    os.set_blocking(ours, False)
    opened = Terminal(ours=ours, theirs=theirs)
    yield opened
    opened.close()


def test_a_sweep_whose_terminal_is_closed_is_interrupted_and_can_be_resumed(
    desk: Desk, terminal: Terminal
) -> None:
    started = terminal.start(desk, *SWEEP, *PROTOCOL, "order=one_by_one")
    started.wait_for(lambda: terminal.read() and desk.has_measured(1), "two slices of job 1")
    assert "#1 batch_size=2: measuring" in terminal.said, "the live line was on the terminal"
    terminal.close()
    done = started.finish()
    assert done.code == 130
    assert done.err == ""
    sweep_id, content = _the_sweep(desk)
    assert content["status"] == "interrupted"
    measured, cut = (desk.answer(sweep_id, job) for job in (0, 1))
    assert measured["status"] == "ok"
    assert cut["status"] == "interrupted"
    assert "SIGHUP" in cut["reason"]
    assert cut["figures"]
    assert not (desk.sweep(sweep_id) / "2" / "run.json").exists()
    assert not list(desk.mlruns.glob("active/*"))

    resumed = desk.run("resume=last")
    assert resumed.code == 0, resumed.text
    assert resumed.sweep_id == sweep_id
    assert "3 jobs, 1 answered before" in resumed.text
    statuses = [desk.answer(sweep_id, f"resumed-1/{job}")["status"] for job in (1, 2)]
    assert statuses == ["ok", "ok"]
    assert not (desk.sweep(sweep_id) / "resumed-1" / "0").exists()
    assert _the_sweep(desk)[1]["status"] == "ok"


def test_a_sweep_whose_reader_has_enough_leaves_its_runs_and_no_traceback(desk: Desk) -> None:
    command = (sys.executable, "-m", "embprof", *SWEEP, *PROTOCOL)
    done = desk.call("sh", "-c", '"$@" | head -1', "sh", *command)
    assert done.out == f"sweep {done.sweep_id}: 3 jobs\n"
    assert done.err == ""
    assert [desk.answer(done.sweep_id, job)["status"] for job in (0, 1, 2)] == ["ok", "ok", "ok"]
    assert _the_sweep(desk)[1]["status"] == "ok"
    statuses = [run.data.tags["embprof.status"] for run in desk.store.children(done.sweep_id)]
    assert statuses == ["ok", "ok", "ok"]


def _the_sweep(desk: Desk) -> tuple[str, dict[str, Any]]:
    """The id of the only sweep here, and what its sweep.json says."""
    (folder,) = desk.mlruns.glob("sweeps/*")
    content: dict[str, Any] = json.loads((folder / "sweep.json").read_text())
    return folder.name, content
