"""Devices, threads, types and models beside one another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from embprof.interface.finding import Effort, Kind
from embprof.measurements.throughput.findings import alternatives, devices, threads

if TYPE_CHECKING:
    from tests.unit.conftest import MakeAnswer, MakeStudy


def test_the_faster_device_is_advised(answer: MakeAnswer, study: MakeStudy) -> None:
    made = [
        answer("device=cuda", rate=5000.0, hard={"accelerator": "one GPU"}),
        answer("device=cpu", rate=500.0),
    ]
    (finding,) = devices.find(study(made))
    assert (
        finding.title
        == "cuda is 10.0 times (9.86 to 10.1) as fast as cpu: 5,000 against 500 texts/s"
    )
    assert finding.check == "python -m embprof -m device=cpu,cuda restarts=5"


def test_devices_of_other_machines_are_no_series(answer: MakeAnswer, study: MakeStudy) -> None:
    made = [
        answer("device=cuda", rate=5000.0, hard={"cpu_model": "another"}),
        answer("device=cpu", rate=500.0),
    ]
    assert list(devices.find(study(made))) == []


def test_devices_that_cannot_be_told_apart_are_no_advice(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    made = [answer("device=cuda", rate=100.0, half=0.2), answer("device=cpu", rate=99.0)]
    (finding,) = devices.find(study(made))
    assert finding.kind is Kind.FACT
    assert finding.advice is None


def test_one_thread_that_is_faster_than_two_is_advised(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    made = [answer("threads=1", rate=119.0), answer("threads=2", rate=38.0)]
    (finding,) = threads.find(study(made))
    assert finding.title == (
        "threads=1 gives 213 % (209 to 218 %) more throughput than threads=2: 119 "
        "against 38.0 texts/s"
    )
    assert finding.advice == (
        "Start the service with OMP_NUM_THREADS=1 (or torch.set_num_threads)."
    )


def test_as_many_threads_as_there_were_are_said_where_none_were_asked_for(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    made = [answer("threads=1", rate=119.0), answer(rate=240.0)]
    again = answer("threads=2", rate=239.0)
    assert len(list(threads.find(study(made, again)))) == 1
    (finding,) = threads.find(study(made))
    assert finding.title.startswith(
        "threads=2 gives 102 % (99 to 105 %) more throughput than threads=1"
    )


def test_policies_that_cannot_be_told_apart_are_no_advice(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    made = [
        answer("wait_policy=passive", rate=100.0, half=0.1),
        answer("wait_policy=active", rate=105.0, half=0.1),
    ]
    (finding,) = threads.find(study(made))
    assert finding.kind is Kind.FACT
    assert finding.title == (
        "wait_policy=active and passive cannot be told apart: 100 to 105 texts/s, a difference of "
        "5.0 % (-9 to 21 %)"
    )


@pytest.mark.parametrize(
    ("mark", "check"),
    [
        ("A", "python -m embprof -m wait_policy=passive,default restarts=5"),
        ("T", "python -m embprof threads=null restarts=5"),
    ],
)
def test_marks_of_threads_are_advice(
    answer: MakeAnswer, study: MakeStudy, mark: str, check: str
) -> None:
    (finding,) = threads.find(study(answer(rate=1.0, marks=mark)))
    assert finding.title.startswith("1 of 1 run ")
    assert finding.evidence == (f"#0: detail of {mark}",)
    assert finding.check == check


def test_a_faster_type_is_advised_with_the_quality_left_open(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    made = [answer(rate=100.0), answer("backend.dtype=bfloat16", rate=210.0)]
    (finding,) = alternatives.find(study(made))
    assert finding.title == (
        "bfloat16 is 2.10 times (2.07 to 2.13) as fast as float32: 210 against 100 texts/s"
    )
    assert finding.effort is Effort.MEDIUM
    assert finding.cost is not None
    assert finding.check == "python -m embprof -m backend.dtype=bfloat16,float32 restarts=5"


def test_a_slower_type_is_a_fact(answer: MakeAnswer, study: MakeStudy) -> None:
    made = [answer(rate=100.0), answer("backend.dtype=float16", rate=10.0)]
    (finding,) = alternatives.find(study(made))
    assert finding.kind is Kind.FACT
    assert finding.title == "float16 is slower than float32 here: 10.0 against 100 texts/s"


def test_smaller_models_are_long_term(answer: MakeAnswer, study: MakeStudy) -> None:
    made = [
        answer("model=minilm_l6", "model.weights=random", rate=100.0),
        answer("model=minilm_l3", "model.weights=random", rate=190.0, hard={"weights_sha256": "x"}),
    ]
    found = [one for one in alternatives.find(study(made)) if one.kind is Kind.ADVICE]
    (finding,) = found
    assert finding.title.startswith(
        "paraphrase-MiniLM-L3-v2 is 1.90 times (1.87 to 1.93) as fast as all-MiniLM-L6-v2"
    )
    assert finding.effort is Effort.LONG
    assert any("weights were random" in line for line in finding.evidence)
    assert finding.check == (
        "python -m embprof -m model.weights=random model=minilm_l6,minilm_l3 restarts=5"
    )


def test_a_type_that_was_not_compared_is_a_gap(answer: MakeAnswer, study: MakeStudy) -> None:
    (finding,) = alternatives.find(study(answer(rate=10.0)))
    assert finding.kind is Kind.GAP
    assert finding.check == "python -m embprof -m backend.dtype=float32,bfloat16 restarts=5"
    assert list(alternatives.find(study(answer("device=cuda", rate=10.0)))) == []
    assert list(alternatives.find(study())) == []
