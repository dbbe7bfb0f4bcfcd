"""Every rule, when it speaks and when it does not."""

from collections.abc import Callable
from typing import Any

import pytest

from embprof.doctor.traps import GPU_RULES, RULES, examine, name_of
from embprof.doctor.traps.trap import Severity, UnknownFactError
from embprof.machine.facts import Facts
from embprof.machine.facts.gpus import Gpu
from embprof.machine.facts.neighbours import Neighbour

MakeFacts = Callable[..., Facts]
MB = 10**6
OK, NOTE, WARNING = Severity.OK, Severity.NOTE, Severity.WARNING
BY_NAME = {name_of(rule): rule for rule in RULES + GPU_RULES}

# Rule, what is changed in the healthy machine, the severity, words of what was found and to do.
CASES: list[tuple[str, dict[str, Any], Severity, tuple[str, ...]]] = [
    ("busy neighbours", {"window": {"others": 0.1}}, OK, ("10 % of a CPU",)),
    (
        "busy neighbours",
        {
            "window": {"others": 0.35},
            "quiet": {"busiest": (Neighbour(pid=47, name="python", share=0.3),)},
        },
        WARNING,
        ("others used 35 % of a CPU before measuring", "python 47 (30 %)", "kill -STOP 47"),
    ),
    ("busy neighbours", {"window": {"others": 0.35}}, WARNING, ("came and went", "PID")),
    ("busy neighbours", {"measuring": {"others": 0.5}}, WARNING, ("50 % during it",)),
    ("busy neighbours", {"measuring": {"others": 0.05}}, OK, ("5.0 % during it",)),
    ("recent load", {"quiet": {"load": 1.0}}, OK, ("1.00 on 4 CPUs",)),
    ("recent load", {"quiet": {"load": 1.1}}, NOTE, ("quiet now", "systemctl list-timers")),
    ("recent load", {"quiet": {"load": 3.0}, "window": {"others": 2.9}}, OK, ("3.00",)),
    ("steal", {"window": {"steal": 0.01}}, OK, ("1.0 %",)),
    ("steal", {"measuring": {"steal": 0.02}}, WARNING, ("2.0 %", "embprof gate")),
    ("cpu quota", {}, OK, ("no quota",)),
    ("cpu quota", {"cpus": {"quota": 4.0}}, OK, ("4 CPUs for 4 threads",)),
    (
        "cpu quota",
        {"cpus": {"quota": 1.5}, "threads": {"count": 2}},
        WARNING,
        ("1.5 CPUs for 2 threads", "threads=1", "--cpus=2"),
    ),
    (
        "cpu quota",
        {"cpus": {"quota": 0.5}, "threads": {"count": 1}},
        WARNING,
        ("for 1 thread", "threads=1"),
    ),
    ("quota throttling", {}, OK, ("0 periods of 3 s",)),
    ("quota throttling", {"measuring": {"throttled": 7}}, WARNING, ("7 periods of 63 s",)),
    ("other sweeps", {}, OK, ("nobody",)),
    ("other sweeps", {"sharing": {"waited_for": "sweep 1 (process 2)"}}, NOTE, ("sweep 1",)),
    (
        "other sweeps",
        {"sharing": {"everybodys": False, "folder": "/mine"}},
        NOTE,
        ("/mine", "EMBPROF_LOCK_DIR"),
    ),
    ("spinning threads", {}, OK, ("sleep",)),
    ("spinning threads", {"threads": {"count": 1, "wait_policy": "active"}}, OK, ("one",)),
    (
        "spinning threads",
        {"threads": {"wait_policy": "default"}},
        NOTE,
        ("4 threads spin", "wait_policy=passive"),
    ),
    (
        "spinning threads",
        {"threads": {"wait_policy": "default"}, "window": {"others": 0.4}},
        WARNING,
        ("others used 40 % of a CPU", "OMP_WAIT_POLICY=PASSIVE"),
    ),
    (
        "spinning threads",
        {"threads": {"settings": {"GOMP_SPINCOUNT": "900"}}, "measuring": {"others": 0.4}},
        WARNING,
        ("others used 40 %",),
    ),
    ("threads and cpus", {}, OK, ("4 threads on 4 usable CPUs",)),
    ("threads and cpus", {"threads": {"count": 5}}, WARNING, ("5 threads", "threads=4")),
    ("threads and cores", {}, OK, ("4 threads on 4 physical cores",)),
    ("threads and cores", {"cpus": {"cores": 2}}, WARNING, ("2 physical cores", "threads=2,4")),
    ("threads and cores", {"cpus": {"cores": 2}, "threads": {"count": 2}}, OK, ("2 threads",)),
    ("mixed cores", {}, OK, ("one kind",)),
    (
        "mixed cores",
        {"cpus": {"kinds": ("0,1", "2,3")}},
        WARNING,
        ("2 kinds", "taskset -c 0,1 python -m embprof"),
    ),
    ("threads in environment", {}, OK, ("4 threads",)),
    ("threads in environment", {"threads": {"counts": {"OMP_NUM_THREADS": "4"}}}, OK, ()),
    (
        "threads in environment",
        {"threads": {"counts": {"OMP_NUM_THREADS": "8"}}},
        NOTE,
        ("OMP_NUM_THREADS=8", "4 threads", "threads=8", "unset OMP_NUM_THREADS"),
    ),
    ("inherited settings", {}, OK, ()),
    (
        "inherited settings",
        {"threads": {"settings": {"OMP_PROC_BIND": "close"}}},
        NOTE,
        ("OMP_PROC_BIND=close", "unset OMP_PROC_BIND"),
    ),
    ("memory pressure", {"window": {"memory_stall": 0.01}}, OK, ("1.0 %",)),
    ("memory pressure", {"measuring": {"memory_stall": 0.2}}, WARNING, ("20 %", "ps aux")),
    ("free memory", {}, OK, ("12.0 GB",)),
    ("free memory", {"memory": {"available": 1999 * MB}}, WARNING, ("2.0 GB", "minilm_l3")),
    ("free memory", {"memory": {"limit": 4000 * MB}}, OK, ("4.0 GB",)),
    ("swap", {}, OK, ("not used",)),
    ("swap", {"memory": {"swap_used": 99 * MB}}, OK, ()),
    ("swap", {"memory": {"swap_used": 500 * MB}}, NOTE, ("0.5 GB in swap", "swapoff")),
    ("swap", {"measuring": {"swapped": 3}}, WARNING, ("3 pages",)),
    ("huge pages", {}, OK, ("always",)),
    ("huge pages", {"memory": {"huge_pages": "madvise"}}, NOTE, ("GLIBC_TUNABLES=",)),
    (
        "huge pages",
        {
            "memory": {"huge_pages": "madvise"},
            "threads": {"settings": {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}},
        },
        OK,
        ("glibc asks",),
    ),
    ("huge pages", {"memory": {"huge_pages": "never"}}, WARNING, ("never", "echo madvise")),
    ("address randomisation", {}, OK, ("on",)),
    ("address randomisation", {"memory": {"randomised": False}}, NOTE, ("randomize_va_space=2",)),
    ("governor", {}, OK, ("performance",)),
    ("governor", {"frequency": {"governor": "powersave"}}, NOTE, ("intel_pstate", "performance")),
    (
        "governor",
        {"frequency": {"governor": "powersave", "driver": "acpi-cpufreq"}},
        WARNING,
        ("lowest clock", "scaling_governor"),
    ),
    ("governor", {"frequency": {"governor": "schedutil", "driver": None}}, NOTE, ("schedutil:",)),
    ("turbo", {}, OK, ("off",)),
    ("turbo", {"frequency": {"turbo": True}}, NOTE, ("echo 1 | sudo tee /sys/no_turbo",)),
    ("heat", {}, OK, ("not slowed",)),
    ("heat", {"measuring": {"thermal": 2}}, WARNING, ("2 times",)),
    ("power", {}, OK, ("not on a battery",)),
    ("power", {"frequency": {"profile": None}}, OK, ("not told",)),
    ("power", {"frequency": {"on_battery": True}}, WARNING, ("plug it in",)),
    ("power", {"frequency": {"profile": "balanced"}}, NOTE, ("powerprofilesctl",)),
    ("power", {"frequency": {"profile": "low-power"}}, WARNING, ("low-power",)),
    ("affinity", {}, OK, ("all 4 CPUs",)),
    ("affinity", {"cpus": {"affinity": (0, 2)}}, NOTE, ("2 of 4", "0, 2", "taskset -c 0-3")),
    ("memory nodes", {}, OK, ("one memory node",)),
    ("memory nodes", {"cpus": {"nodes": 2}}, NOTE, ("2 memory nodes", "numactl")),
    ("virtual machine", {}, OK, ("none",)),
    ("virtual machine", {"cpus": {"virtual": True}}, NOTE, ("other guests", "embprof gate")),
    ("clock source", {}, OK, ("tsc",)),
    ("clock source", {"cpus": {"clocksource": "hpet"}}, WARNING, ("hpet", "echo tsc | sudo tee")),
    (
        "clock source",
        {"cpus": {"clocksource": "hpet", "clocksources": ("hpet",)}},
        WARNING,
        ("larger batches",),
    ),
    ("space for runs", {}, OK, ("90,000 MB free for /home/me/mlruns",)),
    ("space for runs", {"storage": {"runs_free": 999 * MB}}, WARNING, ("999 MB", "make room")),
    ("temporary space", {}, OK, ("/tmp",)),
    ("temporary space", {"storage": {"temporary_free": 99 * MB}}, WARNING, ("99 MB", "TMPDIR")),
    ("gpu neighbours", {"gpus": {"count": 1}}, NOTE, ("1 NVIDIA GPU", "pip install nvidia-ml-py")),
    (
        "gpu neighbours",
        {"gpus": {"count": 1, "known": (Gpu(name="H1", persistent=True, processes=0),)}},
        OK,
        ("nobody",),
    ),
    (
        "gpu neighbours",
        {"gpus": {"count": 1, "known": (Gpu(name="H1", persistent=True, processes=2),)}},
        WARNING,
        ("H1 (processes: 2)", "nvidia-smi"),
    ),
    (
        "gpu persistence",
        {"gpus": {"count": 1, "known": (Gpu(name="H1", persistent=True, processes=0),)}},
        OK,
        ("on",),
    ),
    (
        "gpu persistence",
        {"gpus": {"count": 1, "known": (Gpu(name="H1", persistent=False, processes=0),)}},
        NOTE,
        ("nvidia-smi -pm 1",),
    ),
]
SILENT = Gpu(name="H1", persistent=None, processes=None)
UNTOLD: list[tuple[str, dict[str, Any]]] = [
    ("busy neighbours", {"window": {"others": None}}),
    ("recent load", {"quiet": {"load": None}}),
    ("steal", {"window": {"steal": None}}),
    ("quota throttling", {"window": {"throttled": None}}),
    ("threads and cores", {"cpus": {"cores": None}}),
    ("mixed cores", {"cpus": {"kinds": ()}}),
    ("memory pressure", {"window": {"memory_stall": None}}),
    ("free memory", {"memory": {"available": None}}),
    ("swap", {"memory": {"swap_used": None}}),
    ("huge pages", {"memory": {"huge_pages": None}}),
    ("address randomisation", {"memory": {"randomised": None}}),
    ("governor", {"frequency": {"governor": None}}),
    ("turbo", {"frequency": {"turbo": None}}),
    ("heat", {"window": {"thermal": None}}),
    ("power", {"frequency": {"on_battery": None, "profile": None}}),
    ("affinity", {"cpus": {"affinity": None}}),
    ("memory nodes", {"cpus": {"nodes": None}}),
    ("virtual machine", {"cpus": {"virtual": None}}),
    ("clock source", {"cpus": {"clocksource": None}}),
    ("space for runs", {"storage": {"runs_free": None}}),
    ("temporary space", {"storage": {"temporary_free": None}}),
    ("gpu neighbours", {"gpus": {"count": 1, "known": (SILENT,)}}),
    ("gpu persistence", {"gpus": {"count": 1, "known": (SILENT,)}}),
]


