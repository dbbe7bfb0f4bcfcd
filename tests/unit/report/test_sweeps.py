"""A sweep in one line, read from its folder."""

import dataclasses
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from embprof.model import Comparison, Run, Status, Verdict
from embprof.report import sweeps
from embprof.report.stored_rows import rows
from embprof.tracking.folder import write_comparison, write_json, write_run
from embprof.tracking.races import add_race
from embprof.tracking.sweep_folder import SweepFolder
from tests.unit.races import race_of

MakeRun = Callable[..., Run]
NOW = datetime.fromisoformat("2026-01-01T00:05:00+00:00")
ID = "20260101-000000-abcd"


def stored(tmp_path: Path, *runs: Run, jobs: int | None = None, **content: Any) -> SweepFolder:
    """A sweep with these runs, and jobs of the same kind up to their number."""
    sweep = SweepFolder(path=tmp_path / ID)
    asked = [
        {
            "number": number,
            "overrides": [f"batch_size={2**number}"],
            "key": f"key{number}",
            "environment": "environment0",
            "skip": content.pop(f"skip{number}", None),
        }
        for number in range(len(runs) if jobs is None else jobs)
    ]
    known = {
        "sweep_id": ID,
        "name": f"batch_size {ID}",
        "started": "2026-01-01T00:00:00.000+00:00",
        "status": "ok",
        "question": None,
        "overrides": ["batch_size=1,2"],
        "jobs": asked,
    }
    sweep.write({**known, **content})
    for run in runs:
        keep(sweep, run)
    return sweep


def keep(sweep: SweepFolder, run: Run, part: str = "") -> Path:
    folder = sweep.path / part / str(run.number)
    folder.mkdir(parents=True)
    write_json(folder / "job.json", {})
    name = folder.relative_to(sweep.path)
    write_run(folder, dataclasses.replace(run, run_id=f"{ID}/{name}"))
    return folder


def judged(verdict: Verdict, ratio: float | None = 1.031) -> Comparison:
    return Comparison(
        figure="throughput_texts_per_s",
        a="main",
        b="x",
        ratio=ratio,
        low=None,
        high=None,
        verdict=verdict,
        reason=None,
        smallest_detectable=None,
        p_value=None,
        basis="",
    )


def line(sweep: SweepFolder, *, running: bool = False) -> sweeps.Line:
    return sweeps.line(sweep, now=NOW, running=running)


@pytest.fixture
def asked(run: MakeRun) -> MakeRun:
    """A run that answers the job of its number."""

    def make(number: int, **changes: Any) -> Run:
        return run(number, f"batch_size={2**number}", **changes)

    return make


def test_a_sweep_says_what_it_swept_how_it_went_and_its_best(
    tmp_path: Path, asked: MakeRun
) -> None:
    failed = asked(1, status=Status.OUT_OF_MEMORY, figures=())
    sweep = stored(tmp_path, asked(0), failed, jobs=3, skip2="no GPU", question="Which?")
    assert line(sweep) == sweeps.Line(
        sweep_id=ID,
        ago="5 min",
        what="batch_size",
        jobs="1 ok, 1 failed, 1 skipped",
        found="12,346 texts/s",
        question="Which?",
    )


def test_the_best_of_many_is_named_by_its_job_and_the_worst_verdict_stands_beside_it(
    tmp_path: Path, asked: MakeRun
) -> None:
    sweep = stored(tmp_path, asked(0), asked(1), end_tags={"embprof.verdict": "slower"})
    assert line(sweep).found == "12,346 texts/s #0, slower"


def test_a_gate_is_its_verdict(tmp_path: Path, asked: MakeRun) -> None:
    sweep = stored(tmp_path, asked(0), asked(1), kind="gate", name=f"gate job {ID}")
    write_comparison(sweep.path / "1", judged(Verdict.SLOWER))
    assert (line(sweep).what, line(sweep).found) == ("gate job", "slower +3.1 %")
    assert line(sweep).jobs == "1 ok"
    assert [row.job.overrides[0] for row in rows(sweep)] == ["arm=A", "arm=B"]


def test_a_word_is_the_answer_where_there_is_one(tmp_path: Path, asked: MakeRun) -> None:
    sweep = stored(tmp_path, asked(0, outcomes={"leak": "no_leak"}))
    assert line(sweep).found == "leak: no leak"


@pytest.mark.parametrize(
    ("running", "said"), [(True, "1 ok, 1 to do, running"), (False, "1 ok, 1 not run, not ended")]
)
def test_a_sweep_that_has_not_ended_says_so(
    tmp_path: Path, asked: MakeRun, said: str, *, running: bool
) -> None:
    sweep = stored(tmp_path, asked(0), jobs=2, status=None)
    assert line(sweep, running=running).jobs == said


