"""``embprof plan`` and ``--help``: what would be run, and what can be, without running any."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.integration.conftest import Desk, Measured

SWEEP = ("-m", "batch_size=8,16", "device=cpu,cuda")


def test_a_plan_lists_the_jobs_and_runs_none(desk: Desk) -> None:
    done = desk.run("plan", *SWEEP)
    assert (done.code, done.err) == (0, "")
    assert [done.row(job).split()[2:4] for job in range(4)] == [
        ["8", "cpu"],
        ["8", "cuda"],
        ["16", "cpu"],
        ["16", "cuda"],
    ]
    assert "4 jobs, 2 would not be run; none was run" in done.text
    assert not desk.mlruns.exists()


def test_a_plan_says_why_a_job_would_be_skipped(desk: Desk) -> None:
    done = desk.run("plan", *SWEEP)
    assert done.row(1).rstrip().endswith("no NVIDIA GPU on this machine")
    assert "NVIDIA" not in done.row(0)


def test_a_plan_skips_what_a_combination_of_swept_values_cannot_be(desk: Desk) -> None:
    types = "backend.dtype=float32,bfloat16,int8"
    done = desk.run("plan", "-m", "backend=torch,onnx,openvino", types)
    assert done.code == 0, done.text
    assert "9 jobs, 1 would not be run" in done.text
    assert "backend=onnx backend.dtype=bfloat16: must be one" in done.row(4)


def test_a_plan_knows_the_keys_and_the_durations_of_earlier_runs(main_job: Measured) -> None:
    before = sorted(main_job.desk.mlruns.glob("sweeps/*"))
    done = main_job.desk.run("plan", *SWEEP, "text_length=40", "max_seconds=5")
    assert "2 of 2 ran before and took" in done.text
    for job in (0, 2):
        answer = main_job.answer(job)
        assert answer["key"] in done.row(job), "the key is the question's, whatever its protocol"
        seconds = answer["seconds"]["total"]
        assert (f"{seconds:.1f} s" if seconds < 9.9 else f"{seconds:.0f} s") in done.row(job)
    assert sorted(main_job.desk.mlruns.glob("sweeps/*")) == before


def test_a_plan_of_a_scenario_lists_its_sweep(desk: Desk) -> None:
    done = desk.run("plan", "experiment=batch_size")
    assert "6 jobs" in done.text
    assert [done.row(job).split()[2] for job in range(6)] == ["8", "16", "32", "64", "128", "256"]


def test_help_lists_groups_scenarios_and_commands(desk: Desk) -> None:
    done = desk.run("--help")
    assert (done.code, done.err) == (0, "")
    for part in (
        "minilm_l6",
        "synthetic",
        "throughput",
        "batch_size, capacity, devices",
        "embprof plan",
        "embprof sync",
    ):
        assert part in done.text


def test_the_version_is_that_of_the_package(desk: Desk) -> None:
    from importlib.metadata import version

    assert desk.run("--version").out == f"embprof {version('embprof')}\n"
