"""What a worker does with the answers of a measurement."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from embprof.model import Samples
from embprof.sampling.messages import WorkerSpec
from embprof.sampling.session import Session
from embprof.testing import Sleep


class Leaves:
    """A measurement that names the files it is told to."""

    def __init__(self, files: Sequence[Path]) -> None:
        self.files = files

    def close(self) -> Sequence[Path]:
        return self.files


def session(files: Sequence[Path]) -> Session:
    spec = WorkerSpec(
        workload={}, measurement={}, threads=1, environment={}, log="unused", fresh=False
    )
    made = Session(spec)
    made.workload, made.measurement = Sleep(), Leaves(files)
    return made


def test_files_that_a_measurement_left_are_handed_over(tmp_path: Path) -> None:
    (tmp_path / "profile.txt").write_text("x")
    assert session([tmp_path / "profile.txt"]).close(None) == (tmp_path / "profile.txt",)


def test_a_file_that_is_not_there_is_the_measurements_fault(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no file"):
        session([tmp_path / "gone.txt"]).close(None)


class Finishes(Leaves):
    """A measurement that reads something once, at the end."""

    def finish(self) -> Sequence[Samples]:
        return (Samples(name="left", unit="MB", better="lower", values=(3,)),)


def test_what_a_measurement_reads_at_its_end_is_a_slice_of_its_own() -> None:
    made = session([])
    assert made.finish(None) is None, "this one reads nothing"
    made.measurement = Finishes([])
    observed = made.finish(None)
    assert observed is not None
    piece = observed.as_slice(2)
    assert (piece.restart, piece.warmup, piece.values("left")) == (2, False, (3.0,))


class CountsFromNow(Leaves):
    """A measurement that is told when warming up is over."""

    is_told = False

    def measuring(self) -> None:
        self.is_distinct = True


def test_a_measurement_that_wants_to_know_is_told_when_warming_up_is_over() -> None:
    made = session([])
    made.measuring(None)  # this one does not want to know
    made.measurement = CountsFromNow([])
    made.measuring(None)
    assert made.measurement.is_distinct
