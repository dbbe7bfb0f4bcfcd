"""Files of the user's that are called as modules of Python are, or as we are."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

import embprof

if TYPE_CHECKING:
    from tests.integration.conftest import Desk, MakeDesk

SHADOWS = ("code", "embprof", "enum", "json", "profile", "random", "types")
SCRIPT = f"""
import sys
sys.path.insert(1, {embprof.__path__[0].rpartition("/")[0]!r})
from embprof.cli import main
sys.exit(main())
"""
"""The console script, of this embprof."""
SERVICE = """
from pair import Pair


def answer():
    return Pair()
"""
HEAVY = """
import torch
from embprof.testing import Sleep


class Mine(Sleep):
    pass
"""
LATE = "import queue; runpy.run_module('embprof', run_name='__main__')"
"""What ``python -m embprof`` does where something before it, here ours, imports ``queue``."""
PROTOCOL = ("iterations=3", "warmup.iterations=0", "warmup.seconds=0", "report=false")


@pytest.fixture(scope="module")
def desk(make_desk: MakeDesk, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A folder with such files, a service of two modules, and a class whose module needs torch."""
    desk = make_desk("shadows")
    for name in SHADOWS:
        (desk.path / f"{name}.py").write_text("X = 1\n")
    (desk.path / "pair.py").write_text("class Pair: pass\n")
    (desk.path / "service.py").write_text(SERVICE)
    (desk.path / "heavy.py").write_text(HEAVY)
    desk.option("workload", "heavy", target="heavy.Mine", seconds=0.01)
    script = tmp_path_factory.mktemp("bin") / "embprof"
    script.write_text(SCRIPT)
    desk.environment.pop("PYTHONPATH", None)
    desk.environment["SCRIPT"] = str(script)
    return desk


def command(desk: Desk, *words: str) -> tuple[int, str]:
    done = desk.call(sys.executable, desk.environment["SCRIPT"], *words)
    return done.code, done.out + done.err


def test_the_command_finds_what_python_and_we_mean(desk: Desk) -> None:
    code, text = command(
        desk,
        *("-m", "workload=callable", "workload.function=service:answer", "isolation=fork,fresh"),
        *PROTOCOL,
    )
    assert code == 0, text
    code, text = command(desk, "workload=heavy", *PROTOCOL)
    assert code == 0, text
    assert command(desk, "--help")[0] == 0
    assert command(desk, "show", "last")[0] == 0


def test_a_function_in_such_a_file_is_told_to_be_hidden(desk: Desk) -> None:
    code, text = command(desk, "plan", "workload=callable", "workload.function=profile:answer")
    assert code == 2
    assert f"Python has a module profile of its own: rename {desk.path / 'profile.py'}" in text


def test_python_m_says_which_file_is_taken_for_which_module(make_desk: MakeDesk) -> None:
    desk = make_desk("taken")
    here = ("-c", "import runpy, sys; sys.argv[1:] = ['--version']; " + LATE)
    (desk.path / "queue.py").write_text("X = 1\n")
    (desk.path / "random.py").write_text("X = 1\n")
    done = desk.call(sys.executable, *here)
    assert done.code == 2
    assert done.err == (
        f"embprof: {desk.path / 'queue.py'} is taken for Python's own module queue: rename it\n"
    )
