"""``embprof report``: where it writes, what it prints, and what it refuses."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from embprof.cli import main
from embprof.model import Run
from embprof.tracking.folder import write_run

MakeRun = Callable[..., Run]
SWEEP = "20260101-000000-abcd"


@pytest.fixture
def desk(
    tmp_path: Path,
    run: MakeRun,
    resolved_defaults: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A folder with a sweep of one run."""
    folder = tmp_path / "mlruns" / "sweeps" / SWEEP / "0"
    folder.mkdir(parents=True)
    write_run(folder, run(0, config=resolved_defaults))
    (folder / "job.json").write_text("{}")
    (folder / "environment.json").write_text(json.dumps({"hard": {"cpus": 2}, "soft": {}}))
    sweep: dict[str, Any] = {
        "question": None,
        "jobs": [],
        "overrides": [],
        "started": "2026-01-01T00:00:00",
    }
    (folder.parent / "sweep.json").write_text(json.dumps(sweep))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_report_is_written_where_it_is_asked_for(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "last", "-o", "out/here"]) == 0
    assert {file.name for file in (desk / "out" / "here").iterdir()} >= {
        "report.html",
        "PROFILING_REPORT.md",
        "OPTIMIZATION_LOG.md",
    }
    said = capsys.readouterr().out
    assert "Answer. Throughput is 12,346 texts/s ± 1.2 %." in said
    assert "1 run: out/here/report.html" in said
    assert "not written, for want of figures: text_length_profile.json" in said


def test_without_a_folder_it_goes_below_mlruns(desk: Path) -> None:
    assert main(["report", f"{SWEEP}/0"]) == 0
    assert (desk / "mlruns" / "reports" / f"{SWEEP}-0" / "report.html").is_file()


def test_the_clock_of_a_reproducible_build_is_taken(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    main(["report", "last", "-o", "out"])
    assert "Made by embprof at 2026-01-01 00:00:00 UTC" in (desk / "out/report.html").read_text()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["report", "nothing"], 2, "no sweep or run"),
        (["report"], 2, "Missing argument"),
        (["report", "last", "-o", "mlruns/sweeps/" + SWEEP + "/sweep.json"], 2, "name a folder"),
        (["report", "last", "-o", "mlruns/sweeps/" + SWEEP + "/sweep.json/x"], 1, "cannot write"),
    ],
)
@pytest.mark.usefixtures("desk")
def test_what_cannot_be_done_is_said(
    capsys: pytest.CaptureFixture[str], words: list[str], code: int, said: str
) -> None:
    assert main(words) == code
    assert said in capsys.readouterr().err
