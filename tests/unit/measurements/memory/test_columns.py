"""The columns of memory: peak first, growth only where it was watched."""

from collections.abc import Callable

from embprof.model import Estimate, Figure, Run
from embprof.report.columns import columns

MEMORY = "embprof.measurements.memory.Memory"


def figure(name: str, value: float) -> Figure:
    estimate = Estimate(value=value, low=value - 1, high=value + 1, n=8, basis="blocks")
    return Figure(name=name, better="lower", estimate=estimate)


def cells(made: Run) -> dict[str, str]:
    return {column.heading: column.cell(made) for column in columns([made], MEMORY)}


def test_a_run_shows_its_peak_and_the_parts(run: Callable[..., Run]) -> None:
    figures = (figure("peak_rss_mb", 1234.6), figure("component_weights_mb", 61.4))
    found = cells(run(figures=figures, config={"measurement": {"duration": None}}))
    assert list(found)[:2] == ["peak MB", "at rest MB"]
    assert found["peak MB"] == "1,235"
    assert found["weights"] == "61"
    assert "MB/min" not in found
    assert not any("GPU" in heading for heading in found)


def test_what_was_watched_shows_its_growth(run: Callable[..., Run]) -> None:
    made = run(
        figures=(figure("peak_rss_mb", 700), figure("rss_growth_mb_per_min", 2.0)),
        config={"measurement": {"duration": "2min"}, "restarts": 1},
        outcomes={"growth": "slowing"},
    )
    found = cells(made)
    assert found["MB/min"] == "2.00"
    assert found["±"] == "1.00–3.00"
    assert found["growth"] == "slowing"


def test_a_gpu_has_columns_where_there_was_one(run: Callable[..., Run]) -> None:
    made = run(
        figures=(figure("gpu_allocated_mb", 300.0),), config={"measurement": {"duration": None}}
    )
    assert cells(made)["GPU MB"] == "300"
