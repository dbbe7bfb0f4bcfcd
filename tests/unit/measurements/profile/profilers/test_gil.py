"""How contention is said."""

import json
import time
from pathlib import Path

import pytest

from embprof.measurements.profile.profilers import gil
from embprof.measurements.profile.profilers.contention import in_short
from embprof.measurements.profile.profilers.gil import Gil, as_text


def test_lateness_is_a_mean_and_a_percentile() -> None:
    late = in_short([0.001 * n for n in range(1, 101)])
    assert round(late["mean"], 1) == 50.5
    assert round(late["p95"]) == 96
    assert in_short([]) == {"mean": 0.0, "p95": 0.0, "probes": 0}


def test_the_table_has_all_three_views() -> None:
    said = as_text(
        {
            "callers": [1, 2],
            "calls_per_s": {"workload": [100.0, 150.0]},
            "gil_late_ms": {"workload": {"mean": 1.0, "p95": 5.0, "probes": 300}},
            "lock_waits": [
                {
                    "place": "a.py:7",
                    "callers": 2,
                    "waits_per_call": 0.5,
                    "wait_ms_per_call": 3.0,
                    "longest_ms": 9.0,
                }
            ],
        }
    )
    assert "1.50×" in said
    assert "5.000        300" in said
    assert said.rstrip().endswith("a.py:7")


def test_a_table_without_waits_says_so() -> None:
    said = as_text({"callers": [1], "calls_per_s": {}, "gil_late_ms": {}, "lock_waits": []})
    assert "no lock that was made while loading was waited for" in said


def test_waits_of_several_callers_are_told_once_they_were_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = {
        "place": "a.py:7",
        "callers": 4,
        "waits_per_call": 0.75,
        "wait_ms_per_call": 180.0,
        "longest_ms": 362.0,
    }
    rates = {"workload": [1.0, 1.0, 1.0]}
    monkeypatch.setattr(gil, "throughput", lambda *_: (rates, [row]))
    monkeypatch.setattr(gil, "lateness", lambda _: {})
    profiler = Gil(0.001)
    profiler.watch(time.perf_counter, 2)
    assert profiler.waits() == []
    file, _ = profiler.write(tmp_path)
    assert profiler.waits() == json.loads(file.read_text())["lock_waits"] == [row]
