"""``embprof plan`` lists the jobs and runs none."""

from collections.abc import Callable
from pathlib import Path

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
    job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> list[tuple[tuple[str, ...], bool]]:
    """What was planned; every request has the same three jobs, one of them skipped."""
    monkeypatch.chdir(tmp_path)
    found: list[tuple[tuple[str, ...], bool]] = []

    def plan(overrides: list[str], *, multirun: bool, download: bool) -> Plan:
        assert not download
        found.append((tuple(overrides), multirun))
        jobs = (
            job(0, "device=cpu"),
            job(1, "device=cuda", skip="no NVIDIA GPU on this machine"),
            job(2, "device=mps"),
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
