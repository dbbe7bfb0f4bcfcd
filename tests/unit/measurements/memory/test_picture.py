"""Memory over time, drawn from slices."""

from collections.abc import Callable
from xml.etree import ElementTree as ET

from embprof.measurements.memory.picture import draw
from embprof.model import Run, Samples, Slice
from embprof.report.pictures import pictures


def read(name: str, *values: float) -> Samples:
    return Samples(name=name, unit="MB", better="lower", values=values, summary="last")


PHASES = (
    read("phase_harness", 40),
    read("phase_harness_peak", 41),
    read("phase_imports", 400),
    read("phase_imports_peak", 441),
    read("phase_load", 30),
    read("phase_load_peak", 480),
    read("phase_first_call", 30),
    read("phase_first_call_peak", 510),
)


def piece(elapsed: float, *more: Samples, warmup: bool = False, restart: int = 0) -> Slice:
    samples = (
        read("peak_rss", 505.0, 510.0),
        read("steady_rss", 500.0),
        read("elapsed", elapsed),
        *more,
    )
    return Slice(restart=restart, warmup=warmup, started=0.0, seconds=1.0, samples=samples)


def life(restart: int = 0) -> list[Slice]:
    return [
        piece(4, *PHASES, read("phase_ends", 0, 2, 3, 4), warmup=True, restart=restart),
        piece(8, restart=restart),
        piece(12, restart=restart),
    ]


def drawn(
    run: Callable[..., Run],
    slices: list[Slice],
    *,
    concurrency: int | None = None,
    **config: object,
) -> str:
    asked = {"batch_size": 8, "text_length": 128, "device": "cpu", "limits": {}}
    callers = {} if concurrency is None else {"concurrency": concurrency}
    measurement = {"_target_": "embprof.measurements.memory.Memory", **callers}
    made = run(config={**asked, **config, "measurement": measurement})
    found = dict(pictures(made, slices))
    assert set(found) == {"memory.svg"}
    return found["memory.svg"]


def words(svg: str) -> str:
    """What the picture says."""
    return " ".join(ET.fromstring(svg).itertext())


def test_a_picture_has_the_figures_in_its_title_units_on_its_axes_and_phases(
    run: Callable[..., Run],
) -> None:
    said = words(drawn(run, life()))
    assert "peak 12,346 MB (batch 8, length 128, cpu)" in said
    assert "resident memory in MB" in said
    assert "time since loading began in s" in said
    for word in ("imports", "load", "measured", "high-water mark", "at rest"):
        assert word in said


def test_limits_are_lines_or_named_where_they_are_far_above(run: Callable[..., Run]) -> None:
    limits = {"peak_rss_mb": 600.0, "steady_rss_mb": 3500.0}
    said = words(drawn(run, life(), limits=limits, concurrency=100))
    assert "limit peak 600" in said
    assert "limit at rest 3,500: far above" in said
    assert "100 callers" in said


def test_every_restart_is_drawn(run: Callable[..., Run]) -> None:
    one, two = drawn(run, life()), drawn(run, [*life(), *life(restart=1)])
    assert two.count('stroke="#D55E00"') == one.count('stroke="#D55E00"') + 1
    assert words(two) == words(one), "the same is named once"


def test_a_run_that_was_cut_off_before_its_first_reading_has_no_picture(
    run: Callable[..., Run],
) -> None:
    assert draw(run(), []) == ""
    assert "resident memory" in drawn(run, [piece(8)]), "phases were not told"


def test_long_runs_are_thinned(run: Callable[..., Run]) -> None:
    many = drawn(run, [piece(float(second)) for second in range(4, 4004)])
    assert len(many) < 20_000