def test_a_resumed_sweep_counts_the_run_that_answered(tmp_path: Path, asked: MakeRun) -> None:
    sweep = stored(tmp_path, asked(0), asked(1, status=Status.INTERRUPTED, figures=()))
    keep(sweep, asked(1), "resumed-1")
    keep(sweep, asked(0, status=Status.FAILED, figures=()), "resumed-2")
    found = [row.run.run_id for row in rows(sweep) if row.run is not None]
    assert found == [f"{ID}/0", f"{ID}/resumed-1/1"]
    assert line(sweep).jobs == "2 ok"


def test_jobs_that_differ_in_the_protocol_alone_keep_their_own_runs(
    tmp_path: Path, run: MakeRun
) -> None:
    jobs = [
        {
            "number": number,
            "overrides": [f"iterations={number + 1}"],
            "key": "one",
            "environment": "environment0",
            "skip": None,
        }
        for number in (0, 1)
    ]
    sweep = stored(tmp_path, jobs=0)
    sweep.update(jobs=jobs)
    keep(sweep, run(1, "iterations=2", key="one"))
    assert [row.run is not None for row in rows(sweep)] == [False, True]


def test_a_skipped_job_stands_with_those_of_its_measurement(tmp_path: Path, asked: MakeRun) -> None:
    config = {"restarts": 1, "iterations": None, "measurement": {"_target_": "a.b.C"}}
    sweep = stored(tmp_path, asked(0, config=config), jobs=2, skip1="no GPU")
    assert [row.measurement for row in rows(sweep)] == ["a.b.C", "a.b.C"]


def test_figures_of_a_sweep_are_its_best_its_counts_and_its_worst_ratio(
    tmp_path: Path, asked: MakeRun
) -> None:
    sweep = stored(tmp_path, asked(0), asked(1), jobs=3, skip2="no GPU")
    for number, ratio in ((0, 0.9), (1, 1.2)):
        write_comparison(sweep.path / str(number), judged(Verdict.UNCLEAR, ratio))
    assert sweeps.metrics(rows(sweep)) == {
        "jobs_ok": 2,
        "jobs_skipped": 1,
        "best_throughput_texts_per_s": 12345.6,
        "worst_baseline_ratio": 1.2,
    }


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-1, "0 s"), (59, "59 s"), (60, "1 min"), (7300, "2 h"), (90_000, "1 day"), (2e5, "2 days")],
)
def test_how_long_ago_is_said_in_one_unit(seconds: float, said: str) -> None:
    assert sweeps.ago(NOW - timedelta(seconds=seconds), NOW) == said


def test_what_was_weeks_ago_is_said_by_its_day() -> None:
    assert sweeps.ago(NOW - timedelta(days=40), NOW).startswith("2025-11-2")


@pytest.mark.parametrize("width", [24, 40, 60, 100, 200])
def test_every_sweep_is_one_line_of_the_width(tmp_path: Path, asked: MakeRun, width: int) -> None:
    question = "Which batch size is the best of those that fit? " * 4
    sweep = stored(tmp_path, asked(0), asked(1), question=question, name=f"{'long' * 20} {ID}")
    out = Console(width=width, record=True)
    out.print(sweeps.table([line(sweep)] * 3, width))
    lines = out.export_text().splitlines()
    assert len(lines) == 5
    assert max(map(len, lines)) <= width
    assert ID in lines[-1]
    assert ("question" in lines[0]) == (width >= 100)


def test_the_best_of_rows_that_were_measured_in_rounds_is_their_leader(
    tmp_path: Path, asked: MakeRun
) -> None:
    figures = [dataclasses.replace(one, better="higher") for one in asked(0).figures[:1]]
    low = dataclasses.replace(figures[0].estimate, value=10_000.0)  # type: ignore[type-var]
    leader = asked(1, figures=(dataclasses.replace(figures[0], estimate=low),))
    sweep = stored(tmp_path, asked(0, figures=tuple(figures)), leader)
    assert line(sweep).found == "12,346 texts/s #0"
    add_race(sweep.path, race_of({f"{ID}/0": 1.2, f"{ID}/1": 1.0}))
    assert line(sweep).found == "10,000 texts/s #1"
    assert [row.standing.rank for row in rows(sweep) if row.standing] == [2, 1]
    assert sweeps.metrics(rows(sweep))["best_throughput_texts_per_s"] == 10_000
