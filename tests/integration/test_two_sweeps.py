"""Two sweeps started at once: the machine is measured on by one at a time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import Desk, Done, MakeDesk

SWEEP = (
    *("-m", "workload=nap", "batch_size=1,2", "iterations=100", "slice_seconds=0.05"),
    "report=false",
)


@pytest.fixture(scope="module")
def together(make_desk: MakeDesk) -> tuple[Desk, list[Done]]:
    desk = make_desk("together")
    both = [desk.start(*SWEEP) for _ in range(2)]
    return desk, [started.finish() for started in both]


def test_two_sweeps_started_at_once_both_finish(
    together: tuple[Desk, list[Done]],
) -> None:
    desk, both = together
    assert [done.code for done in both] == [0, 0]
    for done in both:
        assert desk.store.parent(done.sweep_id).info.status == "FINISHED"
        assert len(desk.store.children(done.sweep_id)) == 2


def test_the_second_of_two_sweeps_says_for_whom_it_waits(
    together: tuple[Desk, list[Done]],
) -> None:
    _, both = together
    (first,) = (done for done in both if "waiting for" not in done.text)
    (second,) = (done for done in both if done is not first)
    assert f"waiting for sweep {first.sweep_id} (process " in second.text
    assert "; going on" in second.text


def test_two_sweeps_never_measure_at_the_same_time(together: tuple[Desk, list[Done]]) -> None:
    desk, both = together
    spans = []
    for done in both:
        answers = [desk.answer(done.sweep_id, job) for job in (0, 1)]
        spans.append((answers[0]["started"], answers[1]["ended"]))
    (_, first_ended), (second_started, _) = sorted(spans)
    assert first_ended <= second_started


def test_two_sweeps_in_one_folder_are_both_in_its_index(
    together: tuple[Desk, list[Done]],
) -> None:
    desk, both = together
    lines = (desk.mlruns / "index.jsonl").read_text().splitlines()
    indexed = [json.loads(line)["sweep_id"] for line in lines]
    assert sorted(indexed) == sorted(2 * [done.sweep_id for done in both])
