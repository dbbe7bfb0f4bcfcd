"""Facts about the machine, read from files that a test can make up."""

import hashlib
import os
import platform
from collections.abc import Callable, Mapping

import pytest

from embprof.machine import resources
from embprof.machine.files import Files

CPUINFO = """\
processor\t: 0
vendor_id\t: GenuineIntel
cpu family\t: 6
model\t\t: 143
model name\t: Intel(R) Xeon(R)
stepping\t: 8
flags\t\t: sse2 avx512f avx2

processor\t: 1
flags\t\t: sse2 avx512f avx2
"""
System = Callable[[dict[str, str]], None]


@pytest.fixture
def system(files: Callable[[Mapping[str, str]], Files], monkeypatch: pytest.MonkeyPatch) -> System:
    """Makes the system consist of these files alone."""

    def use(content: dict[str, str]) -> None:
        monkeypatch.setattr(resources, "_files", files(content))

    return use


@pytest.fixture(autouse=True)
def _forget() -> None:
    resources.cpu_model.cache_clear()
    resources.cpu_flags_sha256.cache_clear()


@pytest.mark.parametrize(
    ("quota", "usable"), [("max 100000", 8), ("150000 100000", 2), ("10000 100000", 1)]
)
def test_usable_cpus_are_bounded_by_the_quota_rounded_up(
    system: System, monkeypatch: pytest.MonkeyPatch, quota: str, usable: int
) -> None:
    system({"sys/fs/cgroup/cpu.max": quota})
    monkeypatch.setattr(resources, "affinity", lambda: tuple(range(8)))
    assert resources.cpus_usable() == usable


def test_usable_cpus_are_all_where_there_are_no_affinities(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    system({})
    monkeypatch.setattr(resources, "affinity", lambda: None)
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert resources.cpus_usable() == 6


@pytest.mark.parametrize(
    ("configured", "variable", "count"),
    [
        (3, "1", 3),
        (None, "1", 1),
        (None, "4,2", 4),
        (None, None, 8),
        (None, "", 8),
        (None, "0", 8),
        (None, "many", 8),
    ],
)
def test_threads_are_those_configured_or_the_users_own_or_one_per_cpu(
    monkeypatch: pytest.MonkeyPatch, configured: int | None, variable: str | None, count: int
) -> None:
    monkeypatch.setattr(resources, "cpus_usable", lambda: 8)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if variable is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", variable)
    assert resources.threads(configured) == count


def test_the_processor_is_named_with_family_model_and_stepping(system: System) -> None:
    system({"proc/cpuinfo": CPUINFO})
    assert resources.cpu_model() == "Intel(R) Xeon(R) (6/143/8)"


def test_flags_are_hashed_in_order_of_name(system: System) -> None:
    system({"proc/cpuinfo": CPUINFO})
    assert resources.cpu_flags_sha256() == hashlib.sha256(b"avx2 avx512f sse2").hexdigest()


def test_what_the_system_does_not_tell_is_none(system: System) -> None:
    system({})
    assert resources.cpu_flags_sha256() is None
    assert resources.governor() is None
    assert resources.cpu_model()


@pytest.mark.parametrize(
    ("device", "gpus", "reason"),
    [
        ("cpu", (), None),
        ("cuda", (), "no NVIDIA GPU on this machine"),
        ("cuda", ("H200",), None),
        ("cuda:0", ("H200",), None),
        ("cuda:1", ("H200",), "this machine has 1 NVIDIA GPU(s), numbered from 0"),
        ("mps", (), "no Apple GPU on this machine"),
    ],
)
def test_a_device_that_is_not_there_is_told_why(
    monkeypatch: pytest.MonkeyPatch, device: str, gpus: tuple[str, ...], reason: str | None
) -> None:
    monkeypatch.setattr(resources, "nvidia_gpus", lambda: gpus)
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    assert resources.why_unavailable(device) == reason


def test_an_apple_gpu_is_there_on_an_apple_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    assert resources.why_unavailable("mps") is None
    assert resources.accelerator("mps") == "Apple GPU"


def test_a_boot_is_told_by_its_id_or_else_by_the_host(system: System) -> None:
    system({})
    assert resources.boot_id() == platform.node()
    system({"proc/sys/kernel/random/boot_id": "b-1"})
    assert resources.boot_id() == "b-1"


def test_the_wait_policy_left_alone_is_that_of_the_users_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    assert resources.wait_policy("default") == "default"
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")
    assert resources.wait_policy("default") == "passive"
    assert resources.wait_policy("active") == "active"
