"""Facts about the machine, read from files that a test can make up."""

import hashlib
import os
import platform
from collections.abc import Callable

import pytest

from embprof.machine import resources

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
QUOTA_V1 = "/sys/fs/cgroup/cpu/cpu.cfs_quota_us"
PERIOD_V1 = "/sys/fs/cgroup/cpu/cpu.cfs_period_us"

Files = Callable[[dict[str, str]], None]


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Files:
    """Makes the system consist of these files alone."""

    def use(content: dict[str, str]) -> None:
        monkeypatch.setattr(resources, "_read", content.get)
        for cached in (resources.cpu_model, resources.cpu_flags_sha256):
            cached.cache_clear()

    return use


@pytest.fixture(autouse=True)
def _forget() -> None:
    resources.cpu_model.cache_clear()
    resources.cpu_flags_sha256.cache_clear()


@pytest.mark.parametrize(
    ("content", "quota"),
    [
        ({"/sys/fs/cgroup/cpu.max": "max 100000"}, None),
        ({"/sys/fs/cgroup/cpu.max": "150000 100000"}, 1.5),
        ({"/sys/fs/cgroup/cpu.max": "50000"}, 0.5),
        ({QUOTA_V1: "-1", PERIOD_V1: "100000"}, None),
        ({QUOTA_V1: "250000", PERIOD_V1: "100000"}, 2.5),
        ({}, None),
    ],
)
def test_the_quota_of_the_cgroup_is_in_cpus(
    files: Files, content: dict[str, str], quota: float | None
) -> None:
    files(content)
    assert resources.cgroup_cpu_quota() == quota


@pytest.mark.parametrize(
    ("quota", "usable"), [("max 100000", 8), ("150000 100000", 2), ("10000 100000", 1)]
)
def test_usable_cpus_are_bounded_by_the_quota_rounded_up(
    files: Files, monkeypatch: pytest.MonkeyPatch, quota: str, usable: int
) -> None:
    files({"/sys/fs/cgroup/cpu.max": quota})
    monkeypatch.setattr(resources, "affinity", lambda: tuple(range(8)))
    assert resources.cpus_usable() == usable


def test_usable_cpus_are_all_where_there_are_no_affinities(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    files({})
    monkeypatch.setattr(resources, "affinity", lambda: None)
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert resources.cpus_usable() == 6


def test_the_processor_is_named_with_family_model_and_stepping(files: Files) -> None:
    files({"/proc/cpuinfo": CPUINFO})
    assert resources.cpu_model() == "Intel(R) Xeon(R) (6/143/8)"


def test_flags_are_hashed_in_order_of_name(files: Files) -> None:
    files({"/proc/cpuinfo": CPUINFO})
    assert resources.cpu_flags_sha256() == hashlib.sha256(b"avx2 avx512f sse2").hexdigest()


def test_what_the_system_does_not_tell_is_none(files: Files) -> None:
    files({})
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


def test_a_boot_is_told_by_its_id_or_else_by_the_host(files: Files) -> None:
    files({"/proc/sys/kernel/random/boot_id": "b-1"})
    assert resources.boot_id() == "b-1"
    files({})
    assert resources.boot_id() == platform.node()


def test_the_wait_policy_left_alone_is_that_of_the_users_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    assert resources.wait_policy("default") == "default"
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")
    assert resources.wait_policy("default") == "passive"
    assert resources.wait_policy("active") == "active"
