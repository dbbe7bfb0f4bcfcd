"""Memory of real processes: planted amounts are seen, parts add up, passed limits are told.

The workloads of known size import no torch, so their interpreters start in a second; one job loads
the real model.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import MakeDesk, Measured, Readings

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")

MEBIBYTE = 2**20 / 1e6
"""In MB."""
SMALL = ("warmup.iterations=2", "warmup.seconds=0", "warmup.max_seconds=1", "slice_seconds=0.1")
SPIKE, LOADING, CALLING = 200, 120, 70
"""MiB."""


@pytest.fixture(scope="module")
def planted(make_desk: MakeDesk) -> Measured:
    """A spike of 5 ms in every call, and memory that is kept."""
    desk = make_desk("planted-memory")
    desk.option(
        "workload", "spike", target="embprof.testing.Spike", mebibytes=SPIKE, milliseconds=5
    )
    holds = {"target": "embprof.testing.Holds", "loading": LOADING, "calling": CALLING}
    desk.option("workload", "holds", **holds)
    return desk.measure("-m", "workload=spike,holds", "measurement=memory", "iterations=6", *SMALL)


@pytest.fixture(scope="module")
def real(make_desk: MakeDesk) -> Measured:
    """The real model, with texts of which the file alone takes 60 MB."""
    desk = make_desk("real-memory")
    lines = (f"{number} {'word ' * 200}\n" for number in range(60_000))
    (desk.path / "texts.txt").write_text("".join(lines))
    return desk.measure(
        *("measurement=memory", "batch_size=16", "corpus=file", "corpus.path=texts.txt"),
        *("text_length=40", "iterations=6", *SMALL),
    )


@pytest.fixture(scope="module")
def watched(make_desk: MakeDesk) -> Measured:
    """Eight callers for two seconds, a limit that any interpreter passes, and one with a typo."""
    return make_desk("watched-memory").measure(
        "workload=nap",
        "measurement=memory",
        "measurement.duration=2s",
        "measurement.concurrency=8",
        "+limits.peak_rss_mb=1",
        "+limits.steady_rss_mb=100000",
        "+limits.rss_growth_mb_per_min=100000",
        *SMALL,
    )


def figures(answer: dict[str, Any]) -> dict[str, float]:
    return {f["name"]: f["estimate"]["value"] for f in answer["figures"] if f["estimate"]}


def test_a_spike_of_5_ms_is_seen_within_1_percent_in_every_call(planted: Measured) -> None:
    assert planted.done.code == 0, planted.done.text
    readings: Readings = planted.readings(0)
    rest = readings.values("steady_rss")[0]
    peaks = readings.values("peak_rss")
    assert len(peaks) == 6
    for peak in peaks:
        assert peak - rest == pytest.approx(SPIKE * MEBIBYTE, rel=0.01)
    found = figures(planted.answer(0))
    assert found["rss_delta_mb"] == pytest.approx(SPIKE * MEBIBYTE, rel=0.01)
    assert found["component_activations_mb"] == pytest.approx(SPIKE * MEBIBYTE, rel=0.01)


def test_memory_that_is_kept_is_attributed_to_the_phase_that_took_it(planted: Measured) -> None:
    found = figures(planted.answer(1))
    assert found["phase_load_mb"] == pytest.approx(LOADING * MEBIBYTE, rel=0.02)
    assert found["phase_first_call_mb"] == pytest.approx(CALLING * MEBIBYTE, rel=0.02)
    assert abs(found["phase_calls_mb"]) < 1
    assert 10 < found["phase_harness_mb"] < 100


def test_the_parts_of_the_real_model_add_up_to_its_peak(real: Measured) -> None:
    assert real.done.code == 0, real.done.text
    found = figures(real.answer(0))
    parts = [value for name, value in found.items() if name.startswith("component_")]
    assert len(parts) == 5
    assert sum(parts) + found["phase_harness_mb"] == pytest.approx(found["peak_rss_mb"])
    assert found["weights_mb"] == pytest.approx(22_713_216 * 4 / 1e6, rel=0.001)
    assert 20 < found["component_weights_mb"] <= found["weights_mb"] + 1
    assert 1 < found["component_tokenizer_mb"] < 50
    assert found["component_runtime_mb"] > 100
    assert found["uss_mb"] <= found["pss_mb"] <= found["steady_rss_mb"]
    assert real.answer(0)["description"]["memory_not_told"] is None


def test_texts_that_are_kept_are_no_memory_of_the_service(real: Measured) -> None:
    """The first of them lie in what the imports took and let go of again, a few MB."""
    found = figures(real.answer(0))
    assert 50 < found["phase_inputs_mb"] < 100
    assert found["component_activations_mb"] < 60
    assert found["rss_delta_mb"] < 60


def test_a_run_has_a_picture_and_a_history_and_a_table(real: Measured) -> None:
    assert {"memory.svg", "memory_history.jsonl"} <= real.store.artifacts(real.children[0])
    for heading in ("peak MB", "at rest MB", "weights", "imports"):
        assert heading in real.done.text
    metrics = real.children[0].data.metrics
    assert metrics["peak_rss_mb"] >= metrics["steady_rss_mb"]


def test_callers_at_once_leave_a_series_for_as_long_as_was_asked(watched: Measured) -> None:
    answer = watched.answer(0)
    assert answer["stop"] == "max_seconds"
    assert answer["seconds"]["measured"] >= 2
    readings = watched.readings(0)
    elapsed = readings.values("elapsed")
    assert len(elapsed) >= 5
    assert elapsed == sorted(elapsed)
    assert len(readings.values("steady_rss")) == len(readings.values("calls")) == len(elapsed)
    assert readings.total("calls") % 8 == 0
    file = watched.desk.sweep(watched.sweep_id) / "0" / "memory_history.jsonl"
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    assert [row["elapsed_s"] for row in rows if not row["warmup"]] == elapsed


def test_a_limit_on_a_percentile_adds_the_calls_that_it_takes(make_desk: MakeDesk) -> None:
    words = ("workload=nap", "iterations=20", "report=false", *SMALL)
    told = make_desk("percentile").measure(*words, "+limits.latency_p95_ms=10000")
    assert told.done.code == 0, told.done.text
    assert 72 <= figures(told.answer(0))["calls"] < 200
    assert "latency_p95_ms" in figures(told.answer(0))
    assert "1/1" in told.done.text


def test_a_limit_that_is_passed_is_an_alert_and_so_is_one_that_nobody_can_check(
    watched: Measured,
) -> None:
    passed, untold = watched.answer(0)["alerts"]
    assert passed.startswith("peak_rss_mb ")
    assert "wanted at most 1" in passed
    assert untold.startswith("rss_growth_mb_per_min: n/a (")
    assert untold.endswith("; it takes longer measuring (iterations, max_seconds)")
    assert untold.partition(";")[0] in watched.done.text
    assert watched.done.code == 1
