"""One run on disk: what is written is what is read, also after a cut."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from embprof.model import Comparison, Job, Run, Samples, Slice, Status, Verdict
from embprof.tracking.folder import (
    RunFolder,
    comparison_digest,
    read_comparison,
    read_json,
    read_run,
    read_slices,
    read_stored,
    write_comparison,
    write_json,
    write_run,
)
from embprof.tracking.sweep_folder import SweepFolder

MakeJob = Callable[..., Job]
MakeRun = Callable[..., Run]
MakeSlice = Callable[..., Slice]


@pytest.fixture
def begun(tmp_path: Path, job: MakeJob) -> RunFolder:
    folder = RunFolder(tmp_path / "sweep" / "0", "0")
    folder.begin({"number": 0}, job().config, {"hard": {}, "soft": {}})
    return folder


def test_a_run_is_read_as_it_was_written(tmp_path: Path, run: MakeRun) -> None:
    written = run(3, "batch_size=8", "question='ü'")
    write_run(tmp_path, written)
    read = read_run(tmp_path)
    assert read == written
    assert read is not None
    assert isinstance(read.status, Status)


def test_figures_stored_before_they_carried_a_unit_are_read_with_it(
    tmp_path: Path, run: MakeRun
) -> None:
    written = dataclasses.asdict(run())
    for figure in written["figures"]:
        del figure["unit"]
    (tmp_path / "run.json").write_text(json.dumps(written))
    read = read_run(tmp_path)
    assert read is not None
    units = [figure.unit for figure in read.figures]
    assert units == ["texts/s", "ms", "ms", "ms", "%", "MB"]


def test_a_figure_that_has_no_unit_is_given_none(tmp_path: Path, run: MakeRun) -> None:
    bare = dataclasses.replace(run().figures[0], name="attempts_s", unit="")
    write_run(tmp_path, run(figures=(bare,)))
    read = read_run(tmp_path)
    assert read is not None
    assert read.figures[0].unit == ""


def test_a_folder_without_an_answer_has_none(tmp_path: Path) -> None:
    assert read_run(tmp_path) is None


def test_slices_are_read_as_they_were_kept(
    begun: RunFolder, run: MakeRun, piece: MakeSlice
) -> None:
    more = (Samples(name="peak_rss", unit="MB", better="lower", values=(1.5,)),)
    kept = [piece(0.1, 0.25, warmup=True), piece(1 / 3, more=more), piece(0.5, restart=1)]
    for one in kept:
        begun.keep(one)
    begun.finish(run())
    assert list(read_slices(begun.path)) == kept


def test_a_slice_is_on_disk_the_moment_it_is_kept(
    begun: RunFolder, run: MakeRun, piece: MakeSlice
) -> None:
    begun.keep(piece(0.1))
    assert list(read_slices(begun.path)) == [piece(0.1)]
    begun.finish(run())


@pytest.mark.parametrize("left", [1, 30, -1])
def test_a_last_line_that_was_cut_off_is_left_out(
    begun: RunFolder, run: MakeRun, piece: MakeSlice, left: int
) -> None:
    begun.keep(piece(0.1))
    begun.keep(piece(0.2))
    begun.finish(run())
    file = begun.path / "samples.jsonl"
    first, second, _ = file.read_text().split("\n")
    file.write_text(f"{first}\n{second[:left]}")
    assert list(read_slices(begun.path)) == [piece(0.1)]


def test_a_folder_without_samples_has_no_slices(tmp_path: Path) -> None:
    assert list(read_slices(tmp_path)) == []


def test_an_empty_log_is_dropped_and_one_with_words_is_kept(
    tmp_path: Path, job: MakeJob, run: MakeRun
) -> None:
    for name, words in (("0", ""), ("1", "a warning\n")):
        folder = RunFolder(tmp_path / name, name)
        folder.begin({}, job().config, {})
        folder.log.write_text(words)
        folder.finish(run())
    assert not (tmp_path / "0" / "worker.log").exists()
    assert (tmp_path / "1" / "worker.log").read_text() == "a warning\n"


def test_a_json_file_is_replaced_as_a_whole_and_leaves_no_draft(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    write_json(file, {"long": "x" * 1000})
    write_json(file, {"ü": [1, None]})
    assert read_json(file) == {"ü": [1, None]}
    assert list(tmp_path.iterdir()) == [file]


def test_a_json_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    write_json(file, 1)
    with pytest.raises(TypeError):
        write_json(file, object())
    assert json.loads(file.read_text()) == 1


def test_a_job_counts_as_begun_only_when_all_that_is_known_of_it_is_on_disk(
    tmp_path: Path, job: MakeJob
) -> None:
    with pytest.raises(TypeError):
        RunFolder(tmp_path / "0", "0").begin({"number": 0}, job().config, {"hard": object()})
    assert list(SweepFolder(path=tmp_path).unfinished()) == []


@pytest.mark.parametrize("ratio", [1.0312345678901234, None])
def test_a_comparison_is_read_as_it_was_written(tmp_path: Path, ratio: float | None) -> None:
    written = Comparison(
        figure="throughput_texts_per_s",
        a="main 1",
        b="2",
        ratio=ratio,
        low=None,
        high=None,
        verdict=Verdict.UNCLEAR,
        reason="über",
        smallest_detectable=None,
        p_value=None,
        basis="",
        rows=3,
    )
    assert comparison_digest(tmp_path) is None
    write_comparison(tmp_path, written)
    assert read_comparison(tmp_path) == written
    once = comparison_digest(tmp_path)
    write_comparison(tmp_path, written)
    assert comparison_digest(tmp_path) == once is not None
    write_comparison(tmp_path, dataclasses.replace(written, rows=4))
    assert comparison_digest(tmp_path) != once


def test_a_stored_run_comes_with_the_environment_it_was_measured_in(
    tmp_path: Path, run: MakeRun
) -> None:
    assert read_stored(tmp_path) is None
    write_run(tmp_path, run())
    write_json(tmp_path / "environment.json", {"hard": {"threads": 2}, "soft": {"kernel": "6"}})
    stored = read_stored(tmp_path)
    assert stored is not None
    assert (stored.run, stored.hard, stored.soft) == (run(), {"threads": 2}, {"kernel": "6"})
    assert not stored.is_foreign
