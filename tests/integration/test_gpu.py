"""What only a GPU can show; run where there is one: pytest -m gpu."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from embprof.machine import resources

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not resources.nvidia_gpus(), reason="no NVIDIA GPU on this machine"),
]


def _runs(folder: Path, *arguments: str, code: int = 0) -> list[dict[str, Any]]:
    """The stored answers of one embprof command, in order of number."""
    environment = {**os.environ, "EMBPROF_LOCK_DIR": str(folder / "locks")}
    done = subprocess.run(
        [sys.executable, "-m", "embprof", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    files = sorted(
        folder.glob("mlruns/sweeps/*/*/run.json"), key=lambda file: int(file.parent.name)
    )
    return [json.loads(file.read_text()) for file in files]


def _values(run: dict[str, Any]) -> dict[str, float]:
    return {f["name"]: f["estimate"]["value"] for f in run["figures"] if f["estimate"]}


def test_a_cuda_job_reports_gpu_memory_beside_its_throughput(tmp_path: Path) -> None:
    (run,) = _runs(tmp_path, "device=cuda", "batch_size=64", "max_seconds=3")

    values = _values(run)
    assert run["status"] == "ok"
    assert values["throughput_texts_per_s"] > 0
    assert values["gpu_reserved_mb"] >= values["gpu_allocated_mb"] > 50
    assert run["description"]["gpu"] == resources.nvidia_gpus()[0]


def test_cuda_and_cpu_in_one_sweep_have_different_environments(tmp_path: Path) -> None:
    cpu, cuda = _runs(tmp_path, "-m", "device=cpu,cuda", "max_seconds=2")

    assert cpu["environment"] != cuda["environment"]


def test_too_large_a_batch_is_out_of_memory_and_the_sweep_goes_on(tmp_path: Path) -> None:
    large, small = _runs(
        tmp_path,
        "-m",
        "device=cuda",
        "batch_size=150000,8",
        "text_length=1024",
        "iterations=1",
        "warmup.iterations=0",
        "warmup.seconds=0",
        code=1,
    )

    assert large["status"] == "out_of_memory"
    assert small["status"] == "ok"


def test_a_profile_on_cuda_gives_the_network_its_time_on_the_device(tmp_path: Path) -> None:
    """The host is through with a large batch long before the device, which to_host waits for."""
    words = ("measurement=profile", "device=cuda", "batch_size=1024", "max_seconds=4")
    (run,) = _runs(tmp_path, *words)

    values = _values(run)
    (file,) = tmp_path.glob("mlruns/sweeps/*/*/stages.json")
    content = json.loads(file.read_text())
    rows = {row["stage"]: row for row in content["stages"]}
    named = sum(row["ms"] for name, row in rows.items() if "/" not in name and name != "other")
    assert named == pytest.approx(content["call_ms"], rel=0.02)
    assert all(row["own_ms"] > -0.05 for row in rows.values())
    assert values["stage_forward_percent"] > values["stage_to_host_percent"]
    assert rows["forward/layer_0"]["ms"] == pytest.approx(rows["forward/layer_5"]["ms"], rel=0.5)


def test_pairs_on_cuda_are_judged_as_one_by_one_in_float32(tmp_path: Path) -> None:
    words = ("workload=nli", "device=cuda", "batch_size=32", "max_seconds=3")
    (run,) = _runs(tmp_path, *words, "workload.agreement_pairs=64")

    values = _values(run)
    assert values["throughput_pairs_per_s"] > 0
    assert values["gpu_allocated_mb"] > 50
    assert 0 <= values["agreement_percent"] <= 100
    assert values["max_logit_difference"] < 0.1
    assert run["description"]["gpu"] == resources.nvidia_gpus()[0]


def test_stages_of_pairs_on_cuda_add_up_to_the_call(tmp_path: Path) -> None:
    words = ("workload=nli", "measurement=profile", "device=cuda", "batch_size=256")
    _runs(tmp_path, *words, "max_seconds=4", "workload.agreement_pairs=0")

    (file,) = tmp_path.glob("mlruns/sweeps/*/*/stages.json")
    content = json.loads(file.read_text())
    rows = {row["stage"]: row for row in content["stages"]}
    named = sum(row["ms"] for name, row in rows.items() if "/" not in name and name != "other")
    assert named == pytest.approx(content["call_ms"], rel=0.02)


def test_callers_at_once_on_cuda_are_served(tmp_path: Path) -> None:
    words = ("measurement=closed_loop", "measurement.concurrency=4", "device=cuda")
    (run,) = _runs(tmp_path, *words, "max_seconds=3")

    assert run["status"] == "ok"
    assert run["figures"][0]["estimate"]["value"] > 0


def test_operators_on_cuda_have_their_time_on_the_device(tmp_path: Path) -> None:
    words = ("measurement=profile", "measurement.profiler=torch", "device=cuda", "iterations=3")
    _runs(tmp_path, *words, "batch_size=64")

    (file,) = tmp_path.glob("mlruns/sweeps/*/*/functions.json")
    rows = json.loads(file.read_text())["functions"]
    assert any(row["device_ms"] > 0 for row in rows)
