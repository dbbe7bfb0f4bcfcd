"""The environment that workers start with."""

from __future__ import annotations

import os

import pytest

from embprof.sampling import isolation
from embprof.sampling.isolation import worker_environment


@pytest.mark.parametrize(
    ("wait_policy", "variable"), [("passive", "PASSIVE"), ("active", "ACTIVE"), ("default", None)]
)
def test_the_wait_policy_is_openmps_or_left_to_it(wait_policy: str, variable: str | None) -> None:
    assert worker_environment(4, wait_policy, offline=True).get("OMP_WAIT_POLICY") == variable


def test_threads_hold_for_openmp_and_for_the_tokenisers() -> None:
    environment = worker_environment(4, "passive", offline=True)
    assert (environment["OMP_NUM_THREADS"], environment["RAYON_NUM_THREADS"]) == ("4", "4")


@pytest.mark.parametrize(("offline", "variable"), [(True, "1"), (False, None)])
def test_a_worker_whose_weights_were_found_leaves_the_network_alone(
    *, offline: bool, variable: str | None
) -> None:
    environment = worker_environment(1, "passive", offline=offline)
    assert environment.get("HF_HUB_OFFLINE") == variable


def test_variables_for_a_process_are_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMBPROF_TEST_SET", "before")
    monkeypatch.delenv("EMBPROF_TEST_NEW", raising=False)
    with isolation._environment({"EMBPROF_TEST_SET": "inside", "EMBPROF_TEST_NEW": "inside"}):
        assert os.environ["EMBPROF_TEST_SET"] == os.environ["EMBPROF_TEST_NEW"] == "inside"
    assert os.environ["EMBPROF_TEST_SET"] == "before"
    assert "EMBPROF_TEST_NEW" not in os.environ
