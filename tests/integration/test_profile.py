"""``measurement=profile`` on the real model, and on work whose shares are known."""

from __future__ import annotations

import json
import pstats
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from embprof.measurements.profile.profilers.page import SHIM

if TYPE_CHECKING:
    from tests.integration.conftest import Desk, MakeDesk, Measured

STAGES = (
    "prepare",
    "tokenize",
    "pad_collate",
    "to_device",
    "forward",
    "pooling",
    "normalize",
    "to_host",
    "other",
)
LAYERS = 6
SUMS = 0.02
"""How far the stages together may be from the wall time of a call."""
SHARE = 0.2
"""Of the planted functions' time, in the smaller of the two."""
ONE_THREAD = ("threads=1", "wait_policy=passive", "text_length=40")
SHORT = ("warmup.iterations=2", "warmup.seconds=0", "warmup.max_seconds=1")
TEMPORARY = "temporary"
"""A folder for the temporary files of a sweep, in the desk's."""


def files(measured: Measured, job: int | str) -> Path:
    return measured.desk.sweep(measured.sweep_id) / str(job)


def document(measured: Measured, job: int | str, name: str) -> Any:
    return json.loads((files(measured, job) / name).read_text())


@pytest.fixture(scope="module")
def desk(make_desk: MakeDesk) -> Desk:
    made = make_desk("profile")
    divides = {"target": "embprof.testing.Divides", "units": 200_000, "share": SHARE}
    made.option("workload", "divides", **divides)
    made.option("workload", "blocks", target="embprof.testing.BlocksOnLock", seconds=0.05)
    return made


@pytest.fixture(scope="module")
def real(desk: Desk) -> Measured:
    words = ("measurement=profile", "batch_size=8", "iterations=4", *ONE_THREAD, *SHORT)
    profilers = "measurement.profiler=pyinstrument,torch"
    (desk.path / TEMPORARY).mkdir()
    return desk.measure("-m", profilers, *words, TMPDIR=str(desk.path / TEMPORARY))


@pytest.fixture(scope="module")
def planted(desk: Desk) -> Measured:
    """Jobs 0 and 2 are sampled, 1 and 3 counted; 2 and 3 have the larger share."""
    words = ("workload=divides", "measurement=profile", "iterations=40", *SHORT)
    kinds = ("workload.share=0.2,0.5", "measurement.profiler=pyinstrument,cprofile")
    return desk.measure("-m", *kinds, *words)


def test_nothing_is_left_in_the_temporary_folder(real: Measured) -> None:
    left = {path.name for path in (real.desk.path / TEMPORARY).iterdir()}
    assert left <= {"embprof-locks"}


def test_every_stage_of_an_encode_is_timed_and_they_make_up_the_call(real: Measured) -> None:
    assert real.done.code == 0, real.done.text
    for job in (0, 1):
        content = document(real, job, "stages.json")
        rows = {row["stage"]: row for row in content["stages"]}
        assert tuple(name for name in rows if "/" not in name) == STAGES
        named = sum(rows[name]["ms"] for name in STAGES if name != "other")
        assert named == pytest.approx(content["call_ms"], rel=SUMS)
        assert named + rows["other"]["ms"] == pytest.approx(content["call_ms"], rel=1e-9)
        assert all(row["ms"] >= 0 and row["own_ms"] > -1e-9 for row in rows.values())
        assert rows["forward"]["calls"] == 1
        assert rows["normalize"]["calls"] == 2  # the model's own, and encode's option


def test_the_network_is_told_apart_layer_by_layer(real: Measured) -> None:
    rows = {row["stage"]: row for row in document(real, 0, "stages.json")["stages"]}
    parts = [rows["forward/embeddings"]]
    for number in range(LAYERS):
        layer = rows[f"forward/layer_{number}"]
        inside = [rows[f"{layer['stage']}/{name}"] for name in ("attention", "feed_forward")]
        assert sum(row["ms"] for row in inside) <= layer["ms"]
        assert {row["calls"] for row in (layer, *inside)} == {1}
        parts.append(layer)
    assert sum(row["ms"] for row in parts) <= rows["forward"]["ms"]


def test_a_run_has_shares_and_overheads_as_metrics_and_in_the_table(real: Measured) -> None:
    metrics = real.children[0].data.metrics
    shares = [metrics[f"stage_{name}_percent"] for name in STAGES]
    assert sum(shares) == pytest.approx(100.0, abs=0.01)
    assert metrics["throughput_texts_per_s"] > 0
    assert "profiler_overhead_percent" in metrics
    assert "stage_timer_overhead_percent" in metrics
    for heading in ("texts/s", "tokenize %", "forward %", "rest %", "profiler +%"):
        assert heading in real.done.out


def test_a_run_leaves_its_profile_where_mlflow_shows_it(real: Measured) -> None:
    kept = real.store.artifacts(real.children[0])
    assert {
        "functions.json",
        "functions.txt",
        "profile.html",
        "profile.speedscope.json",
        "stages.json",
        "stages.svg",
        "worth_optimising.json",
    } <= kept
    page = (files(real, 0) / "profile.html").read_text()
    assert page.index(SHIM) < page.index("pyinstrumentHTMLRenderer")
    assert "https://" not in page.replace("https://github.com", "")
    assert "texts" not in (files(real, 0) / "functions.txt").read_text().splitlines()[0]


