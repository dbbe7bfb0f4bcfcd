"""A command that is forked of a warm process finds all as one that is started anew, and ends so."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import Desk, Done

LOOKS = """
import json, locale, os, resource, signal, sys, tempfile, threading

import mine

print(json.dumps({
    "words": sys.argv,
    "path": sys.path,
    "flags": str(sys.flags),
    "executable": sys.executable,
    "main": [sys.modules["__main__"].__name__, __file__, __package__, __spec__.name],
    "mine": mine.__file__,
    "has tests": "tests" in sys.modules,
    "has torch": "torch" in sys.modules,
    "folder": os.getcwd(),
    "temporary": tempfile.gettempdir(),
    "environment": {k: v for k, v in os.environ.items() if k != "LC_CTYPE"},
    "files": [os.path.exists(f"/proc/self/fd/{number}") for number in range(64)],
    "input": sys.stdin.read(),
    "streams": [
        [stream.encoding, stream.errors, stream.line_buffering, stream.isatty()]
        for stream in (sys.stdout, sys.stderr)
    ],
    "leads": [os.getpid() == os.getsid(0), os.getpid() == os.getpgid(0)],
    "signals": {number.name: str(signal.getsignal(number)) for number in (
        signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD, signal.SIGPIPE, signal.SIGIO
    )},
    "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
    "threads": [thread.name for thread in threading.enumerate()],
    "limits": [resource.getrlimit(one) for one in (resource.RLIMIT_NOFILE, resource.RLIMIT_DATA)],
    "mask": os.umask(0o22),
    "nice": os.nice(0),
    "locale": locale.setlocale(locale.LC_ALL),
}))
"""
ENDS = """
import atexit, os, signal, sys, threading, time

atexit.register(print, "at exit")
late = threading.Thread(target=lambda: (time.sleep(0.05), print("late")))
how = sys.argv[1]
print("printed")
if how == "number":
    sys.exit(3)
if how == "text":
    sys.exit("a reason")
if how == "thread":
    late.start()
if how == "error":
    raise ValueError("on purpose")
if how == "interrupt":
    signal.raise_signal(signal.SIGINT)
if how == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
"""


def _both(desk: Desk, *words: str) -> tuple[Done, Done]:
    """A module of the desk, forked and started anew."""
    started = desk.launch(sys.executable, "-m", *words), desk.fork(*words)
    anew, forked = (one.finish() for one in started)
    return anew, forked


def test_a_forked_command_finds_what_one_that_is_started_finds(desk: Desk) -> None:
    (desk.path / "looks.py").write_text(LOOKS)
    (desk.path / "mine.py").write_text("")
    anew, forked = _both(desk, "looks", "a=1", "b c")
    assert (anew.err, forked.err) == ("", "")
    assert json.loads(forked.out) == json.loads(anew.out)


@pytest.mark.parametrize("how", ["well", "number", "text", "thread", "error", "interrupt", "kill"])
def test_a_forked_command_ends_as_one_that_is_started_ends(desk: Desk, how: str) -> None:
    (desk.path / "ends.py").write_text(ENDS)
    anew, forked = _both(desk, "ends", how)
    assert (forked.code, forked.out) == (anew.code, anew.out)
    assert forked.err.splitlines()[-1:] == anew.err.splitlines()[-1:]


def test_one_forked_command_leaves_nothing_to_the_next(desk: Desk) -> None:
    (desk.path / "marks.py").write_text(
        "import os, sys, hydra\nprint(hasattr(hydra, 'marked'), 'MARKED' in os.environ)\n"
        "hydra.marked = True\nos.environ['MARKED'] = 'yes'\n"
    )
    for _ in range(2):
        _, forked = _both(desk, "marks")
        assert forked.out == "False False\n"


def test_what_imports_may_read_is_never_served_by_a_fork(desk: Desk) -> None:
    assert desk.commands.can_begin({**desk.environment, "MLFLOW_TRACKING_URI": "elsewhere"})
    for name in ("PYTHONPATH", "OMP_NUM_THREADS", "MLFLOW_LOGGING_LEVEL", "TZ", "unheard-of"):
        assert not desk.commands.can_begin({**desk.environment, name: "1"})


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGHUP])
def test_a_forked_command_that_hears_a_signal_ends_by_it(
    desk: Desk, number: signal.Signals
) -> None:
    (desk.path / "sleeps.py").write_text("import time\nprint('ready', flush=True)\ntime.sleep(60)")
    started = desk.fork("sleeps")
    started.wait_for(lambda: started.out, "it is ready")
    assert started.process.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        started.process.wait(0.01)
    os.killpg(started.process.pid, number)
    assert started.finish().code == -number
