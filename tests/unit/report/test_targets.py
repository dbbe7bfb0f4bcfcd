"""Figures that are wanted, beside those that a run has."""

from typing import Literal

import pytest

from embprof.model import Estimate, Figure
from embprof.report.targets import alerts, check


def figure(name: str, value: float | None, better: Literal["lower", "higher"] = "lower") -> Figure:
    if value is None:
        return Figure(name=name, better=better, estimate=None, note="n/a (n<368)")
    estimate = Estimate(value=value, low=None, high=None, n=1, basis="test")
    return Figure(name=name, better=better, estimate=estimate)


FIGURES = [
    figure("peak_rss_mb", 4210.0),
    figure("throughput_texts_per_s", 480.0, "higher"),
    figure("latency_p99_ms", None),
]


@pytest.mark.parametrize(
    ("metric", "wanted", "met"),
    [
        ("peak_rss_mb", 4000, False),
        ("peak_rss_mb", 4210, True),
        ("throughput_texts_per_s", 500, False),
        ("throughput_texts_per_s", 480, True),
        ("latency_p99_ms", 10, None),
        ("no_such_figure", 10, None),
    ],
)
def test_a_target_is_met_by_a_value_no_worse(metric: str, wanted: float, met: bool | None) -> None:  # noqa: FBT001
    (target,) = check({metric: wanted}, FIGURES)
    assert target.met is met


def test_a_missed_target_is_said_with_its_direction() -> None:
    said = [one.sentence for one in check({"peak_rss_mb": 4000.0, "nothing": 1.0}, FIGURES)]
    said += [one.sentence for one in check({"throughput_texts_per_s": 500.0}, FIGURES)]
    assert said == [
        "peak_rss_mb 4,210, wanted at most 4,000",
        "nothing: there is no such figure",
        "throughput_texts_per_s 480, wanted at least 500",
    ]


def test_a_limit_that_was_passed_is_an_alert() -> None:
    limits = {"peak_rss_mb": 4000.0, "throughput_texts_per_s": 100.0}
    found = list(alerts(limits, FIGURES, is_answer=True))
    assert found == ["peak_rss_mb 4,210, wanted at most 4,000"]


def test_a_limit_that_an_answer_cannot_be_held_to_is_an_alert() -> None:
    limits = {"peak_rs_mb": 4000.0, "latency_p99_ms": 10.0, "nothing_like_it": 1.0}
    assert list(alerts(limits, FIGURES, is_answer=True)) == [
        "peak_rs_mb: there is no such figure, did you mean peak_rss_mb?",
        "latency_p99_ms: n/a (n<368); it takes longer measuring (iterations, max_seconds)",
        "nothing_like_it: there is no such figure",
    ]
    assert list(alerts(limits, FIGURES, is_answer=False)) == [], "why it is none is told elsewhere"
