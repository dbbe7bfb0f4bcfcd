"""Named baselines: sessions under a name, in files that are read elsewhere as they are."""

import dataclasses
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from embprof.errors import DiskError, RequestError
from embprof.model import Run, Stored
from embprof.tracking import baselines
from embprof.tracking.baselines import Baseline, Baselines, Session
from embprof.tracking.places import Places

MakeRun = Callable[..., Run]
MakeSession = Callable[..., Session]

DAYS = ("20260101-000000-aaaa", "20260102-000000-bbbb", "20260103-000000-cccc")


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(root=tmp_path / "mlruns")


@pytest.fixture
def session(run: MakeRun) -> MakeSession:
    """A session of whole runs, measured on the day of its sweep's id."""

    def make(sweep_id: str = DAYS[0], *numbers: int, whole: bool = True, **changes: Any) -> Session:
        started = f"{sweep_id[:4]}-{sweep_id[4:6]}-{sweep_id[6:8]}T00:00:00.000+00:00"
        runs = tuple(
            Stored(
                run=run(number, sweep_id=sweep_id, **{"started": started, **changes}),
                hard={"cpu_model": "test", "batch_size": number},
                soft={"hostname": "here", "packages": {"torch": None}},
            )
            for number in numbers or (0,)
        )
        return Session(name=sweep_id, set_at="2026-02-01", runs=runs, whole=whole)

    return make


def figures_of_others(run: Run) -> Stored:
    return Stored(run=run, hard={}, soft={})


def test_a_baseline_is_read_as_it_was_written(places: Places, session: MakeSession) -> None:
    sessions = (session(DAYS[0], 0, 1), session(DAYS[1], 1, whole=False))
    store = Baselines(places)
    before, after = store.change("main", lambda _: Baseline(name="main", sessions=sessions))
    assert before is None
    assert store.get("main") == after == Baseline(name="main", sessions=sessions)


def test_the_file_says_what_it_is_and_of_which_version(
    places: Places, session: MakeSession
) -> None:
    Baselines(places).change("main", lambda _: Baseline(name="main", sessions=(session(),)))
    content = json.loads((places.baselines / "main.json").read_text())
    assert content["schema"] == "embprof/baseline/1"
    assert content["sessions"][0]["runs"][0]["run"]["figures"][0]["estimate"]["low"] > 0
    assert content["sessions"][0]["runs"][0]["hard"]["cpu_model"] == "test"


def test_a_baseline_is_called_what_its_file_is_called(places: Places, session: MakeSession) -> None:
    store = Baselines(places)
    store.change("main", lambda _: Baseline(name="something else", sessions=(session(),)))
    (places.baselines / "main.json").rename(places.baselines / "copied.json")
    found = store.get("copied")
    assert found is not None
    assert found.name == "copied"
    assert store.get("main") is None


def test_names_are_in_alphabetical_order_and_other_files_are_let_be(
    places: Places, session: MakeSession
) -> None:
    store = Baselines(places)
    assert store.names() == []
    for name in ("main", "a.b-C_1"):
        store.change(name, lambda _: Baseline(name="", sessions=(session(),)))
    (places.baselines / "no name.json").write_text("{}")
    assert store.names() == ["a.b-C_1", "main"]


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", "../x", "a/b", "/etc/x", ".hidden", "-x", "a b", "é", "x" * 65, "a\n"),
        *("last", "last~1", "2026", "20260101", "20260101-00", DAYS[0], DAYS[0][:-2]),
    ],
)
def test_a_name_that_is_no_name_or_could_mean_a_sweep_is_refused_before_anything_is_written(
    places: Places, session: MakeSession, name: str
) -> None:
    def edit(_: Baseline | None) -> Baseline:
        return Baseline(name=name, sessions=(session(),))

    with pytest.raises(RequestError, match="--name"):
        Baselines(places).change(name, edit)
    assert not places.root.exists()
    assert Baselines(places).get(name) is None


@pytest.mark.parametrize("name", ["main", "2026-07", "20260101-before", "last-week", "v1.2", "9x"])
def test_other_names_are_taken(name: str) -> None:
    assert baselines.problem_of_name(name) is None


def test_sessions_are_in_the_order_they_were_measured_not_in_the_order_they_were_set(
    session: MakeSession,
) -> None:
    baseline = Baseline(name="main")
    for day in (DAYS[1], DAYS[2], DAYS[0]):
        baseline = baseline.with_session(session(day))
    assert [one.name for one in baseline.sessions] == list(DAYS)
    found = baseline.sessions_of("key0", "environment0")
    assert [stored.run.sweep_id for stored in found] == list(DAYS)


def test_the_same_sweep_again_takes_the_place_of_its_session(session: MakeSession) -> None:
    baseline = Baseline(name="main").with_session(session(DAYS[0], 0, 1))
    baseline = baseline.with_session(session(DAYS[1], 0)).with_session(session(DAYS[0], 1, 2))
    assert [one.name for one in baseline.sessions] == list(DAYS[:2])
    assert [stored.run.number for stored in baseline.sessions[0].runs] == [1, 2]


