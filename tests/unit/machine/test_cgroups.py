"""Limits of groups at any height, from made-up systems."""

from collections.abc import Callable, Mapping

import pytest

from embprof.machine import cgroups
from embprof.machine.files import Files

MakeFiles = Callable[[Mapping[str, str]], Files]
TWO = {"proc/self/cgroup": "0::/batch/job/step"}
ONE = {"proc/self/cgroup": "5:cpu,cpuacct:/batch/job\n3:memory:/other\n0::/"}
GROUP = "sys/fs/cgroup"


@pytest.mark.parametrize(
    ("content", "quota"),
    [
        ({f"{GROUP}/cpu.max": "max 100000"}, None),
        ({f"{GROUP}/cpu.max": "150000 100000"}, 1.5),
        ({f"{GROUP}/cpu.max": "50000"}, 0.5),
        ({f"{GROUP}/cpu/cpu.cfs_quota_us": "-1", f"{GROUP}/cpu/cpu.cfs_period_us": "100000"}, None),
        (
            {f"{GROUP}/cpu/cpu.cfs_quota_us": "250000", f"{GROUP}/cpu/cpu.cfs_period_us": "100000"},
            2.5,
        ),
        ({}, None),
        (TWO | {f"{GROUP}/batch/job/step/cpu.max": "max 100000"}, None),
        (TWO | {f"{GROUP}/batch/job/step/cpu.max": "200000 100000"}, 2.0),
        (
            TWO
            | {
                f"{GROUP}/batch/job/step/cpu.max": "max 100000",
                f"{GROUP}/batch/job/cpu.max": "400000 100000",
                f"{GROUP}/batch/cpu.max": "150000 100000",
            },
            1.5,
        ),
        (TWO | {f"{GROUP}/elsewhere/cpu.max": "100000 100000"}, None),
        (TWO | {f"{GROUP}/unified/batch/cpu.max": "100000 100000"}, 1.0),
        (
            ONE
            | {
                f"{GROUP}/cpu,cpuacct/batch/cpu.cfs_quota_us": "50000",
                f"{GROUP}/cpu,cpuacct/batch/cpu.cfs_period_us": "100000",
            },
            0.5,
        ),
        (
            ONE
            | {
                f"{GROUP}/cpu/other/cpu.cfs_quota_us": "50000",
                f"{GROUP}/cpu/other/cpu.cfs_period_us": "100000",
            },
            None,
        ),
    ],
)
def test_the_quota_is_that_of_the_tightest_group_above(
    files: MakeFiles, content: dict[str, str], quota: float | None
) -> None:
    assert cgroups.cpu_quota(files(content)) == quota


def test_the_own_group_comes_first_and_the_root_last(files: MakeFiles) -> None:
    found = cgroups.folders(files(TWO), "memory.max")
    assert found[0] == f"{GROUP}/batch/job/step"
    assert found.index(GROUP) > found.index(f"{GROUP}/batch")


@pytest.mark.parametrize(
    ("content", "limit"),
    [
        (TWO | {f"{GROUP}/batch/memory.max": "2000", f"{GROUP}/memory.max": "max"}, 2000),
        (TWO | {f"{GROUP}/batch/memory.max": "900", f"{GROUP}/batch/job/memory.max": "1000"}, 900),
        ({f"{GROUP}/memory/memory.limit_in_bytes": "700"}, 700),
        (TWO | {f"{GROUP}/memory.max": "max"}, None),
    ],
)
def test_the_memory_is_that_of_the_tightest_group_above(
    files: MakeFiles, content: dict[str, str], limit: int | None
) -> None:
    assert cgroups.memory_limit(files(content)) == limit
