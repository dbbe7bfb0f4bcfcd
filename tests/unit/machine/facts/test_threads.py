"""Threads of a job, and whether they spin."""

import pytest

from embprof.machine import resources
from embprof.machine.facts import threads
from embprof.machine.facts.threads import Threads


def test_a_job_has_a_thread_a_cpu_unless_it_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "cpus_usable", lambda: 6)
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    config = {"threads": None, "wait_policy": "default"}
    assert threads.read(config, {}).count == 6
    assert threads.read({**config, "threads": 2}, {}).count == 2


def test_variables_that_are_set_are_kept_and_empty_ones_are_not() -> None:
    environment = {"OMP_NUM_THREADS": "3", "GOMP_SPINCOUNT": "9", "OMP_PROC_BIND": "", "HOME": "/"}
    found = threads.read({"threads": 1, "wait_policy": "passive"}, environment)
    assert found.counts == {"OMP_NUM_THREADS": "3"}
    assert found.settings == {"GOMP_SPINCOUNT": "9"}


@pytest.mark.parametrize(
    ("count", "policy", "settings", "spin"),
    [
        (2, "default", {}, True),
        (2, "active", {}, True),
        (2, "passive", {}, False),
        (1, "active", {}, False),
        (2, "default", {"GOMP_SPINCOUNT": "0"}, False),
        (2, "passive", {"GOMP_SPINCOUNT": "1000"}, True),
        (2, "default", {"KMP_BLOCKTIME": "0"}, True),
    ],
)
def test_several_threads_spin_unless_told_to_sleep(
    count: int, policy: str, settings: dict[str, str], *, spin: bool
) -> None:
    assert Threads(count=count, wait_policy=policy, counts={}, settings=settings).spin is spin
