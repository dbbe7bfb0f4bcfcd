"""What is shown while a sweep runs, where there is no terminal: a line a job."""

import io
from collections.abc import Callable

import pytest
from rich.console import Console

from embprof.model import Estimate, Figure, Job, Run, Status
from embprof.report.display import display, outcome
from embprof.testing import FakeClock

MakeJob = Callable[..., Job]
MakeRun = Callable[..., Run]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    fake = FakeClock()
    monkeypatch.setattr("embprof.report.display.time.monotonic", fake)
    return fake


def test_a_sweep_is_a_line_a_job_with_the_time_left(
    job: MakeJob, run: MakeRun, clock: FakeClock
) -> None:
    out = io.StringIO()
    screen = display(Console(file=out, width=200))
    jobs = [job(n, f"batch_size={8 * n}", "seed=1") for n in (1, 2, 3)]
    screen.begin(jobs)
    for one in jobs:
        screen.job(one)
        for phase in ("loading", "warming up", "measuring"):
            screen.phase(phase)
        clock.advance(60.0)
        screen.done(outcome(run(one.number)))
    screen.close()
    lines = out.getvalue().splitlines()
    assert [line.partition(": ")[0] for line in lines] == [
        f"[{n}/3] #{n} batch_size={8 * n}" for n in (1, 2, 3)
    ]
    assert ["left" in line for line in lines] == [True, True, False]
    assert "2 min 0 s left" in lines[0]
    assert "1 min 0 s left" in lines[1]
    assert all("12,346 texts/s ± 1.2 % in 12 s" in line for line in lines)


def test_how_far_a_long_job_is_stands_in_a_log_now_and_then(job: MakeJob, clock: FakeClock) -> None:
    out = io.StringIO()
    screen = display(Console(file=out, width=200))
    screen.begin([job(0)])
    screen.job(job(0))
    for number in range(10):
        clock.advance(9.0)
        screen.news(f"try {number}, 5 min 0 s at most")
    lines = out.getvalue().splitlines()
    assert lines[0] == "[1/1] #0: try 2, 5 min 0 s at most"
    assert len(lines) == 3


@pytest.mark.usefixtures("clock")
def test_jobs_that_were_answered_or_skipped_are_not_counted(job: MakeJob, run: MakeRun) -> None:
    out = io.StringIO()
    screen = display(Console(file=out, width=200))
    screen.begin([job(4, "batch_size=8"), job(7, "batch_size=16")])
    screen.job(job(4, "batch_size=8"))
    screen.done(outcome(run(4)))
    assert out.getvalue().startswith("[1/2] #4 batch_size=8: ")


@pytest.mark.usefixtures("clock")
def test_a_job_alone_is_called_by_its_number(job: MakeJob, run: MakeRun) -> None:
    out = io.StringIO()
    screen = display(Console(file=out, width=200))
    screen.begin([job(0)])
    screen.job(job(0))
    screen.done(outcome(run(0)))
    assert out.getvalue().startswith("[1/1] #0: ")


def test_a_message_is_shown_as_it_is_brackets_included() -> None:
    out = io.StringIO()
    display(Console(file=out, width=200)).say("see [bold]./runs[/bold] [red]")
    assert out.getvalue() == "see [bold]./runs[/bold] [red]\n"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (Status.OUT_OF_MEMORY, "out of memory: too large"),
        (Status.TIMEOUT, "timeout: too large"),
        (Status.FAILED, "failed: too large"),
    ],
)
def test_the_outcome_of_a_job_without_an_answer_is_its_reason(
    run: MakeRun, status: Status, said: str
) -> None:
    assert outcome(run(0, status=status, reason="too large")) == said


def test_the_outcome_of_a_job_is_its_throughput_with_the_interval(run: MakeRun) -> None:
    assert outcome(run(0)) == "12,346 texts/s ± 1.2 % in 12 s"


def test_an_outcome_without_an_interval_or_a_throughput_says_what_there_is(run: MakeRun) -> None:
    alone = Figure(
        name="throughput_texts_per_s",
        better="higher",
        estimate=Estimate(value=10.0, low=None, high=None, n=1, basis="too few readings"),
    )
    assert outcome(run(0, figures=(alone,))) == "10.0 texts/s in 12 s"
    assert outcome(run(0, figures=())) == "done in 12 s"
