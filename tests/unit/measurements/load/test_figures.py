"""Figures of calls under load, of readings made up on the spot."""

from collections.abc import Sequence

import numpy as np
import pytest

from embprof.interface import conclusions
from embprof.interface.conclusion import Conclusion
from embprof.interface.figures import figures
from embprof.interface.subjects import subject
from embprof.measurements.load import capacity_figures
from embprof.model import Estimate, Figure, Samples, Slice

CLOSED_LOOP = subject("embprof.measurements.closed_loop.ClosedLoop")
OPEN_LOOP = subject("embprof.measurements.open_loop.OpenLoop")
CAPACITY = subject("embprof.measurements.capacity.Capacity")


def conclude(slices: Sequence[Slice]) -> Conclusion:
    """Each of the three is asked of what rests on its own quantity."""
    return conclusions.conclude(slices, [CLOSED_LOOP, OPEN_LOOP, CAPACITY])


def throughput(*slices: Slice) -> tuple[Figure, ...]:
    return figures(slices, "texts", CLOSED_LOOP.account.supporting)


def piece(restart: int = 0, **read: Sequence[float]) -> Slice:
    samples = tuple(
        Samples(
            name=name,
            unit="s",
            better="lower",
            values=tuple(values),
            items=(4,) * len(values) if name == "round_time" else (),
            summary="rate" if name == "round_time" else "mean",
        )
        for name, values in read.items()
    )
    return Slice(restart=restart, warmup=False, started=0.0, seconds=1.0, samples=samples)


def closed(seconds: Sequence[float], restart: int = 0, **more: Sequence[float]) -> Slice:
    rounds = {"round_time": seconds, "service_time": seconds}
    usual = {"caller_gap": [0.0], "window": [sum(seconds)], "cpu_time": [sum(seconds) / 4]}
    return piece(restart, **rounds, **{**usual, **more})


def opened(seconds: Sequence[float], restart: int = 0, **more: Sequence[float]) -> Slice:
    n = len(seconds)
    usual: dict[str, Sequence[float]] = {
        "response_time": seconds,
        "service_time": seconds,
        "gap": [0.1] * n,
        "in_system": [1.0] * n,
        "had_caller": [1.0] * n,
        "window": [0.1 * n],
        "cpu_time": [0.01 * n],
    }
    return piece(restart, **{**usual, **more})


def named(concluded: Conclusion) -> dict[str, Figure]:
    return {figure.name: figure for figure in concluded.figures}


def estimate(concluded: Conclusion, name: str) -> Estimate:
    found = named(concluded)[name].estimate
    assert found is not None, name
    return found


def test_nothing_that_is_read_is_a_figure_by_itself() -> None:
    assert figures([opened([0.25] * 8)], "texts", OPEN_LOOP.account.supporting) == ()
    assert figures([search(75, 78)], "texts", CAPACITY.account.supporting) == ()
    (only,) = throughput(closed([0.25] * 8))
    assert only.name == "throughput_texts_per_s"


def test_throughput_is_over_the_rounds_and_has_restarts_as_its_unit() -> None:
    (one,) = throughput(closed([0.25] * 8), closed([0.25] * 8))
    assert one.estimate is not None
    assert one.estimate.value == pytest.approx(16)
    (two,) = throughput(closed([0.25] * 8), closed([0.5] * 8, restart=1))
    assert two.estimate is not None
    assert two.estimate.basis == "2 restarts"


def test_calls_that_failed_are_slower_than_any_that_was_answered() -> None:
    ending = [0.0] * 95 + [1.0] * 5
    concluded = conclude([closed([0.1] * 95 + [0.001] * 5, call_failed=ending)])
    assert estimate(concluded, "latency_p50_ms").value == pytest.approx(100)
    p95 = named(concluded)["latency_p95_ms"]
    assert p95.estimate is None
    assert p95.note == "n/a (5 % of calls failed)"
    assert (estimate(concluded, "errors").value, estimate(concluded, "timeouts").value) == (5, 0)


def test_an_upper_bound_among_failed_calls_is_none() -> None:
    ending = [0.0] * 96 + [2.0] * 4
    found = estimate(conclude([closed([0.1] * 100, call_failed=ending)]), "latency_p95_ms")
    assert found.value == pytest.approx(100)
    assert (found.low, found.high) == (None, None)
    assert "failed" in found.basis


def test_a_slice_without_failures_stands_beside_one_with_some() -> None:
    concluded = conclude([closed([0.1] * 60), closed([0.1] * 40, call_failed=[1.0] * 40)])
    assert estimate(concluded, "error_percent").value == pytest.approx(40)


def test_goodput_is_there_only_where_calls_were_judged() -> None:
    assert "good_percent" not in named(conclude([closed([0.1] * 100)]))
    good = [1.0] * 90 + [0.0] * 10
    concluded = conclude([closed([0.1] * 90 + [0.3] * 10, call_good=good)])
    assert estimate(concluded, "good_percent").value == pytest.approx(90)
    assert estimate(concluded, "goodput_calls_per_s").value == pytest.approx(90 / 12)


def test_what_callers_lose_between_calls_is_a_share_of_their_time() -> None:
    concluded = conclude([closed([0.1] * 100, caller_gap=[0.5])])
    assert estimate(concluded, "caller_gap_percent").value == pytest.approx(5)
    assert estimate(concluded, "cpu_percent").value == pytest.approx(25)


