"""When a process hears that its parent is gone, in a child that can be sent signals."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

CHILD = """
import subprocess, sys
from embprof.services.postgres.lifeline import Ended, Lifeline
lifeline = Lifeline(0)
try:
    print(lifeline.read_line().decode(), end="", flush=True)
    if sys.argv[1] == "child":
        lifeline.wait(subprocess.Popen(["true"]))
        print("child", flush=True)
    lifeline.wait(seconds=0.01)
    print("time", flush=True)
    lifeline.wait()
except Ended:
    print("ended", flush=True)
"""


@pytest.fixture
def child(request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    words = getattr(request, "param", "plain")
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


def said(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    return child.stdout.readline()


def send(child: subprocess.Popen[str], line: str) -> None:
    assert child.stdin is not None
    child.stdin.write(line)
    child.stdin.flush()


def test_it_reads_a_line_and_ends_with_its_parent(child: subprocess.Popen[str]) -> None:
    assert child.stdin is not None
    send(child, "hello\nmore that nobody reads\n")
    assert said(child) == "hello\n"
    assert said(child) == "time\n"
    child.stdin.close()
    assert said(child) == "ended\n"


def test_a_parent_that_goes_without_a_word_ends_it(child: subprocess.Popen[str]) -> None:
    assert child.stdin is not None
    send(child, "half a li")
    child.stdin.close()
    assert said(child) == "ended\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_when_it_is_ready_to_hear(
    child: subprocess.Popen[str], number: signal.Signals
) -> None:
    send(child, "hello\n")
    assert said(child) == "hello\n"
    assert said(child) == "time\n"
    os.kill(child.pid, number)
    assert said(child) == "ended\n"
    assert child.wait() == 0


@pytest.mark.parametrize("child", ["child"], indirect=True)
def test_it_hears_that_a_child_has_ended(child: subprocess.Popen[str]) -> None:
    send(child, "hello\n")
    assert said(child) == "hello\n"
    assert said(child) == "child\n"
