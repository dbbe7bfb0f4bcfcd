"""Callers at once, rates of arrivals, failures, and the rate that can be promised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from embprof.interface.finding import Kind, Level
from embprof.measurements.load.findings import (
    capacity,
    concurrency,
    failed_calls,
    generator,
    latency_target,
    overload,
)
from embprof.report.rules import unmeasured

if TYPE_CHECKING:
    from embprof.report.study import Answer
    from tests.unit.conftest import MakeAnswer, MakeStudy

URL = ("workload=http", "workload.url=http://localhost:8080")
TARGET = "measurement.latency_target_ms=200"


def callers(answer: MakeAnswer, rates: dict[int, float], half: float = 0.01) -> list[Answer]:
    return [
        answer(
            *("measurement=closed_loop", f"measurement.concurrency={count}"),
            rate=rate,
            half=half,
            figures={"latency_p50_ms": 1e3 * count / rate, "latency_p95_ms": 2e3 * count / rate},
        )
        for count, rate in rates.items()
    ]


def test_the_callers_that_are_enough_are_advised(answer: MakeAnswer, study: MakeStudy) -> None:
    (found,) = concurrency.find(study(callers(answer, {1: 100, 2: 198, 4: 200, 8: 201})))
    assert found.kind is Kind.ADVICE
    assert found.title == "2 callers at once get 198 texts/s ± 1.0 %; 8 get 1.5 % more (0 to 3 %)"
    assert found.evidence[0] == "1 at once (#0): 100 texts/s ± 1.0 %, p95 20.0 ms"
    assert found.evidence[-1] == ("a call takes 39.8 ms (p50) with 8 at once, and 10.1 with 2")
    assert found.check == (
        "python -m embprof -m measurement=closed_loop measurement.concurrency=2,8 restarts=5"
    )


def test_throughput_that_still_rises_is_a_gap(answer: MakeAnswer, study: MakeStudy) -> None:
    (found,) = concurrency.find(study(callers(answer, {1: 100, 2: 195, 4: 380})))
    assert found.kind is Kind.GAP
    assert found.title.startswith(
        "Throughput still rises at 4 callers at once: 95 % more (92 to 98 %) than"
    )
    assert found.check is not None
    assert "measurement.concurrency=4,8,16" in found.check


def test_what_cannot_be_told_is_said(answer: MakeAnswer, study: MakeStudy) -> None:
    (found,) = concurrency.find(study(callers(answer, {1: 100, 2: 110}, half=0.3)))
    assert found.kind is Kind.GAP
    assert "cannot be told" in found.title


def test_one_concurrency_says_nothing(answer: MakeAnswer, study: MakeStudy) -> None:
    assert list(concurrency.find(study(callers(answer, {4: 100})))) == []


def arrivals(answer: MakeAnswer, rate: int, good: tuple[float, float], **more: object) -> Answer:
    figures = {
        "response_mean_ms": 50.0,
        "response_p95_ms": 90.0,
        "good_percent": good,
        "answered_calls_per_s": 61.5,
        "in_system_max": 431.0,
    }
    outcomes = {"load": more.pop("load", "kept"), "generator": more.pop("generator", "kept_up")}
    figures |= more
    overrides = ("measurement=open_loop", f"measurement.rate={rate}", TARGET)
    return answer(*overrides, figures=figures, outcomes=outcomes)


def test_an_overload_is_told_with_what_was_answered(answer: MakeAnswer, study: MakeStudy) -> None:
    over = [arrivals(answer, rate, (0.1, 0.01), load="overloaded") for rate in (90, 80)]
    (found,) = overload.find(study(over, arrivals(answer, 40, (99.9, 0.0001))))
    assert found.title == (
        "At 80 calls/s calls pile up: 61.5 a second were answered; at 40 calls/s they "
        "are answered as they come"
    )
    assert found.priority is Level.HIGH
    assert "431 calls in the system at most" in found.evidence[0]
    assert found.check == (
        "python -m embprof measurement=capacity measurement.latency_target_ms=200"
    )


def test_a_pool_that_made_calls_wait_is_a_gap(answer: MakeAnswer, study: MakeStudy) -> None:
    (found,) = overload.find(study(arrivals(answer, 80, (99.9, 0.0001), waited_percent=5.0)))
    assert found.kind is Kind.GAP
    assert found.title.startswith("5 % of calls waited because all 64 callers were in calls")
    assert found.check is not None
    assert "measurement.max_in_flight=64,256" in found.check


def test_targets_are_met_up_to_a_rate(answer: MakeAnswer, study: MakeStudy) -> None:
    met, missed = arrivals(answer, 40, (99.9, 0.0005)), arrivals(answer, 80, (91.0, 0.01))
    (found,) = latency_target.find(study(met, missed))
    assert found.title == (
        "99 % of calls within 200 ms: missed with 80 calls/s, met with 40 calls/s"
    )
    assert found.priority is Level.HIGH
    assert found.evidence[1] == "80 calls/s (#1): 91 % of calls good (90.1 to 91.9 %)"
    assert found.check is not None
    assert "measurement=capacity" in found.check


def test_a_target_in_doubt_is_a_gap(answer: MakeAnswer, study: MakeStudy) -> None:
    (found,) = latency_target.find(study(arrivals(answer, 40, (99.0, 0.005))))
    assert found.kind is Kind.GAP
    assert found.check is not None
    assert "measurement.duration=5min" in found.check


def test_calls_that_failed_are_told_with_what_the_first_said(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    figures = {"error_percent": (2.5, 0.1), "errors": 10.0, "timeouts": 0.0, "calls": 400.0}
    failing = answer(
        *URL,
        "measurement=closed_loop",
        rate=100.0,
        figures=figures,
        description={"first_failure": "http://localhost:8080: HTTP 503"},
    )
    (found,) = failed_calls.find(study(failing, callers(answer, {1: 100})))
    assert found.title == "Calls failed in 1 run, 2.5 % (2.2 to 2.8 %) of them with 8 callers"
    assert found.priority is Level.HIGH
    assert found.evidence == (
        "8 callers (#0): 10 errors and 0 timeouts of 400 calls",
        "#0 the first: http://localhost:8080: HTTP 503",
    )


def test_a_late_generator_is_not_to_be_believed(answer: MakeAnswer, study: MakeStudy) -> None:
    late = arrivals(answer, 40, (99.9, 0.001), generator="late", dispatch_lag_p99_ms=12.0)
    (found,) = generator.find(study(late))
    assert found.kind is Kind.GAP
    assert found.priority is Level.HIGH
    assert "began 12.0 ms late (p99)" in found.evidence[0]


def test_a_client_at_its_limit_is_told_and_work_in_process_is_not(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    busy = {"cpu_percent": 97.0, "caller_gap_percent": 1.0}
    asking = answer(*URL, "measurement=closed_loop", rate=100.0, figures=busy)
    working = answer("measurement=closed_loop", rate=100.0, figures=busy)
    (found,) = generator.find(study(asking, working))
    assert found.runs == (asking.run.run_id,)
    assert found.check is not None
    assert "workload.encoding=base64" in found.check
    slow = {"cpu_percent": 10.0, "caller_gap_percent": 9.0}
    assert list(generator.find(study(answer("measurement=closed_loop", figures=slow))))


def test_the_rate_that_was_found_is_to_be_checked_for_longer(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    searched = answer(
        "measurement=capacity",
        TARGET,
        figures={
            "capacity_calls_per_s": (75.0, 0.1),
            "capacity_items_per_s": 2400.0,
            "capacity_missed_calls_per_s": 78.0,
            "probes": 9.0,
        },
        outcomes={"capacity": "found"},
    )
    (found,) = capacity.find(study(searched))
    assert found.title == (
        "67.5 calls/s can be promised: 99 % of calls within 200 ms; 75.0 calls/s (2,400 "
        "texts/s) is the rate that was found"
    )
    assert "#0: missed at 78.0 calls/s" in found.evidence
    assert found.check == (
        "python -m embprof measurement=open_loop measurement.rate=71.2 measurement.duration=5min "
        "measurement.latency_target_ms=200 measurement.goodput_percent=99"
    )


def test_searches_that_did_not_find_it_say_why(answer: MakeAnswer, study: MakeStudy) -> None:
    kept = {"capacity_calls_per_s": 75.0, "probes": 3.0}
    pool = answer("measurement=capacity", TARGET, figures=kept, outcomes={"capacity": "pool"})
    (found,) = capacity.find(study(pool))
    assert found.kind is Kind.GAP
    assert found.check is not None
    assert "measurement.max_in_flight=1024" in found.check
    none = answer("measurement=capacity", TARGET, outcomes={"capacity": "unreachable"})
    (found,) = capacity.find(study(none))
    assert found.title == "No rate that could be judged kept 99 % of calls within 200 ms"


def test_of_a_scenario_the_calls_are_kept_and_the_measurement_is_not(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    over = answer(
        "experiment=serving_rates",
        "measurement.rate=80",
        figures={"in_system_max": 9.0},
        outcomes={"load": "overloaded"},
    )
    (found,) = overload.find(study(over))
    assert found.check is not None
    assert "experiment=" not in found.check
    assert "batch_size=1" in found.check


def test_memory_of_a_client_is_no_gap(answer: MakeAnswer, study: MakeStudy) -> None:
    found = [finding.title for finding in unmeasured.find(study(answer(*URL, rate=100.0)))]
    assert not any("emory" in title or "start" in title for title in found)
    assert any("batch size" in title for title in found)
    loaded = answer(*URL, "measurement=closed_loop", rate=100.0)
    assert "Throughput was not measured" not in [
        finding.title for finding in unmeasured.find(study(loaded))
    ]
