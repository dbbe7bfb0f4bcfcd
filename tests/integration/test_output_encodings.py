"""Commands where the terminal, or a CI's setting, knows few characters."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import Desk, MakeDesk

PRINTS = """\
def answer():
    print("ä ± ✓")
"""
PROTOCOL = ("warmup.iterations=0", "warmup.seconds=0", "report=false")


@pytest.fixture(scope="module")
def desk(make_desk: MakeDesk) -> Desk:
    desk = make_desk("encodings")
    (desk.path / "service.py").write_text(PRINTS, "utf-8")
    return desk


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
def test_no_command_fails_for_an_encoding(desk: Desk, encoding: str) -> None:
    def run(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "embprof", *words],
            cwd=desk.path,
            env=desk.environment | {"PYTHONIOENCODING": encoding},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert b"Traceback" not in done.stderr
        return done.stdout.decode(encoding)  # raises where it is of another

    question = ("workload=callable", "workload.function=service:answer", "+targets.cpu_percent=1")
    swept = run("-m", *question, "iterations=200,300", *PROTOCOL)
    assert ("+/-" if encoding == "ascii" else " ± ") in swept
    head, rule, first, *_ = run("show", "last").split("\n\n")[1].splitlines()
    assert set(rule) <= set("-+|")
    assert len(head) == len(rule) == len(first)
    for words in (["compare", "last", "last"], ["--help"], ["compare", "--help"], ["scenarios"]):
        assert run(*words)
    (log, *_) = sorted(desk.mlruns.glob("sweeps/*/0/worker.log"))
    assert "ä ± ✓" in log.read_text("utf-8")
