"""Parts of the high-water mark, and what was seen of growth."""

import pytest

from embprof.interface.conclusions import conclude
from embprof.interface.subjects import subject
from embprof.measurements.memory.figures import parts, watched
from embprof.model import Figure, Samples, Slice


def read(name: str, *values: float, unit: str = "MB") -> Samples:
    return Samples(name=name, unit=unit, better="lower", values=values, summary="last")


def piece(*samples: Samples, restart: int = 0, seconds: float = 1.0) -> Slice:
    return Slice(restart=restart, warmup=False, started=0.0, seconds=seconds, samples=samples)


def called(peak: float, at_rest: float, *, restart: int = 0) -> Slice:
    readings = (read("peak_rss", peak - 1, peak), read("steady_rss", at_rest))
    return piece(*readings, restart=restart)


END = (
    read("settled_rss", 600),
    read("phase_harness", 40),
    read("phase_imports", 400),
    read("phase_load", 30),
    read("phase_first_call", 100),
    read("phase_warmup", 20),
    read("component_weights", 60),
    read("component_tokenizer", 6),
)


def values(figures: tuple[Figure, ...]) -> dict[str, float]:
    return {one.name: one.estimate.value for one in figures if one.estimate is not None}


def test_the_parts_add_up_to_the_high_water_mark() -> None:
    found = values(parts([called(750, 610), called(700, 640), piece(*END)]).figures)
    assert found == {
        "phase_calls_mb": 640 - 590,
        "component_runtime_mb": 400,
        "component_activations_mb": 750 - 600,
        "component_other_mb": 600 - 40 - 400 - 60 - 6,
    }
    known = 40 + 400 + 60 + 6
    assert known + found["component_activations_mb"] + found["component_other_mb"] == 750


def test_what_cannot_be_told_is_other() -> None:
    end = [one for one in END if one.name in ("settled_rss", "phase_harness", "phase_load")]
    found = values(parts([called(750, 610), piece(*end)]).figures)
    assert found["component_other_mb"] == 600 - 40
    assert "component_runtime_mb" not in found


def test_of_several_restarts_the_last_is_divided() -> None:
    slices = [called(900, 800), piece(*END), called(750, 610, restart=1), piece(*END, restart=1)]
    assert values(parts(slices).figures)["component_activations_mb"] == 150


def test_a_run_that_was_cut_off_has_no_parts() -> None:
    assert parts([called(750, 610)]).figures == ()


def history(count: int, seconds: float, slope: float = 0.0) -> list[Slice]:
    every = seconds / count
    return [
        piece(
            read("elapsed", n * every, unit="s"),
            read("steady_rss", 500 + slope * n * every / 60 + 0.01 * (n % 3)),
            read("calls", 10, unit="1"),
            seconds=every,
        )
        for n in range(count)
    ]


def test_growth_is_a_figure_with_an_interval_and_a_word() -> None:
    found = watched(history(200, 200, slope=3.0))
    rate, growth = found.figures
    assert (rate.name, rate.better) == ("calls_per_s", "higher")
    assert values(found.figures)["calls_per_s"] == pytest.approx(10)
    assert growth.name == "rss_growth_mb_per_min"
    assert growth.estimate is not None
    assert growth.estimate.value == pytest.approx(3.0, rel=0.05)
    assert growth.estimate.low is not None
    assert found.outcomes == {"growth": "growing"}


def test_no_growth_has_the_word_none() -> None:
    assert watched(history(200, 200)).outcomes == {"growth": "none"}


@pytest.mark.parametrize(("count", "seconds", "note"), [(15, 300, "n<16"), (200, 90, "<100 s")])
def test_growth_of_a_short_time_is_not_known(count: int, seconds: float, note: str) -> None:
    found = watched(history(count, seconds, slope=50.0))
    growth = found.figures[-1]
    assert (growth.estimate, growth.note) == (None, f"n/a ({note})")
    assert found.outcomes == {}


def test_both_are_concluded_from_the_quantities_they_rest_on() -> None:
    slices = [*history(3, 3), called(750, 610), piece(*END)]
    names = {
        figure.name
        for figure in conclude(slices, [subject("embprof.measurements.memory.Memory")]).figures
    }
    assert {"component_other_mb", "calls_per_s", "rss_growth_mb_per_min"} <= names