@pytest.mark.parametrize(("name", "changes", "severity", "words"), CASES)
def test_a_rule_speaks_when_it_should_and_gives_advice_when_it_does(
    facts: MakeFacts, name: str, changes: dict[str, Any], severity: Severity, words: tuple[str, ...]
) -> None:
    trap = {one.name: one for one in examine(facts(**changes)).traps}[name]
    assert trap.severity == severity
    assert bool(trap.advice) == (severity is not OK)
    for word in words:
        assert word in f"{trap.found} {trap.advice}"


@pytest.mark.parametrize(("name", "changes"), UNTOLD)
def test_a_rule_without_its_facts_says_nothing(
    facts: MakeFacts, name: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(UnknownFactError):
        BY_NAME[name](facts(**changes))


@pytest.mark.parametrize("name", BY_NAME)
def test_every_rule_is_tested_when_it_speaks_and_when_it_does_not(name: str) -> None:
    severities = {severity for rule, _, severity, _ in CASES if rule == name}
    assert OK in severities
    assert severities & {NOTE, WARNING}


def test_a_healthy_machine_has_no_traps(facts: MakeFacts) -> None:
    examined = examine(facts())
    assert {trap.severity for trap in examined.traps} == {OK}
    assert examined.not_told == ()


def test_the_worst_comes_first_and_what_is_not_told_apart(facts: MakeFacts) -> None:
    examined = examine(
        facts(
            cpus={"virtual": True},
            memory={"available": 0},
            frequency={"turbo": None},
        )
    )
    assert [trap.name for trap in examined.traps[:2]] == ["free memory", "virtual machine"]
    assert [trap.name for trap in examined.of(WARNING)] == ["free memory"]
    assert examined.not_told == ("turbo",)


def test_gpus_are_asked_about_only_where_there_are_some(facts: MakeFacts) -> None:
    def names(found: Facts) -> set[str]:
        return {trap.name for trap in examine(found).traps}

    assert "gpu neighbours" not in names(facts())
    assert "gpu neighbours" in names(facts(gpus={"count": 1}))
