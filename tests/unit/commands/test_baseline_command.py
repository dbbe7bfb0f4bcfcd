"""``embprof baseline``: what it says, what it refuses, and what is left on disk."""

import json
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

import pytest

from embprof.commands import baseline
from embprof.errors import RequestError
from embprof.model import Run, Stamp, Status
from embprof.tracking import foreign
from embprof.tracking.baselines import Baselines, Session
from embprof.tracking.folder import write_json, write_run
from embprof.tracking.places import Places
from embprof.tracking.recovery import active
from embprof.tracking.sweep_folder import SweepFolder

MakeRun = Callable[..., Run]
MakeSweep = Callable[..., None]

DAYS = [f"2026010{day}-000000-abcd" for day in range(1, 5)]
SERVICE = {"texts_per_second": 1185, "single_text_ms": 6.66, "peak_memory_mb": 537.9}


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(baseline, "retag", lambda *_: None)
    return Places.here()


@pytest.fixture
def sweep(places: Places, run: MakeRun) -> MakeSweep:
    def make(sweep_id: str, *runs: Run) -> None:
        folder = SweepFolder(path=places.sweep(sweep_id))
        folder.write({"experiment": "embprof"})
        default = [run(0, stamps=(), sweep_id=sweep_id), run(1, stamps=(), sweep_id=sweep_id)]
        for one in runs or default:
            path = folder.path / str(one.number)
            path.mkdir()
            write_json(path / "job.json", {})
            soft = {"hostname": "build-7"}
            write_json(path / "environment.json", {"hard": {"cpus": 2}, "soft": soft})
            write_run(path, one)

    return make


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return " ".join(capsys.readouterr().out.split())


