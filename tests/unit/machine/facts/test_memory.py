"""Memory, from made-up systems."""

from collections.abc import Callable, Mapping

import pytest

from embprof.machine.facts import memory
from embprof.machine.facts.memory import Memory, swapped_pages
from embprof.machine.files import Files

MakeFiles = Callable[[Mapping[str, str]], Files]
MEMINFO = """\
MemTotal:        1000 kB
MemAvailable:     600 kB
SwapTotal:        500 kB
SwapFree:         400 kB
HugePages_Total:       0
"""


def test_a_system_that_tells_nothing_is_all_none(files: MakeFiles) -> None:
    assert memory.read(files({})) == Memory(
        total=None, available=None, swap_used=None, limit=None, huge_pages=None, randomised=None
    )
    assert swapped_pages(files({})) is None


def test_kibibytes_become_bytes(files: MakeFiles) -> None:
    found = memory.read(files({"proc/meminfo": MEMINFO}))
    assert (found.total, found.available) == (1000 * 1024, 600 * 1024)
    assert found.swap_used == 100 * 1024


@pytest.mark.parametrize(
    ("cgroup", "limit", "available"),
    [
        ({"memory.max": "max", "memory.current": "1"}, None, 600 * 1024),
        ({"memory.max": "400000", "memory.current": "350000"}, 400_000, 50_000),
        (
            {
                "memory.max": "400000",
                "memory.current": "350000",
                "memory.stat": "anon 1\ninactive_file 30000\n",
            },
            400_000,
            80_000,
        ),
        (
            {"memory/memory.limit_in_bytes": str(2**60), "memory/memory.usage_in_bytes": "1"},
            None,
            600 * 1024,
        ),
        (
            {
                "memory/memory.limit_in_bytes": "400000",
                "memory/memory.usage_in_bytes": "350000",
                "memory/memory.stat": "inactive_file 1\ntotal_inactive_file 30000\n",
            },
            400_000,
            80_000,
        ),
    ],
)
def test_a_cgroup_may_have_less_than_the_machine(
    files: MakeFiles, cgroup: dict[str, str], limit: int | None, available: int
) -> None:
    content = {f"sys/fs/cgroup/{name}": text for name, text in cgroup.items()}
    found = memory.read(files({"proc/meminfo": MEMINFO, **content}))
    assert (found.limit, found.available) == (limit, available)


def test_the_group_that_leaves_least_decides(files: MakeFiles) -> None:
    group = "sys/fs/cgroup/batch"
    content = {
        "proc/meminfo": MEMINFO,
        "proc/self/cgroup": "0::/batch/job",
        f"{group}/job/memory.max": "max",
        f"{group}/job/memory.current": "100000",
        f"{group}/memory.max": "400000",
        f"{group}/memory.current": "350000",
        f"{group}/memory.stat": "inactive_file 10000",
    }
    found = memory.read(files(content))
    assert (found.limit, found.available) == (400_000, 60_000)


@pytest.mark.parametrize("mode", ["always", "madvise", "never"])
def test_the_mode_of_huge_pages_stands_in_brackets(files: MakeFiles, mode: str) -> None:
    text = "always madvise never".replace(mode, f"[{mode}]")
    found = memory.read(files({"sys/kernel/mm/transparent_hugepage/enabled": text}))
    assert found.huge_pages == mode


@pytest.mark.parametrize(
    ("setting", "personality", "randomised"),
    [
        ("2", "00000000", True),
        ("2", None, True),
        ("0", "00000000", False),
        ("2", "00040000", False),
    ],
)
def test_addresses_are_random_unless_the_system_or_the_process_says_no(
    files: MakeFiles, setting: str, personality: str | None, *, randomised: bool
) -> None:
    content = {"proc/sys/kernel/randomize_va_space": setting}
    if personality is not None:
        content["proc/self/personality"] = personality
    assert memory.read(files(content)).randomised is randomised


def test_pages_that_went_either_way_were_swapped(files: MakeFiles) -> None:
    assert swapped_pages(files({"proc/vmstat": "pgin 7\npswpin 2\npswpout 3\n"})) == 5
