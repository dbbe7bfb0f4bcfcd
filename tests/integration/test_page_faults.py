"""The luck of the allocator, taken out of the real model: no process meets thousands of faults."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

if TYPE_CHECKING:
    from tests.integration.conftest import MakeDesk, Measured

ROOT = Path(__file__).parents[2]
MODULE = '''
import resource

from embprof.workloads.embedding import Embedding


def page_faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


class Counted(Embedding):
    """Counts page faults beside tokens."""

    def load(self):
        super().load()
        self.__dict__["before"] = page_faults()

    def counts(self):
        now = page_faults()
        before, self.__dict__["before"] = self.__dict__["before"], now
        return {**super().counts(), "page_faults": now - before}
'''


@pytest.fixture(scope="module")
def measured(make_desk: MakeDesk) -> Measured:
    """Job 0 is forked, job 1 has an interpreter of its own."""
    desk = make_desk("page-faults")
    (desk.path / "counted.py").write_text(MODULE)
    option = yaml.safe_load((ROOT / "conf" / "workload" / "embedding.yaml").read_text())
    del option["_target_"]
    desk.option("workload", "counted", target="counted.Counted", **option)
    return desk.measure(
        *("-m", "isolation=fork,fresh", "workload=counted", "batch_size=32", "iterations=20"),
        *("allocator=retain", "threads=1", "wait_policy=passive", "warmup.max_seconds=1"),
    )


@pytest.mark.parametrize("job", [0, 1], ids=["fork", "fresh"])
def test_a_worker_that_retains_memory_meets_few_page_faults(measured: Measured, job: int) -> None:
    assert measured.done.code == 0, measured.done.text
    assert measured.answer(job)["description"]["allocator"] == "retain"
    readings = measured.readings(job)
    calls = len(readings.values("call_time"))
    # Left to itself malloc settles on some 500 or on some 13,000 a call.
    assert readings.total("page_faults") / calls < 2000