def test_a_single_run_joins_the_session_of_its_sweep(session: MakeSession) -> None:
    alone = Baseline(name="main").with_session(session(DAYS[0], 0, whole=False))
    both = alone.with_session(session(DAYS[0], 1, whole=False))
    again = both.with_session(session(DAYS[0], 0, whole=False))
    assert [stored.run.number for stored in both.sessions[0].runs] == [0, 1]
    assert sorted(stored.run.number for stored in again.sessions[0].runs) == [0, 1]
    assert not again.sessions[0].whole
    whole = Baseline(name="main").with_session(session(DAYS[0], 0))
    assert whole.with_session(session(DAYS[0], 1, whole=False)).sessions[0].whole


def test_of_several_answers_of_a_session_the_newest_counts(session: MakeSession) -> None:
    one = session(DAYS[0], 0, 1, key="same")
    later = dataclasses.replace(one.runs[0].run, started="2026-01-01T00:00:01.000+00:00")
    runs = (dataclasses.replace(one.runs[0], run=later), one.runs[1])
    baseline = Baseline(name="main", sessions=(dataclasses.replace(one, runs=runs),))
    (found,) = baseline.sessions_of("same", "environment0")
    assert found.run.number == 0


def test_no_answer_in_this_environment_is_told_from_no_answer_at_all(session: MakeSession) -> None:
    baseline = Baseline(name="main", sessions=(session(DAYS[0], 0, 1),))
    assert baseline.sessions_of("key0", "another machine") == []
    assert baseline.newest_of("key0") is not None
    assert baseline.newest_of("key2") is None


def test_figures_of_others_are_found_by_what_they_match_and_are_no_session(
    session: MakeSession, run: MakeRun
) -> None:
    matching = figures_of_others(run(key="", config={"device": "cpu", "model.name": "m"}))
    other = figures_of_others(run(key="", config={"device": "cuda"}))
    theirs = Session(name="their.json", set_at="2026-02-01", runs=(matching, other))
    baseline = Baseline(name="main", sessions=(session(),)).with_session(theirs)
    assert theirs.is_foreign
    assert not session().is_foreign
    assert baseline.foreign({"device": "cpu", "model": {"name": "m"}, "seed": 0}) == [matching]
    assert baseline.foreign({"device": "cpu", "model": {"name": "n"}}) == []
    assert baseline.sessions_of("", "environment0") == []
    assert baseline.newest_of("") is None


def test_what_is_removed_is_returned_and_gone(places: Places, session: MakeSession) -> None:
    store = Baselines(places)
    _, made = store.change("main", lambda _: Baseline(name="main", sessions=(session(),)))
    assert store.remove("main") == made
    assert store.get("main") is None
    with pytest.raises(RequestError, match="main: there is no such baseline; there are none yet"):
        store.remove("main")


def test_a_change_that_is_refused_changes_nothing(places: Places, session: MakeSession) -> None:
    store = Baselines(places)
    _, made = store.change("main", lambda _: Baseline(name="main", sessions=(session(),)))

    def refuse(_: Baseline | None) -> Baseline:
        raise RequestError(["no"])

    with pytest.raises(RequestError):
        store.change("main", refuse)
    assert store.get("main") == made


def test_no_session_is_lost_where_several_set_at_once(places: Places, session: MakeSession) -> None:
    ids = [f"202601{day:02}-000000-abcd" for day in range(1, 13)]

    def add(sweep_id: str) -> None:
        def edit(before: Baseline | None) -> Baseline:
            return (before or Baseline(name="main")).with_session(session(sweep_id))

        Baselines(places).change("main", edit)

    with ThreadPoolExecutor(max_workers=6) as pool:
        list(pool.map(add, ids))
    found = Baselines(places).get("main")
    assert found is not None
    assert [one.name for one in found.sessions] == ids


def test_a_folder_that_cannot_be_written_is_an_error_in_words(
    places: Places, session: MakeSession
) -> None:
    places.root.mkdir()
    places.baselines.write_text("in the way")
    with pytest.raises(DiskError, match=r"cannot write to .*baselines: "):
        Baselines(places).change("main", lambda _: Baseline(name="main", sessions=(session(),)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not a JSON file"),
        ("[]", "not a baseline of embprof"),
        ('{"schema": "embprof/sweep/1"}', "not a baseline of embprof"),
        ('{"schema": "embprof/baseline/2"}', "embprof/baseline/2, and this embprof reads"),
        ('{"schema": "embprof/baseline/1", "name": "x", "sessions": []}', "without runs"),
        (
            '{"schema": "embprof/baseline/1", "name": "x", "sessions": [{"name": 1}]}',
            "a damaged baseline (sessions.0.name: ",
        ),
    ],
)
def test_a_file_that_cannot_be_a_baseline_is_an_error_that_names_it(
    places: Places, text: str, said: str
) -> None:
    places.baselines.mkdir(parents=True)
    file = places.baselines / "main.json"
    file.write_text(text)
    with pytest.raises(RequestError) as caught:
        Baselines(places).get("main")
    assert str(caught.value).startswith(f"{file}: ")
    assert said in str(caught.value)


def test_a_file_that_cannot_be_read_is_an_error_that_says_why(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="cannot be read"):
        baselines.load(tmp_path / "none.json")
    with pytest.raises(RequestError, match="cannot be read"):
        baselines.load(tmp_path)
    (tmp_path / "odd.json").write_bytes(b"\xff\xfe{")
    with pytest.raises(RequestError, match="not a JSON file"):
        baselines.load(tmp_path / "odd.json")
