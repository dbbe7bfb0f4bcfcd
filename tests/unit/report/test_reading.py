"""What a user types becomes one study, in which a number means one run."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from embprof.errors import RequestError
from embprof.model import Run, Status, Stored, StoredRuns
from embprof.report.studies import of_found, read, sweep_of
from embprof.tracking import mlflow_search
from embprof.tracking.folder import write_run
from embprof.tracking.places import Places

MakeRun = Callable[..., Run]
FIRST, SECOND = "20260101-000000-aaaa", "20260102-000000-bbbb"


@pytest.fixture
def places(tmp_path: Path, run: MakeRun) -> Places:
    """Two sweeps of two runs each; the second's last one failed."""
    made = Places(root=tmp_path / "mlruns")
    for sweep_id in (FIRST, SECOND):
        for number in range(2):
            folder = made.sweep(sweep_id) / str(number)
            folder.mkdir(parents=True)
            status = Status.FAILED if (sweep_id, number) == (SECOND, 1) else Status.OK
            one = run(number, sweep_id=sweep_id, status=status, config=_config(f"{sweep_id}?"))
            write_run(folder, one)
            (folder / "job.json").write_text("{}")
            (folder / "environment.json").write_text(json.dumps({"hard": {"cpus": 2}, "soft": {}}))
        (made.sweep(sweep_id) / "sweep.json").write_text(json.dumps({"question": None}))
    return made


def _config(question: str) -> dict[str, Any]:
    return {"restarts": 1, "iterations": None, "question": question}


def test_several_sweeps_are_one_study_with_numbers_of_its_own(
    places: Places, tmp_path: Path
) -> None:
    study = read([FIRST, "last", FIRST], places, tmp_path)
    assert study.name == f"{FIRST} {SECOND}"
    assert [answer.run.number for answer in study.answers] == [0, 1, 2]
    assert [answer.run.run_id for answer in study.failed] == [f"{SECOND}/1"]
    assert study.failed[0].run.number == 3
    assert study.question == f"{FIRST}? {SECOND}?"
    assert study.answers[2].folder == places.sweep(SECOND) / "0"


def test_one_sweep_keeps_its_numbers(places: Places, tmp_path: Path) -> None:
    study = read([f"{FIRST}/1"], places, tmp_path)
    assert [answer.run.number for answer in study.answers] == [1]


def test_everything_that_is_wrong_is_said_at_once(places: Places, tmp_path: Path) -> None:
    with pytest.raises(RequestError) as caught:
        read(["nothing", "last", "2027"], places, tmp_path)
    assert [problem.partition(":")[0] for problem in caught.value.problems] == ["nothing", "2027"]


def test_figures_of_others_alone_make_no_study(run: MakeRun) -> None:
    foreign = Stored(run=run(0), hard={}, soft={})
    with pytest.raises(RequestError, match="figures of others alone make no report"):
        of_found("reference", [StoredRuns(name="reference", sessions=((foreign,),))])


def test_a_runs_sweep_is_found_from_its_folder_alone(places: Places, tmp_path: Path) -> None:
    (answer, *_) = read([FIRST], places, tmp_path).answers
    assert sweep_of(answer.stored) == {"question": None}
    assert sweep_of(dataclasses.replace(answer.stored, folder=None)) is None
    other = dataclasses.replace(answer.stored, run=dataclasses.replace(answer.run, sweep_id="x"))
    assert sweep_of(other) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tags.embprof.status = 'ok'", True),
        ("tags.`embprof.status` = 'ok'", True),
        ("  params.batch_size = '8'", True),
        ("metrics.latency_p50_ms < 5", True),
        ("status = 'FINISHED'", True),
        ("run_name ilike '%a%'", True),
        ("last", False),
        ("20260101", False),
        ("main", False),
        ("./mlruns", False),
        ("status", False),
        ("runs", False),
    ],
)
def test_a_filter_is_told_from_a_name(text: str, *, expected: bool) -> None:
    assert mlflow_search.is_filter(text) is expected


def test_a_filter_without_a_store_says_how_to_name_one(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with pytest.raises(RequestError, match="set MLFLOW_TRACKING_URI"):
        read(["tags.a = 'b'"], places, tmp_path)