def test_the_speedscope_file_is_one_by_its_schema(real: Measured) -> None:
    content = document(real, 0, "profile.speedscope.json")
    assert content["$schema"] == "https://www.speedscope.app/file-format-schema.json"
    frames = content["shared"]["frames"]
    (profile,) = content["profiles"]
    assert (profile["type"], profile["unit"]) == ("evented", "seconds")
    assert profile["endValue"] > profile["startValue"]
    stack: list[int] = []
    at = profile["startValue"]
    for event in profile["events"]:
        assert event["at"] >= at
        at = event["at"]
        assert frames[event["frame"]]["name"]
        if event["type"] == "O":
            stack.append(event["frame"])
        else:
            assert event["type"] == "C"
            assert stack.pop() == event["frame"]
    assert stack == []


def test_the_functions_are_those_of_the_encoder(real: Measured) -> None:
    content = document(real, 0, "functions.json")
    names = {row["function"] for row in content["functions"]}
    assert {"Embedding.step", "CountingEncoder.encode"} & names
    largest = content["functions"][0]
    assert largest["self_percent"] > 5
    worth = document(real, 0, "worth_optimising.json")
    assert largest["function"] in {row["function"] for row in worth["functions"]}
    if worth["allocation_sites"] is not None:  # where there is memray
        assert any(row["file"].startswith("torch/") for row in worth["allocation_sites"])


def test_a_planted_function_has_its_known_share(planted: Measured) -> None:
    assert planted.done.code == 0, planted.done.text
    for job, share in ((0, 0.2), (2, 0.5)):
        rows = {
            row["function"]: row for row in document(planted, job, "functions.json")["functions"]
        }
        minor, major = rows["minor_part"], rows["major_part"]
        found = minor["self_ms"] / (minor["self_ms"] + major["self_ms"])
        assert found == pytest.approx(share, abs=0.1)
        stages = {row["stage"]: row for row in document(planted, job, "stages.json")["stages"]}
        timed = stages["minor"]["ms"] / (stages["minor"]["ms"] + stages["major"]["ms"])
        assert timed == pytest.approx(share, abs=0.1)


def test_a_comparison_names_the_function_and_the_stage_that_grew(
    desk: Desk, planted: Measured
) -> None:
    a, b = (f"{planted.sweep_id}/{job}" for job in (0, 2))
    said = desk.run("compare", a, b, "--json")
    (profiles,) = json.loads(said.out)["profiles"].values()
    # Shares: of two runs of seconds on a machine that others use, everything may have grown.
    grown = {
        row["name"]: row["b_percent"] - row["a_percent"]
        for kind in ("stages", "functions")
        for row in profiles[kind]
    }
    assert grown["minor_part"] > 15
    assert grown["minor"] > 15
    assert all(grown[name] < 0 for name in ("major_part", "major") if name in grown)
    rows = [line for line in desk.run("compare", a, b).out.splitlines() if "_part" in line]
    assert any("minor_part" in row for row in rows)
    assert max(map(len, rows)) <= 100
    assert "`minor_part`" in desk.run("compare", a, b, "--markdown").out


def test_calls_are_counted_on_request(planted: Measured) -> None:
    rows = {row["function"]: row for row in document(planted, 1, "functions.json")["functions"]}
    assert rows["minor_part"]["calls"] == 1.0
    assert pstats.Stats(str(files(planted, 1) / "profile.prof"))
    assert not (files(planted, 1) / "profile.html").exists()


def test_operators_are_told_on_request(real: Measured) -> None:
    rows = {row["function"]: row for row in document(real, 1, "functions.json")["functions"]}
    assert rows["aten::addmm"]["calls"] >= LAYERS
    assert rows["aten::addmm"]["allocated_mb"] > 0
    assert not [name for name in rows if name.startswith("ProfilerStep")]
    trace = document(real, 1, "trace.json")
    assert any(event.get("name") == "aten::addmm" for event in trace["traceEvents"])


def test_contention_is_told_on_request(desk: Desk) -> None:
    words = ("measurement=profile", "measurement.profiler=gil", "iterations=10", *SHORT)
    measured = desk.measure("workload=blocks", *words)
    assert measured.done.code == 0, measured.done.text
    content = document(measured, 0, "contention.json")
    single = [row for row in content["lock_waits"] if row["callers"] == 1]
    assert "contention.py" in single[0]["place"]
    assert single[0]["waits_per_call"] == 1.0
    assert set(content["calls_per_s"]) == {"workload", "loop in Python", "hashing without GIL"}
    assert all(len(rates) == len(content["callers"]) for rates in content["calls_per_s"].values())
    assert content["gil_late_ms"]["nothing"]["probes"] > 0


def test_a_profiler_that_there_is_not_is_refused_before_anything_runs(desk: Desk) -> None:
    refused = desk.run("measurement=profile", "measurement.profiler=yappi")
    assert refused.code == 2
    assert "must be one of pyinstrument, cprofile, torch, runtime, gil" in refused.text
