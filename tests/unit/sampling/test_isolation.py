"""What workers are started with; as processes they are in tests/integration/workers."""

import sys

import pytest

from embprof.sampling.isolation import Workers, worker_environment
from embprof.sampling.messages import Opened


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


def test_workers_learn_that_a_workload_imports_torch_and_import_it_before() -> None:
    own = Workers(heavy=False)
    light = Opened(load_seconds=1.0, description={})
    assert own.learn(light) is False
    heavy = Opened(load_seconds=1.0, description={}, imported_torch=True)
    assert own.learn(heavy) is (sys.platform == "linux")
    assert own.learn(heavy) is False, "they knew"
