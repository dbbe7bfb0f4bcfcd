"""Starts of a service: what they take, what goes wrong in them, and that nothing of them stays."""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from embprof.measurements.load_time.starts.start import start
from embprof.sampling.failed_start import Failed, StartedProcessDiedError

if TYPE_CHECKING:
    from tests.integration.conftest import Desk, MakeDesk, Measured

IMPORT, LOAD, CALL = 0.2, 0.3, 0.05
MODULE = f'''
"""A service of known cost, and one that fails."""

import os
import signal
import time

time.sleep({IMPORT})


class Slow:
    items = "naps"

    def __init__(self, weights=None):
        self.weights = weights
        self.calls = 0

    def load(self):
        import wave  # late, and of the standard library

        time.sleep({LOAD})
        self.taken = bytearray(b"x" * 50_000_000)
        if self.weights is not None:
            with open(self.weights, "rb") as file:
                file.read()

    def step(self):
        self.calls += 1
        time.sleep({CALL} * (3 if self.calls == 1 else 1))
        return 1

    def description(self):
        return {{"calls": self.calls}}

    def close(self):
        print("closed")


class Fails(Slow):
    def __init__(self, how):
        super().__init__()
        self.how = how

    def load(self):
        getattr(self, self.how)()

    def raises(self):
        raise LookupError("no weights for you")

    def segfault(self):
        os.kill(os.getpid(), signal.SIGSEGV)

    def hang(self):
        open("hanging", "w").write(str(os.getpid()))
        while True:
            time.sleep(3600)
'''
WEIGHTS = 400_000_000
"""Bytes, beside which what every Python here has mapped of the standard library is little."""
REAL = ("measurement=load_time", "texts_per_call=1", "restarts=1")


@pytest.fixture(scope="module")
def slow_desk(make_desk: MakeDesk) -> Desk:
    desk = make_desk("slow-service")
    (desk.path / "slow_service.py").write_text(MODULE)
    desk.option("workload", "slow", target="slow_service.Slow")
    desk.option("workload", "fails", target="slow_service.Fails", how="???")
    return desk


@pytest.fixture(scope="module")
def slow(slow_desk: Desk) -> Measured:
    """Three starts of a service of known cost."""
    return slow_desk.measure("workload=slow", "measurement=load_time", "restarts=3")


@pytest.fixture(scope="module")
def real(make_desk: MakeDesk) -> Measured:
    """One start of the service that embprof was made for."""
    return make_desk("real-start").measure(*REAL)


@pytest.fixture(scope="module")
def failed(slow_desk: Desk) -> Measured:
    """Starts that fail in every way a process can."""
    hows = "workload.how=raises,segfault,hang"
    return slow_desk.measure("-m", "workload=fails", "measurement=load_time", hows, "time_limit=8")


def _figures(measured: Measured) -> dict[str, Any]:
    assert measured.done.code == 0, measured.done.text
    return {figure["name"]: figure for figure in measured.answer(0)["figures"]}


def _value(measured: Measured, name: str) -> float:
    return float(_figures(measured)[name]["estimate"]["value"])


def test_what_a_service_is_known_to_take_is_found_stage_by_stage(slow: Measured) -> None:
    assert _value(slow, "import_time_s") >= IMPORT
    assert _value(slow, "model_init_s") >= LOAD
    assert _value(slow, "first_encode_ms") >= 1e3 * CALL * 3
    assert _value(slow, "steady_encode_ms") >= 1e3 * CALL
    assert _value(slow, "interpreter_start_s") > 0


def test_the_total_is_the_sum_of_its_stages_in_every_start(slow: Measured) -> None:
    read = slow.readings(0)
    stages = ("interpreter_start", "import_time", "model_init")
    for number, total in enumerate(read.values("total_load")):
        parts = sum(read.values(name)[number] for name in stages)
        assert total == pytest.approx(parts + read.values("first_encode")[number] / 1e3)


def test_every_stage_has_an_interval_over_the_starts(slow: Measured) -> None:
    for name in ("total_load_s", "import_time_s", "model_init_s", "first_encode_ms"):
        estimate = _figures(slow)[name]["estimate"]
        assert estimate["low"] < estimate["value"] < estimate["high"], name
        assert estimate["basis"] == "3 restarts"


def test_memory_of_a_start_is_what_the_service_took(slow: Measured) -> None:
    if sys.platform != "linux":
        pytest.skip("memory is read on Linux only")
    assert 50 <= _value(slow, "load_memory_mb") <= 55


def test_a_start_leaves_its_document_its_picture_and_its_imports(slow: Measured) -> None:
    folder = slow.desk.sweep(slow.sweep_id) / "0"
    document = json.loads((folder / "load_time.json").read_text())
    assert document["stages"]["import_time_s"]["n"] == 3
    assert document["start"] in ("warm", "not_warm")
    assert (folder / "load_time.svg").read_text().rstrip().endswith("</svg>")
    tree = json.loads((folder / "imports.json").read_text())
    assert tree["tree"][0]["module"] == "slow_service"
    assert [one["module"] for one in tree["late"]["load"]] == ["wave"]
    (run,) = slow.children
    assert {"load_time.json", "load_time.svg", "imports.json"} <= slow.store.artifacts(run)


