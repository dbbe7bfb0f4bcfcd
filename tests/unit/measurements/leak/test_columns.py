"""What the table says of leaks."""

from collections.abc import Callable, Sequence

from embprof.model import Estimate, Figure, Run
from embprof.report.columns import columns

MakeRun = Callable[..., Run]
LEAK = "embprof.measurements.leak.Leak"


def figure(name: str, value: float, low: float | None = None, high: float | None = None) -> Figure:
    estimate = Estimate(value=value, low=low, high=high, n=16, basis="blocks")
    return Figure(name=name, better="lower", estimate=estimate)


def row(runs: Sequence[Run], number: int) -> dict[str, str]:
    return {column.heading: column.cell(runs[number]) for column in columns(runs, LEAK)}


def test_a_leak_has_its_verdict_its_slope_and_what_time_is_left(run: MakeRun) -> None:
    slope = figure("leak_slope_bytes_per_call", 1057.4, 1050.0, 1060.0)
    runs = [
        run(
            figures=(figure("in_use_mb", 372.3), slope, figure("leak_time_to_limit_h", 7.25)),
            outcomes={"leak": "leak"},
        ),
        run(
            figures=(figure("in_use_mb", 372.3), figure(slope.name, 4.0, 1.0, 9.0)),
            outcomes={"leak": "growth_unproven", "leak_reason": "growth in a few steps"},
        ),
    ]
    leaking, unproven = row(runs, 0), row(runs, 1)
    assert (leaking["leak"], leaking["B/call"], leaking["±"]) == ("leak", "1,057", "0.5 %")
    assert leaking["full in h"] == "7.25"
    assert (unproven["leak"], unproven["B/call"]) == ("growth unproven", "4")
    assert (unproven["±"], unproven["full in h"]) == ("1.00–9.00", "")


def test_a_gpu_has_a_column_where_one_was_used(run: MakeRun) -> None:
    without = [run(figures=(figure("in_use_mb", 1.0),))]
    assert "GPU B/call" not in row(without, 0)
    used = [run(figures=(figure("leak_gpu_slope_bytes_per_call", 4096.0, 4095.0, 4097.0),))]
    assert row(used, 0)["GPU B/call"] == "4,096"
    assert "full in h" not in row(used, 0)
