"""Figures for people."""

from datetime import UTC, datetime

import pytest

from embprof import units


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0123456, "0.0123"),
        (0.1, "0.100"),
        (6.6649, "6.66"),
        (49.123, "49.1"),
        (512.4, "512"),
        (1184.6, "1,185"),
        (1234567.8, "1,234,568"),
        (0, "0"),
        (-3.14159, "-3.14"),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
    ],
)
def test_a_number_has_three_significant_digits_and_whole_thousands(
    value: float, shown: str
) -> None:
    assert units.number(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(9.996, "10.0"), (99.96, "100"), (999.6, "1,000"), (0.09996, "0.100")]
)
def test_a_number_that_is_rounded_up_to_the_next_power_keeps_three_digits(
    value: float, shown: str
) -> None:
    assert units.number(value) == shown


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.012, "1.2 %"), (0.0949, "9.5 %"), (0.125, "12 %"), (1.5, "150 %"), (0.0, "0.0 %")],
)
def test_a_share_is_shown_as_percent(share: float, shown: str) -> None:
    assert units.percent(share) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.04, "0.0 s"),
        (9.44, "9.4 s"),
        (45.4, "45 s"),
        (200, "3 min 20 s"),
        (3599.4, "59 min 59 s"),
        (3600, "1 h 0 min"),
        (7500, "2 h 5 min"),
        (100_000, "27 h 46 min"),
    ],
)
def test_a_duration_is_shown_in_the_units_people_use(seconds: float, shown: str) -> None:
    assert units.duration(seconds) == shown


def test_a_duration_is_rounded_before_its_unit_is_chosen() -> None:
    assert units.duration(59.7) == "1 min 0 s"


@pytest.mark.parametrize(
    ("name", "unit", "metric"),
    [
        ("peak_rss", "MB", "peak_rss_mb"),
        ("load_time", "s", "load_time_s"),
        ("gpu_utilization", "%", "gpu_utilization_percent"),
        ("forward_passes", "1", "forward_passes"),
        ("first_encode", "ms", "first_encode_ms"),
        ("energy", "J", "energy_j"),
    ],
)
def test_a_metric_is_named_with_its_unit_last(name: str, unit: str, metric: str) -> None:
    assert units.metric_name(name, unit) == metric


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("90s", 90.0),
        ("30min", 1800.0),
        ("2h", 7200.0),
        ("1h 30min", 5400.0),
        ("1h30min15s", 5415.0),
        (" 1.5 min ", 90.0),
        (45, 45.0),
        (0.5, 0.5),
    ],
)
def test_a_time_is_read_as_people_write_it(written: str | float, seconds: float) -> None:
    assert units.seconds(written) == seconds


@pytest.mark.parametrize(
    "written",
    ["", "soon", "30", "30m", "5 minutes", "0s", "-3s", "1.2.3s", 0, -1, float("inf"), True],
)
def test_what_is_no_time_is_told_with_examples(written: str | float) -> None:
    with pytest.raises(ValueError, match="such as 90s, 30min or 2h"):
        units.seconds(written)


def test_now_is_utc_in_iso_8601_to_the_millisecond() -> None:
    moment = datetime.fromisoformat(units.utc_now())
    assert moment.tzinfo == UTC
    assert units.utc_now().endswith("+00:00")
    assert len(units.utc_now()) == len("2026-01-01T00:00:00.000+00:00")


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        ("throughput_texts_per_s", "texts/s"),
        ("tokens_per_s", "tokens/s"),
        ("latency_per_text_p50_ms", "ms"),
        ("peak_rss_mb", "MB"),
        ("cpu_percent", "%"),
        ("total_s", "s"),
        ("leak_slope_bytes_per_call", "B/call"),
        ("rss_growth_mb_per_min", "MB/min"),
        ("capacity_missed_calls_per_s", "calls/s"),
        ("calls", ""),
    ],
)
def test_the_unit_stands_in_the_name_of_a_metric(figure: str, expected: str) -> None:
    assert units.unit_of(figure) == expected


@pytest.mark.parametrize(
    ("metric", "unit", "expected"),
    [
        ("agreement_percent", "%", "agreement %"),
        ("leak_slope_bytes_per_call", "B/call", "leak_slope B/call"),
        ("tokens_per_s", "tokens/s", "tokens_per_s"),
        ("watts", "W", "watts"),
        ("recall_at_10", "", "recall_at_10"),
    ],
)
def test_a_unit_is_written_once(metric: str, unit: str, expected: str) -> None:
    assert units.with_unit(metric, unit) == expected
