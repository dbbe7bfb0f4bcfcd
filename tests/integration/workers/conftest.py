"""Real workers that import no torch: a server of them starts in 0.2 s, a worker in 5 ms."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from embprof.sampling.isolation import Workers, worker_environment
from embprof.sampling.messages import WorkerSpec

MakeSpec = Callable[..., WorkerSpec]
MakeInterpreter = Callable[[str], str]
Eventually = Callable[[Callable[[], object]], bool]
IsGone = Callable[[int], bool]

PATIENCE = 20.0
"""Seconds after which something that must happen counts as not happening."""


@pytest.fixture(scope="session")
def workers() -> Iterator[Workers]:
    """One for all tests that do not end its server."""
    with Workers(heavy=False) as shared:
        yield shared


@pytest.fixture
def spec(tmp_path: Path) -> MakeSpec:
    """What a worker of the workload ``embprof.testing.NAME`` (or ``module.NAME``) starts with.

    Modules in the test's folder can be imported.
    """

    def make(name: str = "Sleep", *, wait_policy: str = "default", **changes: Any) -> WorkerSpec:
        target = name if "." in name else f"embprof.testing.{name}"
        fields: dict[str, Any] = {
            "workload": {"_target_": target, **changes.pop("workload", {})},
            "measurement": {"_target_": "embprof.measurements.throughput.Throughput"},
            "threads": 1,
            "environment": worker_environment(1, wait_policy, offline=True),
            "log": str(tmp_path / "worker.log"),
            "fresh": False,
            "paths": (str(tmp_path),),
        }
        return WorkerSpec(**{**fields, **changes})

    return make


@pytest.fixture
def interpreter(tmp_path: Path) -> MakeInterpreter:
    """Makes an executable of a shell script; ``$PYTHON`` in it is the Python of the tests."""

    def make(script: str) -> str:
        file = tmp_path / "other python"
        file.write_text(f"#!/bin/sh\n{script}\n".replace("$PYTHON", f"'{sys.executable}'"))
        file.chmod(0o755)
        return str(file)

    return make


@pytest.fixture
def eventually() -> Eventually:
    """Whether something happens before patience is used up."""

    def wait(happened: Callable[[], object]) -> bool:
        end = time.monotonic() + PATIENCE
        while not happened() and time.monotonic() < end:
            time.sleep(0.005)
        return bool(happened())

    return wait


@pytest.fixture
def is_gone() -> IsGone:
    """Whether a process has ended; one that nobody has asked for yet has."""

    def look(pid: int) -> bool:
        with contextlib.suppress(psutil.NoSuchProcess):
            return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
        return True

    return look