def test_open_loops_have_both_times_and_say_that_all_went_well() -> None:
    concluded = conclude([opened([0.05] * 400)])
    assert concluded.figures[0].name == "response_mean_ms"
    assert estimate(concluded, "response_mean_ms").value == pytest.approx(50)
    assert estimate(concluded, "response_p99_ms").value == pytest.approx(50)
    assert estimate(concluded, "offered_calls_per_s").value == pytest.approx(10)
    assert estimate(concluded, "answered_calls_per_s").value == pytest.approx(10)
    assert estimate(concluded, "in_system_max").value == 2
    assert concluded.outcomes == {"load": "kept", "generator": "kept_up"}


def test_a_backlog_that_grows_in_one_restart_is_an_overload() -> None:
    grows = opened([0.05] * 400, restart=1, in_system=list(range(400)))
    assert conclude([opened([0.05] * 400), grows]).outcomes["load"] == "overloaded"


def test_calls_given_up_in_number_are_an_overload_too() -> None:
    ending = [0.0, 2.0] * 200
    concluded = conclude([opened([0.05] * 400, call_failed=ending)])
    assert concluded.outcomes["load"] == "overloaded"


def test_errors_are_none() -> None:
    ending = [0.0, 1.0] * 200
    assert conclude([opened([0.05] * 400, call_failed=ending)]).outcomes["load"] == "kept"


def test_a_generator_that_is_late_by_a_tenth_of_the_p99_is_told() -> None:
    services, late = [0.05] * 400, [0.06] * 400
    concluded = conclude([opened(late, service_time=services)])
    assert concluded.outcomes["generator"] == "late"
    assert estimate(concluded, "dispatch_lag_p99_ms").value == pytest.approx(10)


def test_waiting_for_a_caller_is_the_queues_and_not_the_generators() -> None:
    services, waited = [0.05] * 400, [0.06] * 400
    concluded = conclude([opened(waited, service_time=services, had_caller=[0.0] * 400)])
    assert concluded.outcomes["generator"] == "kept_up"
    assert estimate(concluded, "waited_percent").value == 100


def test_where_nothing_was_answered_there_is_no_response_time() -> None:
    concluded = conclude([opened([0.05] * 400, call_failed=[2.0] * 400)])
    mean = named(concluded)["response_mean_ms"]
    assert mean.estimate is None
    assert mean.note == "n/a (100 % of calls failed)"
    assert named(concluded)["response_p50_ms"].estimate is None


def test_the_mean_of_several_restarts_has_them_as_its_unit() -> None:
    concluded = conclude([opened([0.05] * 100), opened([0.06] * 100, restart=1)])
    assert estimate(concluded, "response_mean_ms").basis == "2 restarts"


def test_a_handful_of_calls_has_what_it_can_have() -> None:
    concluded = conclude([opened([0.05, 0.06])])
    assert named(concluded)["response_p95_ms"].note == "n/a (n<72)"
    assert estimate(concluded, "response_mean_ms").low is None


def search(kept: float, missed: float, **more: Sequence[float]) -> Slice:
    usual: dict[str, Sequence[float]] = {
        "capacity": [kept],
        "capacity_missed": [missed],
        "capacity_ended": [0.0],
        "capacity_pool": [0.0],
        "items_per_call": [4.0],
        "probe_rate": [50.0, 100.0, 75.0],
        "probe_good": [100.0, 10.0, 99.5],
        "probe_calls": [1000.0] * 3,
        "probe_word": [1.0, 0.0, 1.0],
        "probe_shown": [1.0, 1.0, 0.0],
    }
    return piece(0, **{**usual, **more})


def test_a_capacity_is_bounded_by_what_was_clear_on_both_sides() -> None:
    concluded = conclude([search(75, 78)])
    found = estimate(concluded, "capacity_calls_per_s")
    assert (found.value, found.low, found.high) == (75, 50, 100)
    assert estimate(concluded, "capacity_items_per_s").value == 300
    assert estimate(concluded, "capacity_missed_calls_per_s").value == 78
    assert concluded.outcomes == {"capacity": "found"}


def test_without_a_clear_side_it_has_no_interval() -> None:
    found = estimate(conclude([search(75, 78, probe_shown=[0.0, 1.0, 0.0])]), capacity_figures.NAME)
    assert (found.low, found.high) == (None, None)
    assert "too few calls" in found.basis


def test_several_searches_have_an_interval_of_their_own() -> None:
    every = [search(rate, rate * 1.04) for rate in (70.0, 75.0, 80.0)]
    found = estimate(conclude(every), capacity_figures.NAME)
    assert found.value == pytest.approx(75)
    assert found.low is not None
    assert found.low < 70


def test_the_worst_of_several_searches_is_told() -> None:
    every = [search(75, 78), search(0, 10, capacity_ended=[1.0])]
    concluded = conclude(every)
    assert concluded.outcomes == {"capacity": "unreachable"}
    assert named(concluded)[capacity_figures.NAME].estimate is None


def test_percentiles_of_a_queue_have_wider_intervals_than_those_of_neighbours() -> None:
    rng = np.random.default_rng(1)
    bursts = np.repeat(rng.exponential(0.05, 40), 50)
    of_queue = estimate(conclude([opened(list(bursts))]), "response_p50_ms")
    of_neighbours = estimate(conclude([closed(list(bursts))]), "latency_p50_ms")
    assert of_queue.half_width is not None
    assert of_neighbours.half_width is not None
    assert of_queue.half_width > of_neighbours.half_width
