"""What a worker does with the answers of a measurement."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from embprof.sampling.worker import WorkerSpec, _Session
from embprof.testing import Sleep


class Leaves:
    """A measurement that names the files it is told to."""

    def __init__(self, files: Sequence[Path]) -> None:
        self.files = files

    def close(self) -> Sequence[Path]:
        return self.files


def session(files: Sequence[Path]) -> _Session:
    spec = WorkerSpec(
        workload={}, measurement={}, threads=1, environment={}, log="unused", fresh=False
    )
    made = _Session(spec)
    made.workload, made.measurement = Sleep(), Leaves(files)
    return made


def test_files_that_a_measurement_left_are_handed_over(tmp_path: Path) -> None:
    (tmp_path / "profile.txt").write_text("x")
    assert session([tmp_path / "profile.txt"]).close(None) == (tmp_path / "profile.txt",)


def test_a_file_that_is_not_there_is_the_measurements_fault(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="left no file"):
        session([tmp_path / "gone.txt"]).close(None)
