"""The folder of a sweep: what was asked, and which jobs are open."""

from pathlib import Path

import pytest

from embprof.tracking.places import Places
from embprof.tracking.sweep_folder import SweepFolder, new_sweep_id, newest_first


@pytest.fixture
def sweep(tmp_path: Path) -> SweepFolder:
    """Jobs 0, 2 and 10 begun; 0 answered and logged, 2 answered; part 1 has taken up 10."""
    for name, files in {
        "0": ("job.json", "run.json", "mlflow.json"),
        "2": ("job.json", "run.json"),
        "10": ("job.json",),
        "resumed-1/10": ("job.json", "run.json"),
        "3": (),
        ".hydra": ("config.yaml",),
    }.items():
        folder = tmp_path / name
        folder.mkdir(parents=True)
        for file in files:
            (folder / file).write_text("{}")
    return SweepFolder(path=tmp_path)


def names(sweep: SweepFolder, folders: object) -> list[str]:
    assert hasattr(folders, "__iter__")
    return [str(folder.relative_to(sweep.path)) for folder in folders]


def test_job_folders_are_in_order_of_number_with_resumed_ones_last(sweep: SweepFolder) -> None:
    assert names(sweep, sweep.job_folders()) == ["0", "2", "10", "resumed-1/10"]


def test_resumed_parts_are_in_order_of_their_number(sweep: SweepFolder) -> None:
    for part in ("resumed-10", "resumed-2"):
        (sweep.path / part / "5").mkdir(parents=True)
        (sweep.path / part / "5" / "job.json").write_text("{}")
    assert names(sweep, sweep.job_folders())[-3:] == ["resumed-1/10", "resumed-2/5", "resumed-10/5"]


def test_unfinished_are_the_jobs_that_began_and_have_no_answer(sweep: SweepFolder) -> None:
    assert names(sweep, sweep.unfinished()) == ["10"]


def test_unlogged_are_the_answers_that_mlflow_has_not_got(sweep: SweepFolder) -> None:
    assert names(sweep, sweep.unlogged()) == ["2", "resumed-1/10"]


def test_the_next_part_follows_the_highest_there_is(sweep: SweepFolder) -> None:
    assert sweep.next_part() == "resumed-2"
    (sweep.path / "resumed-11").mkdir()
    assert sweep.next_part() == "resumed-12"


def test_the_first_part_is_number_one(tmp_path: Path) -> None:
    assert SweepFolder(path=tmp_path / "none").next_part() == "resumed-1"


def test_what_is_known_of_a_sweep_is_written_read_and_changed(tmp_path: Path) -> None:
    sweep = SweepFolder(path=tmp_path / "sweeps" / "20260101-000000-abcd")
    sweep.write({"status": None, "name": "n"})
    sweep.update(status="ok", ended="now")
    assert sweep.read() == {"status": "ok", "name": "n", "ended": "now"}
    assert sweep.sweep_id == "20260101-000000-abcd"


def test_sweep_ids_sort_by_time_and_differ_within_a_second() -> None:
    ids = [new_sweep_id() for _ in range(20)]
    assert len(set(ids)) > 1
    assert [one[:15] for one in ids] == sorted(one[:15] for one in ids)
    assert {len(one) for one in ids} == {len("20260101-000000-abcd")}


def test_sweeps_are_given_newest_first_without_gates_and_unfinished_folders(
    tmp_path: Path,
) -> None:
    places = Places(root=tmp_path)
    kinds = {"20260102-000000-aaaa": {"kind": "sweep"}, "20260101-000000-ffff": {}}
    for sweep_id, content in {**kinds, "20260103-000000-0000": {"kind": "gate"}}.items():
        SweepFolder(path=places.sweep(sweep_id)).write(content)
    places.sweep("20260104-000000-0000").mkdir()
    assert [sweep.sweep_id for sweep in newest_first(places)] == list(kinds)
