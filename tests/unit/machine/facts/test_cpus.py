"""The layout of the CPUs, from made-up systems."""

import os
from collections.abc import Callable, Mapping

import pytest

from embprof.machine import resources
from embprof.machine.facts import cpus
from embprof.machine.facts.cpus import Cpus
from embprof.machine.files import Files

MakeFiles = Callable[[Mapping[str, str]], Files]
CPU = "sys/devices/system/cpu"
CLOCKS = "sys/devices/system/clocksource/clocksource0"


@pytest.fixture(autouse=True)
def _four_cpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "affinity", lambda: (0, 1, 2, 3))
    monkeypatch.setattr(resources, "cgroup_cpu_quota", lambda: None)
    monkeypatch.setattr(os, "cpu_count", lambda: 8)


def siblings(*lists: str) -> dict[str, str]:
    return {
        f"{CPU}/cpu{number}/topology/thread_siblings_list": text
        for number, text in enumerate(lists)
    }


def test_a_system_that_tells_nothing_leaves_what_the_interpreter_knows(files: MakeFiles) -> None:
    assert cpus.read(files({})) == Cpus(
        online=8,
        affinity=(0, 1, 2, 3),
        usable=4,
        quota=None,
        cores=None,
        kinds=(),
        nodes=None,
        virtual=None,
        clocksource=None,
        clocksources=(),
    )


def test_without_affinities_all_cpus_count(
    files: MakeFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "affinity", lambda: None)
    found = cpus.read(files(siblings(*(str(number) for number in range(8)))))
    assert found.affinity is None
    assert found.cores == 8


@pytest.mark.parametrize(
    ("lists", "cores"),
    [
        (("0", "1", "2", "3"), 4),
        (("0,4", "1,5", "2,6", "3,7"), 4),
        (("0-1", "0-1", "2-3", "2-3"), 2),
    ],
)
def test_cpus_with_the_same_siblings_share_a_core(
    files: MakeFiles, lists: tuple[str, ...], cores: int
) -> None:
    assert cpus.read(files(siblings(*lists))).cores == cores


def test_intels_lists_name_the_kinds_of_core_we_may_use(files: MakeFiles) -> None:
    both = {"sys/devices/cpu_core/cpus": "0-1", "sys/devices/cpu_atom/cpus": "2-7"}
    assert cpus.read(files(both)).kinds == ("0,1", "2,3")


def test_one_kind_is_left_where_we_may_use_no_other(files: MakeFiles) -> None:
    both = {"sys/devices/cpu_core/cpus": "0-3", "sys/devices/cpu_atom/cpus": "4-7"}
    assert cpus.read(files(both)).kinds == ("0,1,2,3",)


def test_capacities_tell_kinds_apart_fastest_first(files: MakeFiles) -> None:
    capacities = dict(enumerate(("446", "446", "1024", "1024")))
    found = files({f"{CPU}/cpu{cpu}/cpu_capacity": text for cpu, text in capacities.items()})
    assert cpus.read(found).kinds == ("2,3", "0,1")


def test_only_memory_nodes_of_our_cpus_count(files: MakeFiles) -> None:
    node = "sys/devices/system/node/node{}/cpulist"
    lists = {node.format(0): "0-1", node.format(1): "2-3", node.format(2): "4-7"}
    assert cpus.read(files(lists)).nodes == 2


@pytest.mark.parametrize(
    ("content", "virtual"),
    [
        ({"proc/cpuinfo": "flags\t\t: fpu hypervisor avx2\n"}, True),
        ({"proc/cpuinfo": "flags\t\t: fpu avx2\n"}, False),
        ({"proc/cpuinfo": "Features\t: fp asimd\n"}, None),
        ({"sys/hypervisor/type": "xen"}, True),
        ({}, None),
    ],
)
def test_a_hypervisor_leaves_a_flag_or_a_file(
    files: MakeFiles, content: dict[str, str], *, virtual: bool | None
) -> None:
    assert cpus.read(files(content)).virtual is virtual


def test_the_clock_in_use_and_those_that_could_be(files: MakeFiles) -> None:
    found = cpus.read(
        files(
            {f"{CLOCKS}/current_clocksource": "hpet", f"{CLOCKS}/available_clocksource": "tsc hpet"}
        )
    )
    assert found.clocksource == "hpet"
    assert found.clocksources == ("tsc", "hpet")
