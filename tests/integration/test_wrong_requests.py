"""Requests that are wrong: exit 2, every problem in one message, no traceback, nothing begun."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import Desk, MakeDesk

WRONG: dict[str, tuple[str, ...]] = {
    "a key with a typo": ("batch_siz=8", "batch_siz=8: there is no key", "batch_size?"),
    "a value out of range": ("batch_size=0", "batch_size=0: must be at least 1"),
    "a value of the wrong type": ("batch_size=many", "batch_size=many: must be a whole number"),
    "a device of no kind": ("device=gpu", "device=gpu: must be cpu, cuda, cuda:N or mps"),
    "a file that is missing": (
        "corpus=file corpus.path=missing.csv",
        "corpus.path=missing.csv: there is no such file",
    ),
    "a path that must be given": ("corpus=file", "corpus.path: must be given"),
    "a model that is missing": ("model=./nowhere", "model.name=./nowhere: no weights found"),
    "a hub model without a hub": (
        "model=nobody/nothing",
        "model.name=nobody/nothing: no weights",
    ),
    "an option that is missing": (
        "corpus=wikipedia",
        "corpus=wikipedia: there is no such corpus",
    ),
    "a scenario that is missing": (
        "experiment=quik",
        "experiment=quik: there is no such experiment, did you mean quick?",
    ),
    "a limit with a typo": (
        "measurement=memory +limits.peak_rs_mb=5",
        "limits.peak_rs_mb: a run of memory has no such figure, did you mean limits.peak_rss_mb?",
    ),
    "a target of another measurement": (
        "+targets.recall_at_10=0.9",
        "targets.recall_at_10: a run of throughput has no such figure",
    ),
    "an unknown command": ("plann", "plann: there is no such command, did you mean plan?"),
    "a sweep without -m": (
        "batch_size=8,16",
        "batch_size=8,16: several values are a sweep",
        "-m",
    ),
    "a device that is not there, strictly": (
        "device=cuda strict=true",
        "device=cuda: no NVIDIA GPU on this machine",
    ),
    "a class in no module": (
        "workload._target_=nowhere.Nothing",
        "workload._target_=nowhere.Nothing: there is no module nowhere",
    ),
    "another folder of configuration": ("--config-dir .", "--config-dir", "./conf/GROUP"),
    "an override that cannot be read": ("batch_size=[8", "batch_size=[8: cannot be read"),
    "a sweep of no values": ("-m batch_size=", "batch_size="),
    "values without end": (
        "-m batch_size=interval(1,8)",
        "batch_size=interval(1,8): an interval lists no values; write a,b or range(a,b)",
    ),
    "another launcher of Hydra's": (
        "-m hydra/launcher=joblib seed=1,2",
        "hydra/launcher=joblib: embprof starts its own workers, one job at a time",
        "only the basic launcher does that",
    ),
    "another sweeper of Hydra's": (
        "-m hydra/sweeper=optuna seed=1,2",
        "hydra/sweeper=optuna: embprof checks every job before the first one runs",
        "only the basic sweeper does that",
    ),
    "a setting of Hydra's that is swept": (
        "-m +hydra.job.env_set.A=1,2",
        "+hydra.job.env_set.A=1,2: Hydra's own settings hold for every job; give one value",
    ),
    "a callback of Hydra's that is nowhere": (
        "seed=1 +hydra.callbacks.mine._target_=nowhere.Mine",
        "hydra.callbacks: Error loading 'nowhere.Mine'",
    ),
}
"""A command line, and what its answer says."""


@pytest.fixture(scope="module")
def empty(make_desk: MakeDesk) -> Desk:
    return make_desk("wrong")


@pytest.mark.parametrize("problem", WRONG)
def test_a_wrong_request_is_answered_with_what_is_wrong(empty: Desk, problem: str) -> None:
    line, *said = WRONG[problem]
    done = empty.run(*line.split())
    assert done.code == 2
    assert "Traceback" not in done.text
    for part in said:
        assert part in " ".join(done.err.split())
    assert not empty.mlruns.exists()


def test_every_problem_of_a_request_is_in_one_message(empty: Desk) -> None:
    done = empty.run(
        *("-m", "batch_size=0,8", "text_lenght=10", "precision=2", "model=./nowhere"),
        *("device=gpu", "warmup.seconds=-1", "corpus=wikipedia"),
    )
    assert done.code == 2
    assert "things are wrong with the request" in done.err
    for part in (
        "batch_size=0: must be at least 1",
        "text_lenght=10: there is no key text_lenght, did you mean text_length?",
        "precision=2: must be less than 1",
        "device=gpu: must be cpu, cuda, cuda:N or mps",
        "warmup.seconds=-1: must be at least 0",
        "corpus=wikipedia: there is no such corpus",
    ):
        assert part in done.text
    assert not empty.mlruns.exists()


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("corpus.path=übung.csv", """needs quotes: 'corpus.path="übung.csv"'"""),
        ("corpus.path=claims (1).csv", """needs quotes: 'corpus.path="claims (1).csv"'"""),
        ("corpus.path=epoch=3.csv", """needs quotes: 'corpus.path="epoch=3.csv"'"""),
        ("corpus.path=a,b.csv", """add -m, or 'corpus.path="a,b.csv"' for one value"""),
    ],
)
def test_a_name_that_needs_quotes_is_shown_with_them_and_is_not_told_to_be_missing(
    make_desk: MakeDesk, line: str, problem: str
) -> None:
    desk = make_desk("quotes")
    name = line.partition("=")[2]
    (desk.path / name).write_text("text\nOne of three.\n")
    done = desk.run("plan", "corpus=file", line)
    assert done.code == 2
    assert "the request is wrong" in done.err, "and nothing else is"
    assert problem in done.err
    (shown,) = re.findall(r"'(corpus.path=.*)'", done.err)
    assert desk.run("plan", "corpus=file", shown).code == 0


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("texts.csv", "id,text\n1,The tram stops, then turns\n", "line 2 has 3 fields"),
        ("texts.jsonl", '{"text": "a"}\n{"body": "b"}\n', "no such column in line 2; it has body"),
        ("texts.jsonl", '{"text": "cut in an emoji: \\ud83d"}\n', "line 1: text holds half a"),
    ],
)
def test_a_row_that_is_not_what_it_seems_is_told_with_its_line(
    make_desk: MakeDesk, name: str, content: str, problem: str
) -> None:
    desk = make_desk("rows")
    (desk.path / name).write_text(content)
    done = desk.run("corpus=file", f"corpus.path={name}")
    assert done.code == 2
    assert f"{name}" in done.err
    assert problem in " ".join(done.err.split())
    assert not desk.mlruns.exists()


def test_rows_without_a_text_and_those_that_repeat_one_are_told(make_desk: MakeDesk) -> None:
    desk = make_desk("rows")
    (desk.path / "texts.csv").write_text(
        "id,text\n1,One of four.\n2,\n3,One of four.\n4,Another.\n"
    )
    done = desk.run("plan", "corpus=file", "corpus.path=texts.csv")
    assert done.code == 0
    assert "of 4 rows, 1 holds no text and is left out, 1 repeats another" in done.text


def test_a_wrong_file_and_a_wrong_model_are_told_together(empty: Desk) -> None:
    done = empty.run("corpus=file", "corpus.path=missing.csv", "model=./nowhere")
    assert done.code == 2
    assert "2 things are wrong" in done.err
    assert "missing.csv" in done.err
    assert "./nowhere" in done.err


def test_a_plan_of_a_wrong_request_is_answered_likewise(empty: Desk) -> None:
    done = empty.run("plan", "batch_size=0")
    assert done.code == 2
    assert "batch_size=0: must be at least 1" in done.err


def test_ui_of_a_folder_without_runs_says_to_measure_first(empty: Desk) -> None:
    store = f"sqlite:///{empty.path}/nothing.db"
    done = empty.run("ui", MLFLOW_TRACKING_URI=store)
    assert done.code == 2
    assert "there are no runs here yet" in done.err
