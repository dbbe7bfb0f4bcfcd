"""Batches within a memory budget, leaks, and memory that grows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from embprof.interface.finding import Kind, Level
from embprof.measurements.leak.findings import leak
from embprof.measurements.memory.findings import memory_growth, memory_parts
from embprof.measurements.throughput.findings import memory_budget

if TYPE_CHECKING:
    from tests.unit.conftest import MakeAnswer, MakeBatches, MakeStudy

GROWTH = "rss_growth_mb_per_min"


def test_the_most_within_the_budget_is_advised(batches: MakeBatches, study: MakeStudy) -> None:
    made = batches(
        {8: 100, 32: 200, 64: 205, 128: 300},
        "+limits.peak_rss_mb=1000",
        figures=lambda size: {"peak_rss_mb": 500.0 + 5 * size},
    )
    (finding,) = memory_budget.find(study(made))
    assert finding.kind is Kind.ADVICE
    assert finding.title == (
        "Within the memory budget batches of 32 give the most: 200 texts/s; 128 exceed it"
    )
    assert finding.evidence[0] == (
        "budget: 1,000 MB (peak memory of the process); the runs' limits and targets"
    )
    assert finding.check == (
        "python -m embprof -m +limits.peak_rss_mb=1000 batch_size=32,128 measurement=memory"
    )


def test_the_default_budget_is_said_to_be_one(batches: MakeBatches, study: MakeStudy) -> None:
    made = batches({8: 100, 32: 200}, figures={"peak_rss_mb": 500.0, "rss_delta_mb": 50.0})
    (finding,) = memory_budget.find(study(made))
    assert finding.kind is Kind.FACT
    assert finding.title == (
        "No batch size up to 32 exceeds the memory budget: the highest peak of a process was 500 MB"
    )
    assert "a default" in finding.evidence[0]


def test_nothing_within_the_budget_is_said(batches: MakeBatches, study: MakeStudy) -> None:
    made = batches({8: 100, 32: 200}, figures={"peak_rss_mb": 5000.0})
    (finding,) = memory_budget.find(study(made))
    assert finding.priority is Level.HIGH
    assert finding.title.startswith("No batch size measured stays within 4,000 MB")


def test_memory_of_a_process_of_its_own_counts_where_it_was_measured(
    answer: MakeAnswer, batches: MakeBatches, study: MakeStudy
) -> None:
    made = batches({8: 100, 32: 200, 64: 250}, figures={"peak_rss_mb": 100.0})
    fresh = [
        answer(f"batch_size={size}", "measurement=memory", figures={"peak_rss_mb": 90.0 * size})
        for size in (8, 64)
    ]
    (finding,) = memory_budget.find(study(made, fresh))
    assert "batches of 8 give the most" in finding.title
    assert "of batches of 32 memory was not measured" in finding.evidence
    assert fresh[1].run.run_id in finding.runs


def test_without_memory_figures_there_is_no_budget(batches: MakeBatches, study: MakeStudy) -> None:
    assert list(memory_budget.find(study(batches()))) == []


def test_a_leak_is_said_with_its_slope_and_its_place(answer: MakeAnswer, study: MakeStudy) -> None:
    made = answer(
        "measurement=leak",
        figures={"leak_slope_bytes_per_call": (1024.0, 0.05), "leak_time_to_limit_h": 30.0},
        outcomes={"leak": "leak", "leak_reason": "grows by 1 KiB a call"},
    )
    (alone,) = leak.find(study(made))
    assert alone.kind is Kind.ADVICE
    assert alone.title == (
        "Memory leaks: 1,024 bytes ± 5.0 % a call; what was free is used up after 30 h 0 "
        "min of calls (batch 32)"
    )
    rows = [{"file": "service.py", "line": 3, "function": "step", "bytes_a_call": 1000.0}]
    place = answer(
        f"measurement._target_={PLACE}", documents={"leak_places.json": rows}, figures={}
    )
    (located,) = leak.find(study(made, place))
    assert located.advice == (
        "Find out who keeps what service.py:3 in step (1,000 bytes a call) allocates."
    )


PLACE = "embprof.measurements.leak_place.LeakPlace"


def test_no_leak_is_a_fact_and_unproven_growth_a_gap(answer: MakeAnswer, study: MakeStudy) -> None:
    words = ("no_leak", "growth_unproven", "something_else")
    made = [answer("measurement=leak", outcomes={"leak": word}) for word in words]
    found = list(leak.find(study(made)))
    assert [finding.kind for finding in found] == [Kind.FACT, Kind.GAP]
    assert found[1].check == "python -m embprof measurement=leak iterations=4000"


def test_growth_that_may_be_none_says_nothing(answer: MakeAnswer, study: MakeStudy) -> None:
    made = [
        answer("measurement=memory", figures={GROWTH: (1.0, 1.5)}),
        answer("measurement=memory", figures={GROWTH: 1.0}),
        answer("measurement=memory"),
    ]
    assert list(memory_growth.find(study(made))) == []


def test_growth_above_ten_megabytes_a_minute_is_severe(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    made = [
        answer("measurement=memory", figures={GROWTH: (20.0, 0.1)}, outcomes={"growth": "steady"}),
        answer("measurement=memory", figures={GROWTH: (2.0, 0.1)}, outcomes={"growth": "steady"}),
        answer("measurement=memory", figures={GROWTH: (9.0, 0.1)}, outcomes={"growth": "slowing"}),
    ]
    found = list(memory_growth.find(study(made)))
    assert [finding.priority for finding in found[:2]] == [Level.HIGH, Level.MEDIUM]
    assert found[0].title == "Memory grows by 20.0 MB a minute (18.0 to 22.0) under load"
    assert found[2].kind is Kind.GAP


def test_memory_is_said_by_its_parts_and_its_growth(answer: MakeAnswer, study: MakeStudy) -> None:
    made = [
        answer(
            "measurement=memory",
            f"batch_size={size}",
            figures={"peak_rss_mb": 600.0 + size, "component_runtime_mb": 474.0} | more,
        )
        for size, more in ((8, {}), (128, {"component_activations_mb": 100.0}))
    ]
    parts, growth = memory_parts.find(study(made))
    assert parts.title == (
        "Of a peak of 728 MB (batch 128, length 128) 474 MB are libraries and 100 MB are "
        "what calls need"
    )
    assert growth.title == (
        "Peak memory grows from 608 MB with batches of 8 to 728 MB with batches of 128"
    )
    assert "1.00 MB more for each more in batch_size, from the first to the last" in growth.evidence
    assert list(memory_parts.find(study(answer("measurement=memory"), answer(rate=1.0)))) == []


def test_a_leak_of_other_code_is_named_by_it(answer: MakeAnswer, study: MakeStudy) -> None:
    made = answer(
        "measurement=leak",
        "workload._target_=mine.Service",
        outcomes={"leak": "no_leak"},
    )
    (finding,) = leak.find(study(made))
    assert finding.title == "No leak was found (Service)"
