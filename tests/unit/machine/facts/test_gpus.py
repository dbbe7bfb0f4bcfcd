"""GPUs, told by a driver of our own making."""

import importlib
from types import SimpleNamespace
from typing import Any

import pytest

from embprof.machine import resources
from embprof.machine.facts import gpus
from embprof.machine.facts.gpus import Gpu, Gpus


class NVMLError(Exception):
    pass


class Driver:
    """Two GPUs; calls named in ``refuses`` raise, as drivers do for what a GPU does not have."""

    NVMLError = NVMLError

    def __init__(self, *refuses: str) -> None:
        self.refuses = refuses
        self.is_open = False

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("nvml") and name in self.refuses:

            def refuse(*_: object) -> None:
                raise NVMLError

            return refuse
        return super().__getattribute__(name)

    def nvmlInit(self) -> None:  # noqa: N802  (NVML's names)
        self.is_open = True

    def nvmlShutdown(self) -> None:  # noqa: N802
        self.is_open = False

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        return 2

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:  # noqa: N802
        return index

    def nvmlDeviceGetName(self, handle: int) -> str:  # noqa: N802
        return f"H{handle}00"

    def nvmlDeviceGetPersistenceMode(self, handle: int) -> int:  # noqa: N802
        return handle

    def nvmlDeviceGetComputeRunningProcesses(self, handle: int) -> list[object]:  # noqa: N802
        return [SimpleNamespace(pid=1)] * handle


@pytest.fixture(autouse=True)
def _two_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "nvidia_gpus", lambda: ("H000", "H100"))


def use(driver: Driver | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpus, "bindings", lambda: driver)


def test_each_gpu_says_what_it_is_and_who_uses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = Driver()
    use(driver, monkeypatch)
    assert gpus.read() == Gpus(
        count=2,
        known=(
            Gpu(name="H000", persistent=False, processes=0),
            Gpu(name="H100", persistent=True, processes=1),
        ),
    )
    assert not driver.is_open


def test_what_a_gpu_refuses_to_say_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    use(Driver("nvmlDeviceGetPersistenceMode", "nvmlDeviceGetComputeRunningProcesses"), monkeypatch)
    assert gpus.read().known[0] == Gpu(name="H000", persistent=None, processes=None)


@pytest.mark.parametrize("driver", [None, Driver("nvmlInit")])
def test_without_bindings_gpus_are_only_counted(
    monkeypatch: pytest.MonkeyPatch, driver: Driver | None
) -> None:
    use(driver, monkeypatch)
    assert gpus.read() == Gpus(count=2, known=())


def test_a_machine_without_gpus_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "nvidia_gpus", lambda: ())
    monkeypatch.setattr(gpus, "bindings", lambda: pytest.fail("asked"))
    assert gpus.read() == Gpus(count=0, known=())


def test_bindings_that_are_not_installed_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    assert gpus.bindings() is None
