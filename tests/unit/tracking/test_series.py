"""Readings over time become series of metrics: at most so many points, and nothing made up."""

from collections.abc import Sequence
from typing import Literal

from embprof.model import Samples, Slice, Summary
from embprof.tracking.series import POINTS, Point, course

STARTED = "2026-01-01T00:00:00.000+00:00"
AT = 1_767_225_600_000
"""The same in milliseconds."""


def quantity(name: str, *values: float, summary: Summary = "last", unit: str = "MB") -> Samples:
    better: Literal["lower", "higher"] = "lower"
    return Samples(name=name, unit=unit, better=better, values=values, summary=summary)


def read(at: float | None, *samples: Samples, restart: int = 0, warmup: bool = False) -> Slice:
    times = () if at is None else (quantity("elapsed", at, summary="mean", unit="s"),)
    return Slice(
        restart=restart, warmup=warmup, started=0.0, seconds=0.2, samples=(*samples, *times)
    )


def named(points: Sequence[Point], name: str) -> dict[int, float]:
    return {point.step: point.value for point in points if point.name == name}


def test_a_quantity_read_with_its_time_is_a_point_a_second_warm_up_included() -> None:
    slices = [
        read(seconds, quantity("rss", value), warmup=not at)
        for at, (seconds, value) in enumerate([(0.9, 1.0), (1.2, 2.0), (1.7, 3.0), (2.9, 4.0)])
    ]
    found = course(slices, STARTED)
    assert named(found.points, "over_time/rss_mb") == {0: 1.0, 1: 3.0, 2: 4.0}
    assert [point.timestamp for point in found.points] == [AT, AT + 1000, AT + 2000]
    assert found.note is None


def test_of_a_high_water_mark_the_largest_of_a_second_is_kept() -> None:
    pairs = ((1.1, 9.0), (1.8, 5.0), (2.5, 6.0), (3.5, 7.0))
    slices = [read(at, quantity("peak", value, 1.0, summary="largest")) for at, value in pairs]
    assert named(course(slices, STARTED).points, "over_time/peak_mb") == {1: 9.0, 2: 6.0, 3: 7.0}


def test_a_long_run_has_longer_steps_and_says_so() -> None:
    slices = [read(float(at), quantity("rss", float(at))) for at in range(3600)]
    found = course(slices, STARTED)
    steps = [point.step for point in found.points]
    assert len(steps) <= POINTS
    assert steps[:3] == [0, 4, 8]
    assert named(found.points, "over_time/rss_mb")[4] == 7.0
    assert found.note == "a point each 4 s of 3600 readings"


def test_processes_of_a_job_follow_each_other() -> None:
    slices = [
        read(float(at), quantity("rss", 10.0 * restart + at), restart=restart)
        for restart in (0, 1)
        for at in (1, 2)
    ]
    points = named(course(slices, STARTED).points, "over_time/rss_mb")
    assert points == {1: 1.0, 2: 2.0, 3: 11.0, 4: 12.0}


def test_counts_and_what_is_read_once_have_no_course() -> None:
    slices = [
        read(float(at), quantity("rss", 1.0), quantity("calls", 5.0, summary="total", unit="1"))
        for at in range(3)
    ]
    slices.append(read(None, quantity("settled", 1.0)))
    slices.append(read(3.0, quantity("phase", 1.0), quantity("odd", float("nan"))))
    assert {point.name for point in course(slices, STARTED).points} == {"over_time/rss_mb"}


def test_a_run_whose_slices_say_no_time_has_none() -> None:
    assert course([], STARTED).points == ()
    assert course([read(None, quantity("rss", 1.0))] * 5, STARTED).points == ()
