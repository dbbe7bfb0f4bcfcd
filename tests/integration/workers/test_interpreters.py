"""Other interpreters: those that can run a worker, and those that say why they cannot."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import embprof
from embprof.errors import WorkerError
from embprof.sampling.isolation import Workers
from embprof.sampling.messages import WorkerSpec

MakeSpec = Callable[..., WorkerSpec]
MakeInterpreter = Callable[[str], str]

EITHER = pytest.mark.parametrize("fresh", [False, True], ids=["forked", "fresh"])
MODULE = """
import sys

import embprof
from embprof.testing import Sleep


class Looks(Sleep):
    def description(self):
        return {"embprof": embprof.__file__, "executable": sys.executable, "path": str(sys.path)}
"""
OLD = "import sys; sys.version_info = (3, 9); del sys.argv[1]; exec(sys.argv.pop(1))"
"""Runs what follows ``-c`` in a Python that says it is 3.9."""


@pytest.fixture
def asked(workers: Workers, spec: MakeSpec) -> Callable[..., dict[str, Any]]:
    """Opens a worker in an interpreter; the description of what it found itself in."""

    def ask(executable: str, **changes: Any) -> dict[str, Any]:
        with workers.start(spec(executable=executable, **changes)) as worker:
            description: dict[str, Any] = worker.ask("open").description
            worker.ask("close")
        return description

    return ask


@EITHER
def test_another_interpreter_runs_this_embprof_whatever_is_installed_there(
    asked: Callable[..., dict[str, Any]],
    interpreter: MakeInterpreter,
    tmp_path: Path,
    *,
    fresh: bool,
) -> None:
    installed = tmp_path / "theirs" / "embprof"
    installed.mkdir(parents=True)
    (installed / "__init__.py").write_text("raise RuntimeError('another embprof')")
    (tmp_path / "looks.py").write_text(MODULE)
    theirs = interpreter(f'PYTHONPATH="{tmp_path}/theirs" exec $PYTHON "$@"')
    found = asked(theirs, workload={"_target_": "looks.Looks"}, fresh=fresh)
    assert found["embprof"] == embprof.__file__
    assert str(tmp_path / "theirs") in found["path"]


def test_this_interpreter_looks_for_modules_where_its_parent_does(
    asked: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "looks.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path / "added later")
    looks = {"_target_": "looks.Looks"}
    found = asked(sys.executable, workload=looks, fresh=True)
    assert str(tmp_path / "added later") in found["path"]
    assert found["executable"] == sys.executable


@EITHER
@pytest.mark.parametrize(
    ("script", "said"),
    [
        ('exec $PYTHON -I -S "$@"', "No module named 'hydra'"),
        (f'exec $PYTHON -c "{OLD}" "$@"', "it is Python 3.9, and embprof needs 3.11 at least"),
        ("echo usage: other COMMAND >&2; exit 64", "usage: other COMMAND"),
        ("exit 64", "ended by itself with exit code 64"),
        ("kill -9 $$", "killed by signal 9 (SIGKILL)"),
    ],
    ids=["without requirements", "too old", "no Python", "silent", "killed"],
)
def test_an_interpreter_that_cannot_run_a_worker_is_named_with_the_reason(
    asked: Callable[..., dict[str, Any]],
    interpreter: MakeInterpreter,
    script: str,
    said: str,
    *,
    fresh: bool,
) -> None:
    executable = interpreter(script)
    with pytest.raises(WorkerError) as caught:
        asked(executable, fresh=fresh)
    assert executable in caught.value.reason
    assert said in caught.value.reason


@EITHER
@pytest.mark.parametrize(
    ("mode", "said"), [(None, "No such file"), (0o644, "Permission denied"), (0o755, "Exec format")]
)
def test_what_is_no_executable_is_named_with_the_reason(
    workers: Workers, spec: MakeSpec, tmp_path: Path, mode: int | None, said: str, *, fresh: bool
) -> None:
    file = tmp_path / "python"
    if mode is not None:
        file.write_text("no program")
        file.chmod(mode)
    with pytest.raises(WorkerError) as caught:
        workers.start(spec(executable=str(file), fresh=fresh))
    assert caught.value.reason.startswith(f"{file}: {said}")


def test_warming_up_tells_that_an_interpreter_cannot_run_a_worker(
    workers: Workers, spec: MakeSpec, interpreter: MakeInterpreter
) -> None:
    executable = interpreter('exec $PYTHON -I -S "$@"')
    with pytest.raises(WorkerError, match=r"other python cannot run a worker: .* 'hydra'"):
        workers.warm_up(spec().environment, executable)


def test_what_fails_in_another_interpreter_is_told_with_its_name(
    workers: Workers, spec: MakeSpec, interpreter: MakeInterpreter
) -> None:
    executable = interpreter('exec $PYTHON "$@"')
    asked = spec("Fails", workload={"how": "raise"}, executable=executable)
    with workers.start(asked) as worker:
        worker.ask("open")
        with pytest.raises(WorkerError) as caught:
            worker.ask("observe", 1)
    assert caught.value.reason == f"RuntimeError: failed on purpose (in {executable})"