def test_a_start_is_in_mlflow_and_in_the_table(slow: Measured) -> None:
    (run,) = slow.children
    assert run.data.metrics["total_load_s"] == pytest.approx(_value(slow, "total_load_s"))
    assert {"total_load_s_low", "import_time_s", "model_init_s"} <= set(run.data.metrics)
    assert "import s" in slow.done.out


def test_what_the_workload_says_and_prints_is_kept(slow: Measured) -> None:
    assert slow.answer(0)["description"]["calls"] == 7
    log = (slow.desk.sweep(slow.sweep_id) / "0" / "worker.log").read_text()
    assert log.count("closed") >= 3
    assert "import time:" not in log


def test_the_code_of_the_user_that_ran_is_known_by_its_hash(slow: Measured) -> None:
    assert len(slow.answer(0)["description"]["code_sha256"]) == 64


def test_a_real_model_starts_and_every_part_is_found(real: Measured) -> None:
    figures = _figures(real)
    for part in ("tokenizer", "read", "build"):
        assert _value(real, f"model_init_{part}_s") > 0
    parts = [name for name in figures if name.startswith("model_init_") and name != "model_init_s"]
    assert sum(_value(real, p) for p in parts) == pytest.approx(_value(real, "model_init_s"))
    assert _value(real, "import_time_s") > _value(real, "late_imports_s")
    described = real.answer(0)["description"]
    assert described["dimensions"] == 384
    assert described["imports"] == "torch sentence_transformers"


def test_nothing_of_embprof_is_imported_before_what_the_service_imports(real: Measured) -> None:
    folder = real.desk.sweep(real.sweep_id) / "0"
    packages = json.loads((folder / "imports.json").read_text())["by_package"]
    assert "torch" in packages
    assert not {"embprof", "hydra", "omegaconf"} & set(packages)


def test_a_start_that_fails_says_why(failed: Measured) -> None:
    assert failed.done.code == 1
    raised, killed, hung = (failed.answer(job) for job in range(3))
    assert raised["status"] == killed["status"] == "failed"
    assert "LookupError: no weights for you" in raised["reason"]
    assert "the started process was killed by signal 11 (SIGSEGV)" in killed["reason"]
    assert hung["status"] == "timeout"
    log = (failed.desk.sweep(failed.sweep_id) / "0" / "worker.log").read_text()
    assert "in raises" in log, "where it happened"


def test_a_start_that_hangs_does_not_outlive_its_job(failed: Measured) -> None:
    started = int((failed.desk.path / "hanging").read_text())
    # Whoever inherits what is left of an ended process may take a while to bury it.
    with contextlib.suppress(psutil.NoSuchProcess):
        assert psutil.Process(started).status() == psutil.STATUS_ZOMBIE


def test_an_import_that_fails_says_which() -> None:
    with pytest.raises(Failed, match="No module named 'not_there_at_all'") as raised:
        start({}, ["json", "not_there_at_all"])
    assert type(raised.value).__name__ == "ModuleNotFoundError"


def test_a_process_that_ends_in_an_import_says_how(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = "import os, sys; print('last words', file=sys.stderr, flush=True); os._exit(3)"
    (tmp_path / "ends_at_import.py").write_text(ends)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(StartedProcessDiedError, match=r"exit code 3.*: last words"):
        start({}, ["ends_at_import"])


def test_ctrl_c_leaves_no_started_process(slow_desk: Desk) -> None:
    mark = slow_desk.path / "hanging"
    mark.unlink(missing_ok=True)
    started = slow_desk.start("workload=fails", "workload.how=hang", "measurement=load_time")
    started.wait_for(lambda: mark.exists() and mark.read_text(), "a start that hangs")
    process = psutil.Process(int(mark.read_text()))
    started.interrupt()
    assert started.finish().code == 130
    started.wait_for_silence(lambda: not process.is_running(), "the started process is gone")


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells what is in memory, others do not")
def test_a_cold_start_is_verified_or_says_who_holds_what(slow_desk: Desk) -> None:
    free, held = (slow_desk.path / name for name in ("free.bin", "held.bin"))
    for weights in (free, held):
        weights.write_bytes(os.urandom(WEIGHTS))
    with held.open("rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as mapping:
        assert sum(mapping[:: mmap.PAGESIZE])
        sweep = slow_desk.measure(
            *("-m", "workload=slow", f"+workload.weights={free},{held}"),
            *("measurement=load_time", "measurement.start=cold", "restarts=1"),
        )
    assert sweep.done.code == 0, sweep.done.text
    assert [sweep.answer(job)["outcomes"]["start"] for job in (0, 1)] == ["cold", "not_cold"]
    assert sweep.readings(0).total("disk_read") >= WEIGHTS / 1e6
    assert sweep.readings(0).total("resident_before") <= 1
    assert sweep.readings(1).total("resident_before") > 1
    said = sweep.answer(1)["description"]["not_cold"]
    assert f"process {os.getpid()} " in said
    assert "held.bin" in said


def test_a_measurement_of_starts_stands_beside_others_in_a_sweep(slow_desk: Desk) -> None:
    both = slow_desk.measure(
        *("-m", "workload=nap", "measurement=throughput,load_time", "iterations=2", "restarts=1")
    )
    assert both.done.code == 0, both.done.text
    names = [{figure["name"] for figure in both.answer(job)["figures"]} for job in (0, 1)]
    assert "throughput_naps_per_s" in names[0]
    assert "total_load_s" in names[1]
    assert len(both.readings(1).values("total_load")) == 2
