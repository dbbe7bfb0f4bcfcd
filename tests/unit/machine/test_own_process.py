"""Functions that are called in a process of their own: what is said of how they end."""

import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from embprof.errors import BuildError, RequestError
from embprof.machine.own_process import Say, call

HERE = "tests.unit.machine.test_own_process"


def well(request: Mapping[str, Any], say: Say) -> None:
    print("a library prints this")  # noqa: T201
    say("half way")
    Path(request["file"]).write_text(f"{request['word']} of {os.getppid()}")


def refused(_: Mapping[str, Any], __: Say) -> None:
    raise RequestError(["it makes no sense"])


def broken(_: Mapping[str, Any], __: Say) -> None:
    raise LookupError("aten::odd\nand much more")


def killed(_: Mapping[str, Any], __: Say) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_it_works_in_another_process_and_says_how_far_it_is(tmp_path: Path) -> None:
    said: list[str] = []
    request = {"file": str(tmp_path / "found"), "word": "größer"}
    call(f"{HERE}.well", request, log=tmp_path / "log", say=said.append)
    assert (tmp_path / "found").read_text() == f"größer of {os.getpid()}"
    assert said == ["half way"]
    assert (tmp_path / "log").read_text() == "a library prints this\n"


@pytest.mark.parametrize(
    ("function", "told"),
    [
        ("refused", "it makes no sense"),
        ("broken", "LookupError: aten::odd"),
        ("killed", "its process was ended by signal 9"),
        ("lost", "AttributeError"),
    ],
)
def test_how_it_failed_is_told_in_a_line(function: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(BuildError) as error:
        call(f"{HERE}.{function}", {}, log=tmp_path / "log", say=lambda _: None)
    assert told in str(error.value)
    assert "much more" not in str(error.value)


def test_the_log_has_the_traceback(tmp_path: Path) -> None:
    with pytest.raises(BuildError):
        call(f"{HERE}.broken", {}, log=tmp_path / "log", say=lambda _: None)
    assert "Traceback" in (tmp_path / "log").read_text()
