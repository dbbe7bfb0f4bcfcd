"""What the table says of calls under load."""

from collections.abc import Callable, Sequence
from typing import Any

from embprof.model import Estimate, Figure, Run
from embprof.report.columns import columns

MakeRun = Callable[..., Run]
CLOSED = "embprof.measurements.closed_loop.ClosedLoop"
OPEN = "embprof.measurements.open_loop.OpenLoop"
CAPACITY = "embprof.measurements.capacity.Capacity"


def figure(name: str, value: float, low: float | None = None, high: float | None = None) -> Figure:
    estimate = Estimate(value=value, low=low, high=high, n=16, basis="calls")
    return Figure(name=name, better="lower", estimate=estimate)


def row(runs: Sequence[Run], measurement: str, number: int = 0) -> dict[str, str]:
    return {column.heading: column.cell(runs[number]) for column in columns(runs, measurement)}


def configured(run: MakeRun, *figures: Figure, **changes: Any) -> Run:
    made = run(figures=figures, **changes)
    config = {**made.config, "measurement": {"goodput_percent": 99}}
    return run(figures=figures, config=config, **changes)


def test_callers_at_once_have_throughput_latency_and_what_was_good(run: MakeRun) -> None:
    runs = [
        configured(
            run,
            figure("throughput_texts_per_s", 400.0, 396.0, 404.0),
            figure("latency_p95_ms", 84.3),
            figure("goodput_calls_per_s", 99.0),
            figure("good_percent", 97.0, low, high),
        )
        for low, high in ((99.5, 99.9), (90.0, 98.0), (95.0, 99.9))
    ]
    cells = row(runs, CLOSED)
    assert (cells["texts/s"], cells["±"], cells["p95 ms"]) == ("400", "~1.0 %", "84.3")
    assert cells["good/s"] == "99.0"
    assert [row(runs, CLOSED, at)["target"] for at in range(3)] == ["met", "missed", "?"]
    assert "failed %" not in cells


def test_failures_have_a_column_where_there_are_some(run: MakeRun) -> None:
    failing = configured(run, figure("throughput_texts_per_s", 400.0), figure("error_percent", 2.5))
    assert row([failing], CLOSED)["failed %"] == "2.50"
    assert "target" not in row([failing], CLOSED)


def test_arrivals_have_their_load_and_the_generator_where_it_was_late(run: MakeRun) -> None:
    kept = configured(
        run,
        figure("response_p95_ms", 71.2),
        figure("dispatch_lag_p99_ms", 6.0),
        outcomes={"load": "kept", "generator": "kept_up"},
    )
    cells = row([kept], OPEN)
    assert (cells["load"], cells["p95 ms"]) == ("kept", "71.2")
    assert "generator" not in cells
    late = configured(
        run,
        figure("dispatch_lag_p99_ms", 6.0),
        outcomes={"load": "overloaded", "generator": "late"},
    )
    cells = row([late], OPEN)
    assert (cells["load"], cells["generator"], cells["lag p99"]) == ("overloaded", "late", "6.00")


def test_a_capacity_has_what_was_missed_beside_it(run: MakeRun) -> None:
    found = configured(
        run,
        figure("capacity_calls_per_s", 75.0, 50.0, 100.0),
        figure("capacity_missed_calls_per_s", 78.0),
        figure("capacity_items_per_s", 2400.0),
        figure("probes", 9.0),
        outcomes={"capacity": "at_least"},
    )
    cells = row([found], CAPACITY)
    assert cells == {
        "calls/s": "75.0",
        "±": "50.0–100",
        "missed at": "78.0",
        "texts/s": "2,400",
        "capacity": "at least",
        "tries": "9",
    }
