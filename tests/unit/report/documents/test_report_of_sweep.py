"""The report at the end of a sweep never costs one of its runs."""

from pathlib import Path

import pytest

from embprof.report.documents import writing
from embprof.report.study import Study
from embprof.tracking.sweep_folder import SweepFolder


@pytest.fixture
def sweep(study: Study) -> SweepFolder:
    folder = study.answers[0].folder
    assert folder is not None
    return SweepFolder(path=folder.parent)


@pytest.mark.parametrize("error", [ValueError("odd"), KeyboardInterrupt(), OSError(28, "full")])
def test_whatever_goes_wrong_is_said_in_a_line(
    sweep: SweepFolder, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def fail(*_: object) -> None:
        raise error

    said: list[str] = []
    monkeypatch.setattr(writing, "write", fail)
    writing.report_of_sweep(sweep, say=said.append)
    assert len(said) == 1
    assert said[0].startswith("no report: ")


def test_a_sweep_without_runs_has_none(tmp_path: Path) -> None:
    (tmp_path / "sweep.json").write_text("{}")
    said: list[str] = []
    writing.report_of_sweep(SweepFolder(path=tmp_path), say=said.append)
    assert said == [f"no report: {tmp_path.name}: this sweep has no finished runs"]
