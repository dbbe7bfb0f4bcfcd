"""``embprof plan`` lists the jobs and runs none."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from embprof.commands import plan as planning
from embprof.config.plan import Plan
from embprof.model import Job, Run
from embprof.tracking import index
from embprof.tracking.places import Places

MakeJob = Callable[..., Job]
MakeRun = Callable[..., Run]


@pytest.fixture
def asked(
    job: MakeJob, resolved_defaults: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> list[tuple[tuple[str, ...], bool]]:
    """What was planned; every request has the same three jobs, one of them skipped."""
    config = resolved_defaults
    monkeypatch.chdir(tmp_path)
    found: list[tuple[tuple[str, ...], bool]] = []

    def plan(overrides: list[str], *, multirun: bool, download: bool) -> Plan:
        assert not download
        found.append((tuple(overrides), multirun))
        jobs = (
            job(0, "device=cpu", config=config),
            job(1, "device=cuda", config=config, skip="no NVIDIA GPU on this machine"),
            job(2, "device=mps", config=config),
        )
        return Plan(jobs=jobs, multirun=multirun, weights={})

    monkeypatch.setattr(planning, "plan", plan)
    return found


def test_jobs_are_listed_with_key_values_and_what_would_be_skipped(
    asked: list[tuple[tuple[str, ...], bool]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert planning.main(["-m", "device=cpu,cuda,mps"]) == 0
    assert asked == [(("device=cpu,cuda,mps",), True)]
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].split() == ["0", "key0", "cpu"]
    assert lines[3].split(maxsplit=3) == ["1", "key1", "cuda", "no NVIDIA GPU on this machine"]
    assert lines[-2] == "rows 0, 2 are measured in rounds, at most 40 s of measuring"
    assert lines[-1] == "3 jobs, 1 would not be run; none was run"
    assert max(len(line.rstrip()) for line in lines) <= 100


@pytest.mark.usefixtures("asked")
def test_what_ran_before_says_how_long_it_took(
    run: MakeRun, capsys: pytest.CaptureFixture[str]
) -> None:
    index.append(Places.here().index, run(0))
    assert planning.main(["device=cpu,cuda,mps", "-m"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "12 s" in lines[2]
    assert "1 of 2 ran before and took 12 s in all" in lines[-1]


@pytest.mark.usefixtures("asked")
def test_an_option_that_there_is_not_ends_with_exit_code_2(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert planning.main(["--bogus"]) == 2
    assert "--bogus" in capsys.readouterr().err


@pytest.fixture
def lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., list[str]]:
    """What is said below the table of a plan of workloads of known cost."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "conf/workload").mkdir(parents=True)
    (tmp_path / "conf/workload/nap.yaml").write_text(
        "_target_: embprof.testing.Sleep\nseconds: 0.01\n"
    )

    def plan(*overrides: str) -> list[str]:
        assert planning.main(["-m", "workload=nap", *overrides]) == 0
        printed = capsys.readouterr().out.splitlines()
        assert max(len(line.rstrip()) for line in printed) <= 100
        sentences = "\n".join(printed).replace("\n  ", " ").splitlines()
        return [line for line in sentences if line.startswith("row")]

    return plan


SECONDS = "workload.seconds=0.01,0.02,0.03"


def test_rows_that_meet_share_the_seconds_that_each_would_take(
    lines: Callable[..., list[str]],
) -> None:
    (line,) = lines(SECONDS)
    assert line == "rows 0 to 2 are measured in rounds, at most 1 min 0 s of measuring"
    (line,) = lines(SECONDS, "race.max_seconds=45")
    assert line == "rows 0 to 2 are measured in rounds, at most 45 s of measuring"
    (line,) = lines(SECONDS, "iterations=100")
    assert line == "rows 0 to 2 are measured in rounds"


def test_rows_of_which_each_question_differs_are_races_of_their_own(
    lines: Callable[..., list[str]],
) -> None:
    assert lines("text_length=64,128", "workload.seconds=0.01,0.02", "max_seconds=5") == [
        "rows 0, 1 are measured in rounds, at most 10 s of measuring",
        "rows 2, 3 are measured in rounds, at most 10 s of measuring",
    ]


def test_a_plan_says_why_rows_do_not_meet(lines: Callable[..., list[str]]) -> None:
    (line,) = lines(SECONDS, "order=one_by_one")
    assert line == "rows 0 to 2 are measured one by one: order=one_by_one"
    found = lines("measurement=throughput,load_time", "workload.seconds=0.01,0.02", "max_seconds=5")
    why = "its readings are of whole processes, of which 8 make a comparison (restarts=8)"
    assert found == [
        "rows 0, 1 are measured in rounds, at most 10 s of measuring",
        f"rows 2, 3 are measured one by one: {why}",
    ]


def test_rows_of_whole_processes_meet_restart_by_restart(lines: Callable[..., list[str]]) -> None:
    (line,) = lines("measurement=load_time", "workload.seconds=0.01,0.02", "restarts=8")
    assert line == "rows 0, 1 are measured in rounds, a restart of each in turn"


def test_one_job_is_measured_with_nobody(lines: Callable[..., list[str]]) -> None:
    assert lines("workload.seconds=0.01") == []
