"""``embprof doctor``: one job, alone on the machine, as a page or as JSON."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from embprof.commands import doctor
from embprof.config.plan import Plan
from embprof.doctor.diagnosis import Diagnosis
from embprof.errors import RequestError
from embprof.model import Job

MakeJob = Callable[..., Job]
Asked = list[tuple[Plan, Path, float, str | None]]


@pytest.fixture
def asked(
    diagnosis: Callable[..., Diagnosis],
    job: MakeJob,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Asked:
    """What was diagnosed; the request is always one job, and the machine is free."""
    found: Asked = []

    def diagnose(
        plan: Plan,
        runs: Path,
        *,
        seconds: float,
        waited_for: str | None,
        say: Callable[[str], None],
    ) -> Diagnosis:
        say("measuring …")
        found.append((plan, runs, seconds, waited_for))
        return diagnosis()

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EMBPROF_LOCK_DIR", str(tmp_path / "locks"))
    monkeypatch.setattr(doctor, "diagnose", diagnose)
    monkeypatch.setattr(doctor, "plan", lambda _: Plan(jobs=(job(0),), multirun=False, weights={}))
    return found


def test_the_page_is_printed_for_the_default_job_after_a_minute(
    asked: Asked, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert doctor.main([]) == 0
    ((_, runs, seconds, waited_for),) = asked
    assert (runs, seconds, waited_for) == (tmp_path / "mlruns", 60.0, None)
    shown = capsys.readouterr()
    assert shown.out.startswith("measuring …\n\nthis machine\n")
    assert max(map(len, shown.out.splitlines())) <= 100
    assert shown.err == ""


def test_json_is_all_that_is_printed_where_it_is_asked_for(
    asked: Asked, capsys: pytest.CaptureFixture[str]
) -> None:
    assert doctor.main(["--json", "--seconds", "0", "batch_size=8"]) == 0
    assert asked[0][2] == 0.0
    shown = capsys.readouterr()
    assert json.loads(shown.out)["schema_version"] == 1
    assert shown.err == "measuring …\n"


def test_who_was_waited_for_is_told(
    asked: Asked, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @contextmanager
    def only_one(_: str, *, waiting: Callable[[str], None]) -> Iterator[None]:
        waiting("sweep 1 (process 2)")
        yield

    monkeypatch.setattr(doctor, "only_one", only_one)
    assert doctor.main([]) == 0
    assert asked[0][3] == "sweep 1 (process 2)"
    assert "waiting for sweep 1 (process 2)" in capsys.readouterr().out


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("seconds", ["5", "-1", "nan", "inf"])
def test_too_few_seconds_are_refused(seconds: str) -> None:
    with pytest.raises(RequestError, match="--seconds"):
        doctor.main([f"--seconds={seconds}"])


@pytest.mark.usefixtures("asked")
def test_all_that_is_wrong_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> Plan:
        raise RequestError(["batch_size: must be above 0", "no_such: unknown key"])

    monkeypatch.setattr(doctor, "plan", refuse)
    with pytest.raises(RequestError) as error:
        doctor.main(["--seconds", "5", "batch_size=0"])
    assert len(error.value.problems) == 3


@pytest.mark.usefixtures("asked")
def test_a_sweep_and_a_device_that_is_not_there_are_refused(
    job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    several = Plan(jobs=(job(0), job(1)), multirun=True, weights={})
    monkeypatch.setattr(doctor, "plan", lambda _: several)
    with pytest.raises(RequestError, match="a sweep of 2"):
        doctor.main(["experiment=batch_size"])
    gone = job(0, config={"device": "cuda"}, skip="no NVIDIA GPU on this machine")
    monkeypatch.setattr(doctor, "plan", lambda _: Plan(jobs=(gone,), multirun=False, weights={}))
    with pytest.raises(RequestError, match="device=cuda: no NVIDIA GPU"):
        doctor.main(["device=cuda"])


@pytest.mark.usefixtures("asked")
def test_an_option_that_there_is_not_ends_with_exit_code_2(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert doctor.main(["--bogus"]) == 2
    assert "--bogus" in capsys.readouterr().err