def test_set_says_what_was_taken_and_what_it_is_good_for(
    sweep: MakeSweep, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep(DAYS[0])
    assert baseline.main(["set", "last"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"baseline main: 2 runs of {DAYS[0]}"
    assert lines[1].startswith("1 session of these questions so far: only large changes")
    assert lines[1].endswith("embprof gate")
    assert len(lines) == 2


def test_from_three_sessions_on_their_spread_is_named(
    sweep: MakeSweep, places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    for day in DAYS[:3]:
        sweep(day)
        assert baseline.main(["set", "last"]) == 0
    assert "3 sessions of these questions so far: later runs are held against" in said(capsys)
    found = Baselines(places).existing("main")
    assert [session.name for session in found.sessions] == DAYS[:3]
    assert all(session.whole for session in found.sessions)


def test_sessions_of_other_questions_do_not_count(
    sweep: MakeSweep, run: MakeRun, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep(DAYS[0], run(0, sweep_id=DAYS[0]))
    sweep(DAYS[1], run(1, sweep_id=DAYS[1]))
    for day in DAYS[:2]:
        baseline.main(["set", day])
    assert said(capsys).count("1 session of these questions so far") == 2


def test_runs_that_did_not_end_well_are_left_out_and_counted(
    sweep: MakeSweep, run: MakeRun, places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    failed = [run(number, sweep_id=DAYS[0], status=Status.FAILED) for number in (1, 2)]
    sweep(DAYS[0], run(0, sweep_id=DAYS[0]), *failed)
    assert baseline.main(["set", "last"]) == 0
    assert f"1 run of {DAYS[0]} (2 that did not end well left out)" in said(capsys)
    assert len(Baselines(places).existing("main").sessions[0].runs) == 1


def test_a_sweep_of_which_nothing_ended_well_is_refused_with_the_reasons(
    sweep: MakeSweep, run: MakeRun, places: Places
) -> None:
    sweep(DAYS[0], run(0, sweep_id=DAYS[0], status=Status.FAILED, reason="it broke"))
    with pytest.raises(RequestError, match=rf"last: no run .*\({DAYS[0]}/0 failed: it broke"):
        baseline.main(["set", "last"])
    assert not places.baselines.exists()


def test_marks_of_the_runs_are_named(
    sweep: MakeSweep, run: MakeRun, capsys: pytest.CaptureFixture[str]
) -> None:
    marked = (Stamp(mark="D", detail=""), Stamp(mark="B", detail=""))
    sweep(DAYS[0], run(0, sweep_id=DAYS[0], stamps=marked), run(1, sweep_id=DAYS[0], stamps=()))
    baseline.main(["set", "last"])
    assert "marks on 1 run (BD)" in said(capsys)


def test_a_sweep_that_is_still_running_is_refused(sweep: MakeSweep, places: Places) -> None:
    sweep(DAYS[0])
    with active(places, DAYS[0]), pytest.raises(RequestError, match="still running"):
        baseline.main(["set", "last"])


def test_replace_forgets_earlier_sessions(sweep: MakeSweep, places: Places) -> None:
    for day in DAYS[:2]:
        sweep(day)
        baseline.main(["set", "last", "--replace"])
    assert [one.name for one in Baselines(places).existing("main").sessions] == [DAYS[1]]


def test_a_name_is_refused_before_anything_is_looked_for(places: Places) -> None:
    with pytest.raises(RequestError, match=r"--name \.\./x: "):
        baseline.main(["set", "last", "--name", "../x"])
    assert not places.root.exists()


def test_the_tag_is_asked_for_what_changed(
    sweep: MakeSweep, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[list[str]] = []

    def retag(_: Places, sessions: Iterable[Session]) -> str:
        asked.append([session.name for session in sessions])
        return "no tag today"

    monkeypatch.setattr(baseline, "retag", retag)
    for day in DAYS[:2]:
        sweep(day)
        assert baseline.main(["set", "last"]) == 0
    baseline.main(["set", DAYS[0], "--replace"])
    baseline.main(["unset"])
    assert asked[:2] == [[DAYS[0]], [DAYS[1]]]
    assert set(asked[2]) == set(DAYS[:2])
    assert asked[3] == [DAYS[0]]
    assert said(capsys).count("no tag today") == 4


def test_list_shows_a_line_a_session_the_one_measured_last_at_the_end(
    sweep: MakeSweep, capsys: pytest.CaptureFixture[str]
) -> None:
    for day in DAYS[:2]:
        sweep(day)
    for what in (DAYS[1], f"{DAYS[0]}/1"):
        baseline.main(["set", what])
    capsys.readouterr()
    assert baseline.main(["list"]) == 0
    headings, _, *lines = capsys.readouterr().out.splitlines()
    assert headings.split() == ["name", "session", "set", "runs", "questions", "host"]
    now = f"{datetime.now().astimezone():%Y-%m-%d}"
    assert [line.split()[:3] for line in lines] == [["main", day, now] for day in DAYS[:2]]
    assert [line.split()[4:] for line in lines] == [["1", "1", "build-7"], ["2", "2", "build-7"]]


def test_list_fits_a_hundred_columns_whatever_the_names(
    sweep: MakeSweep, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep(DAYS[0])
    baseline.main(["set", "last/1", "--name", "a-name-" + "x" * 50])
    (tmp_path / f"{'y' * 60}.json").write_text(json.dumps(SERVICE))
    baseline.main(["import", f"{'y' * 60}.json", "--mapping", "embedding_service"])
    capsys.readouterr()
    assert baseline.main(["list"]) == 0
    out = capsys.readouterr().out
    assert max(len(line.rstrip()) for line in out.splitlines()) <= 100
    assert (out.count("x"), out.count("y")) == (50, 120), "nothing is cut off"
    assert "others" in out


def test_list_of_nothing_says_how_to_begin(
    places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    assert baseline.main(["list"]) == 0
    assert "no baselines yet; measure, then: embprof baseline set last" in said(capsys)
    assert not places.root.exists()


@pytest.mark.parametrize("words", [["unset"], ["unset", "main"], ["unset", "--name", "main"]])
def test_unset_forgets_a_baseline_and_keeps_its_runs(
    sweep: MakeSweep, places: Places, words: list[str]
) -> None:
    sweep(DAYS[0])
    baseline.main(["set", "last"])
    assert baseline.main(words) == 0
    assert Baselines(places).names() == []
    assert (places.sweep(DAYS[0]) / "0" / "run.json").exists()


@pytest.mark.parametrize("words", [["unset"], ["unset", "x"], ["export", "x.json"]])
def test_a_baseline_that_is_not_there_is_an_error_that_names_those_that_are(
    sweep: MakeSweep, words: list[str]
) -> None:
    sweep(DAYS[0])
    baseline.main(["set", "last", "--name", "other"])
    with pytest.raises(RequestError, match="there is no such baseline; there are other"):
        baseline.main(words)


def test_an_export_is_imported_elsewhere_as_it_was(
    sweep: MakeSweep, places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep(DAYS[0])
    baseline.main(["set", "last"])
    assert baseline.main(["export", "out.json"]) == 0
    assert baseline.main(["export", "out.json"]) == 0, "it may be written again"
    exported = Baselines(places).existing("main")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert baseline.main(["import", "../out.json"]) == 0
    assert baseline.main(["import", "../out.json", "--name", "again"]) == 0
    assert Baselines(Places.here()).existing("main") == exported
    assert Baselines(Places.here()).names() == ["again", "main"]


def test_an_existing_name_is_imported_over_only_when_asked(
    sweep: MakeSweep, places: Places
) -> None:
    for day in DAYS[:2]:
        sweep(day)
        baseline.main(["set", "last", "--replace"])
        baseline.main(["export", f"{day}.json"])
    with pytest.raises(RequestError, match="main is there already: give another --name, or --repl"):
        baseline.main(["import", f"{DAYS[0]}.json"])
    assert Baselines(places).existing("main").sessions[0].name == DAYS[1]
    assert baseline.main(["import", f"{DAYS[0]}.json", "--replace"]) == 0
    assert Baselines(places).existing("main").sessions[0].name == DAYS[0]


@pytest.mark.parametrize("target", [".", "none/out.json", "/dev/null", "out.json/x"])
def test_an_export_that_cannot_be_written_is_an_error_and_leaves_nothing(
    sweep: MakeSweep, tmp_path: Path, target: str
) -> None:
    sweep(DAYS[0])
    baseline.main(["set", "last"])
    (tmp_path / "out.json").write_text("mine")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(RequestError, match=re.escape(target)):
        baseline.main(["export", target])
    assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / "out.json").read_text() == "mine"


def test_figures_of_others_are_imported_by_a_mapping(
    places: Places, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "service.json").write_text(json.dumps(SERVICE))
    assert baseline.main(["import", "service.json", "--mapping", "embedding_service"]) == 0
    assert "baseline service: 3 figures of others, shown but never judged" in said(capsys)
    (session,) = Baselines(places).existing("service").sessions
    assert session.name == "service.json"
    assert all(stored.hard == {} for stored in session.runs)
    with pytest.raises(RequestError, match="figures of others"):
        baseline.main(["set", "service", "--name", "other"])


def test_a_file_that_is_no_export_asks_for_a_mapping_and_names_ours(
    places: Places, tmp_path: Path
) -> None:
    (tmp_path / "service.json").write_text(json.dumps(SERVICE))
    with pytest.raises(RequestError, match=r"--mapping FILE .* embedding_service") as caught:
        baseline.main(["import", "service.json"])
    assert "service.json: not an export of embprof" in str(caught.value)
    assert not places.root.exists()


def test_an_export_takes_no_mapping(sweep: MakeSweep) -> None:
    sweep(DAYS[0])
    baseline.main(["set", "last"])
    baseline.main(["export", "out.json"])
    with pytest.raises(RequestError, match="without --mapping"):
        baseline.main(["import", "out.json", "--mapping", "embedding_service"])


def test_a_file_whose_name_cannot_be_a_baselines_asks_for_one(
    places: Places, tmp_path: Path
) -> None:
    (tmp_path / "our figures.json").write_text(json.dumps(SERVICE))
    with pytest.raises(RequestError, match="--name our figures: "):
        baseline.main(["import", "our figures.json", "--mapping", "embedding_service"])
    assert not places.root.exists()


def test_help_teaches_each_sub_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert baseline.main(["--help"]) == 0
    page = capsys.readouterr().out
    for name in ("set", "list", "unset", "export", "import"):
        (line,) = re.findall(rf"^  {name} +(.+)$", page, re.MULTILINE)
        assert line.endswith("."), "it is not cut off"
        assert baseline.main([name, "-h"]) == 0
        assert f"Usage: embprof baseline {name}" in capsys.readouterr().out


def test_help_names_the_mappings_that_come_with_embprof(
    capsys: pytest.CaptureFixture[str],
) -> None:
    baseline.main(["import", "--help"])
    page = capsys.readouterr().out
    assert all(name in page for name in foreign.shipped())


@pytest.mark.parametrize(
    "words", [[], ["sett"], ["set"], ["set", "--bogus", "last"], ["list", "x"], ["export"]]
)
def test_words_that_it_does_not_take_end_with_exit_code_2(words: list[str]) -> None:
    assert baseline.main(words) == 2
