"""What a user types finds the runs that are meant, and says so where it finds none or several."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from embprof.errors import RequestError
from embprof.model import Run, Status, StoredRuns
from embprof.tracking.baselines import Baseline, Baselines, Session
from embprof.tracking.finding import find
from embprof.tracking.folder import read_stored, write_json, write_run
from embprof.tracking.places import Places
from embprof.tracking.sweep_folder import SweepFolder

MakeRun = Callable[..., Run]
MakeSweep = Callable[..., Path]

FIRST = "20260101-000000-aaaa"
SECOND = "20260102-000000-bbbb"
GATE = "20260103-000000-cccc"
MLFLOW_ID = "0123456789abcdef0123456789abcd"


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(root=tmp_path / "mlruns")


@pytest.fixture
def sweep(places: Places, run: MakeRun) -> MakeSweep:
    """A sweep with runs in the folders that are named, a number each; the folder it lies in."""

    def make(sweep_id: str, *folders: str, **content: Any) -> Path:
        folder = SweepFolder(path=places.sweep(sweep_id))
        folder.write({"tracking": {"run_id": f"{sweep_id[-4:]}{MLFLOW_ID[4:]}"}, **content})
        for name in folders or ("0", "1"):
            answer(folder.path / name, run(int(Path(name).name), sweep_id=sweep_id))
        return folder.path

    return make


def answer(folder: Path, run: Run) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    run_id = f"{run.sweep_id}/{folder.as_posix().partition(f'{run.sweep_id}/')[2]}"
    write_json(folder / "job.json", {})
    write_json(folder / "environment.json", {"hard": {"cpus": 2}, "soft": {"hostname": "here"}})
    write_json(
        folder / "mlflow.json", {"run_id": f"{run.number}{run.sweep_id[-4:]}{MLFLOW_ID[:24]}"}
    )
    write_run(folder, dataclasses.replace(run, run_id=run_id))


def ids(found: StoredRuns) -> list[str]:
    return [stored.run.run_id for stored in found.runs]


def folders(found: StoredRuns) -> dict[str, Path]:
    every = [stored for session in found.sessions for stored in session]
    return {one.run.run_id: one.folder for one in every if one.folder is not None}


def test_a_sweep_is_found_by_its_id_with_all_its_runs(places: Places, sweep: MakeSweep) -> None:
    sweep(FIRST)
    sweep(SECOND)
    found = find(FIRST, places)
    assert (found.name, found.sweep_id) == (FIRST, FIRST)
    assert ids(found) == [f"{FIRST}/0", f"{FIRST}/1"]
    assert found.runs[0] == read_stored(places.sweep(FIRST) / "0")


@pytest.mark.parametrize("prefix", ["20260102", "20260102-", "20260102-000000-b"])
def test_the_beginning_of_an_id_is_enough_where_only_one_begins_so(
    places: Places, sweep: MakeSweep, prefix: str
) -> None:
    sweep(FIRST)
    sweep(SECOND)
    assert find(prefix, places).sweep_id == SECOND


def test_a_beginning_that_several_have_is_an_error_that_names_them(
    places: Places, sweep: MakeSweep
) -> None:
    for day in range(1, 8):
        sweep(f"2026010{day}-000000-aaaa")
    with pytest.raises(RequestError, match="2026: could be any of 7 sweeps: 20260101") as caught:
        find("2026", places)
    assert str(caught.value).endswith("20260105-000000-aaaa …")


@pytest.mark.parametrize(
    ("what", "meant"), [("last", SECOND), ("last~0", SECOND), ("last~1", FIRST)]
)
def test_last_is_the_newest_sweep_that_is_no_gate(
    places: Places, sweep: MakeSweep, what: str, meant: str
) -> None:
    sweep(SECOND, kind="sweep")
    sweep(FIRST)
    sweep(GATE, kind="gate")
    assert find(what, places).sweep_id == meant


def test_last_of_nothing_is_an_error(places: Places, sweep: MakeSweep) -> None:
    with pytest.raises(RequestError, match=r"last: no sweeps yet in .*sweeps"):
        find("last", places)
    sweep(FIRST)
    with pytest.raises(RequestError, match="last~1: only 1 sweep in"):
        find("last~1", places)


@pytest.mark.parametrize("what", [f"{FIRST}/1", "last/1", "20260101/1", "last~0/1"])
def test_a_job_of_a_sweep_is_found_by_its_number(
    places: Places, sweep: MakeSweep, what: str
) -> None:
    sweep(FIRST)
    found = find(what, places)
    assert ids(found) == [f"{FIRST}/1"]
    assert (found.name, found.sweep_id) == (f"{FIRST}/1", None)


def test_a_job_that_did_not_end_well_is_answered_by_the_run_that_was_resumed(
    places: Places, sweep: MakeSweep, run: MakeRun
) -> None:
    folder = sweep(FIRST, "1", "resumed-2/1", "resumed-10/1", "resumed-1/2")
    failed = run(1, sweep_id=FIRST, status=Status.FAILED)
    assert ids(find("last/1", places)) == [f"{FIRST}/1"]
    answer(folder / "1", failed)
    assert ids(find("last/1", places)) == [f"{FIRST}/resumed-10/1"]
    assert ids(find("last/resumed-2/1", places)) == [f"{FIRST}/resumed-2/1"]
    assert ids(find("last/2", places)) == [f"{FIRST}/resumed-1/2"]
    for part in ("resumed-2", "resumed-10"):
        answer(folder / part / "1", failed)
    assert ids(find("last/1", places)) == [f"{FIRST}/1"]


def test_a_job_that_there_is_not_is_an_error(places: Places, sweep: MakeSweep) -> None:
    sweep(FIRST)
    with pytest.raises(RequestError, match=f"last/7: sweep {FIRST} has no finished run 7"):
        find("last/7", places)


def test_of_a_question_asked_again_the_newest_answer_counts_if_it_is_one(
    places: Places, sweep: MakeSweep, run: MakeRun
) -> None:
    folder = sweep(FIRST, "0", "1", "resumed-1/1")
    assert ids(find(FIRST, places)) == [f"{FIRST}/0", f"{FIRST}/resumed-1/1"]
    answer(folder / "resumed-1" / "1", run(1, sweep_id=FIRST, status=Status.INTERRUPTED))
    assert ids(find(FIRST, places)) == [f"{FIRST}/0", f"{FIRST}/1"]


def test_runs_that_failed_are_found_and_jobs_that_measured_nothing_are_not(
    places: Places, sweep: MakeSweep, run: MakeRun
) -> None:
    folder = sweep(FIRST)
    answer(folder / "0", run(0, sweep_id=FIRST, status=Status.FAILED))
    answer(folder / "1", run(1, sweep_id=FIRST, status=Status.SKIPPED))
    assert [stored.run.status for stored in find(FIRST, places).runs] == [Status.FAILED]


def test_a_sweep_without_finished_runs_is_an_error(places: Places, sweep: MakeSweep) -> None:
    folder = sweep(FIRST, "0")
    (folder / "0" / "run.json").unlink()
    with pytest.raises(RequestError, match=f"{FIRST}: this sweep has no finished runs"):
        find("last", places)


def test_the_runs_of_a_gate_are_those_of_its_second_arm(places: Places, sweep: MakeSweep) -> None:
    sweep(GATE, "0", "1", "2", "3", kind="gate")
    assert ids(find(GATE, places)) == [f"{GATE}/1", f"{GATE}/3"]
    assert ids(find(f"{GATE}/0", places)) == [f"{GATE}/0"]


def test_runs_that_lie_elsewhere_are_found_by_their_folder(
    places: Places, sweep: MakeSweep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "downloaded"
    sweep(FIRST).rename(elsewhere)
    assert ids(find(str(elsewhere / "1"), places)) == [f"{FIRST}/1"]
    assert find(str(elsewhere / "1"), places).sweep_id is None
    assert len(find(str(elsewhere), places).runs) == 2
    monkeypatch.chdir(elsewhere)
    assert len(find(".", places).runs) == 2
    assert ids(find("0", places)) == [f"{FIRST}/0"]


def test_a_store_is_found_by_its_folder_with_the_runs_of_all_sweeps_but_gates(
    tmp_path: Path, places: Places, sweep: MakeSweep
) -> None:
    sweep(FIRST)
    sweep(SECOND, "1")
    sweep(GATE, kind="gate")
    elsewhere = tmp_path / "elsewhere"
    places.root.rename(elsewhere)
    found = find(str(elsewhere), places)
    assert ids(found) == [f"{FIRST}/0", f"{FIRST}/1", f"{SECOND}/1"]
    assert folders(found)[f"{SECOND}/1"] == elsewhere / "sweeps" / SECOND / "1"


def test_a_store_without_finished_runs_is_an_error(places: Places) -> None:
    places.sweeps.mkdir(parents=True)
    with pytest.raises(RequestError, match="this store has no finished runs"):
        find(str(places.root), places)


def test_what_is_found_comes_with_its_folders(places: Places, sweep: MakeSweep) -> None:
    folder = sweep(FIRST, "0", "resumed-1/1")
    assert folders(find(FIRST, places)) == {
        f"{FIRST}/0": folder / "0",
        f"{FIRST}/resumed-1/1": folder / "resumed-1" / "1",
    }
    assert folders(find("last/1", places)) == {f"{FIRST}/resumed-1/1": folder / "resumed-1" / "1"}


def test_a_baseline_is_found_by_its_name_with_all_its_sessions(
    places: Places, sweep: MakeSweep
) -> None:
    baseline = Baseline(name="main")
    for sweep_id in (FIRST, SECOND):
        sweep(sweep_id)
        session = Session(name=sweep_id, set_at="", runs=find(sweep_id, places).runs)
        baseline = baseline.with_session(session)
    Baselines(places).change("main", lambda _: baseline)
    found = find("main", places)
    assert (found.name, found.sweep_id) == ("main", None)
    assert [session[0].run.sweep_id for session in found.sessions] == [FIRST, SECOND]
    assert ids(found) == [f"{SECOND}/0", f"{SECOND}/1"]
    (places.sweep(FIRST) / "0" / "run.json").unlink()
    assert sorted(folders(find("main", places))) == [
        f"{FIRST}/1",
        f"{SECOND}/0",
        f"{SECOND}/1",
    ]


def test_the_id_that_mlflow_gave_a_run_or_a_sweep_finds_it(
    places: Places, sweep: MakeSweep
) -> None:
    sweep(FIRST)
    sweep(SECOND)
    assert ids(find(f"1bbbb{MLFLOW_ID[:24]}", places)) == [f"{SECOND}/1"]
    assert ids(find("1bbbb0123", places)) == [f"{SECOND}/1"]
    assert find("bbbb4567", places).sweep_id == SECOND


def test_an_id_of_mlflow_that_several_begin_with_is_an_error(
    places: Places, sweep: MakeSweep
) -> None:
    folder = sweep(FIRST)
    write_json(folder / "1" / "mlflow.json", {"run_id": f"0aaaa{MLFLOW_ID[:24]}ff"})
    with pytest.raises(RequestError, match="2 runs have an MLflow id that begins so"):
        find("0aaaa0123", places)


@pytest.mark.parametrize(
    "what",
    [
        "",
        "nothing",
        "2027",
        "2027/1",
        "lasst",
        "../x",
        "a/b/c",
        "x" * 5000,
        "deadbeef",
        "*",
        "[",
        "~",
    ],
)
def test_what_finds_nothing_is_an_error_that_says_where_was_looked(
    places: Places, sweep: MakeSweep, what: str
) -> None:
    sweep(FIRST)
    with pytest.raises(RequestError) as caught:
        find(what, places)
    assert str(places.sweeps) in str(caught.value)
    assert "no baseline (there are none yet)" in str(caught.value)


def test_a_run_that_cannot_be_read_is_an_error_that_names_its_folder(
    places: Places, sweep: MakeSweep
) -> None:
    folder = sweep(FIRST)
    (folder / "0" / "environment.json").unlink()
    with pytest.raises(RequestError, match=f"{folder}/0: this run cannot be read"):
        find(FIRST, places)
    (folder / "0" / "run.json").write_text("{")
    with pytest.raises(RequestError, match=f"{folder}/0: this run cannot be read"):
        find("last/0", places)
