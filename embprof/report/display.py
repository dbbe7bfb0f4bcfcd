"""What is shown while a sweep runs: a live line on a terminal, plain lines elsewhere.

Drawing costs CPU time, also in the terminal, so nothing is drawn by itself: a phase is announced
before the worker is asked for anything, and the display then stays as it is until the worker has
answered.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Protocol

from rich.console import Console
from rich.live import Live
from rich.text import Text

from embprof.model import Job, Run, Status
from embprof.report.table import Row, axes, overrides
from embprof.units import duration, number, percent

WIDTH = 100


class Display(Protocol):
    """How the progress of a sweep is shown."""

    def say(self, message: str) -> None:
        """Shows a message of its own."""

    def begin(self, jobs: Sequence[Job]) -> None:
        """The jobs that will be measured, in order."""

    def job(self, job: Job) -> None:
        """The job that is measured from now on."""

    def phase(self, phase: str) -> None:
        """What the job does from now on: loading, warming up, measuring."""

    def done(self, run: Run) -> None:
        """A job's outcome."""

    def close(self) -> None:
        """The end; whatever was live goes away."""


def console() -> Console:
    """Standard output: as wide as the terminal, 100 columns where there is none."""
    plain = Console()
    return plain if plain.is_terminal else Console(width=WIDTH)


def display(out: Console) -> Display:
    """The live display on a terminal, plain lines otherwise."""
    return _Live(out) if out.is_terminal and not out.is_dumb_terminal else _Plain(out)


class _Plain:
    """A line a job, for logs and CI."""

    def __init__(self, out: Console) -> None:
        self.out = out
        self.position = 0

    def say(self, message: str) -> None:
        self.out.print(Text(message))

    def begin(self, jobs: Sequence[Job]) -> None:
        self.jobs = list(jobs)
        self.keys = axes([Row(job=job, run=None) for job in jobs])
        self.started = time.monotonic()

    def job(self, job: Job) -> None:
        self.current = job
        self.position += 1

    def phase(self, phase: str) -> None:
        pass  # a log has no use for every phase

    def done(self, run: Run) -> None:
        job = next(job for job in self.jobs if job.number == run.number)
        self.out.print(
            Text(
                f"[{self.position}/{len(self.jobs)}] {self.title(job)}: {outcome(run)}{self.left()}"
            )
        )

    def close(self) -> None:
        pass

    def title(self, job: Job) -> str:
        values = overrides(job)
        return " ".join(f"{key}={values[key]}" for key in self.keys if key in values) or "job"

    def left(self) -> str:
        """The time still needed, from the time the jobs so far took."""
        to_do = len(self.jobs) - self.position
        if not to_do or not self.position:
            return ""
        each = (time.monotonic() - self.started) / self.position
        return f" ({duration(each * to_do)} left)"


class _Live(_Plain):
    """Finished jobs scroll by above one line that says what goes on."""

    def begin(self, jobs: Sequence[Job]) -> None:
        super().begin(jobs)
        # auto_refresh would draw from a thread of its own, in the middle of a slice.
        self.live = Live(console=self.out, auto_refresh=False, transient=True)
        self.live.start()

    def phase(self, phase: str) -> None:
        at = f"[{self.position}/{len(self.jobs)}] {self.title(self.current)}: {phase}"
        self.position -= 1  # the current job is not done yet: the estimate goes by finished ones
        line = f"{at}{self.left()}"
        self.position += 1
        self.live.update(Text(line, style="cyan", overflow="ellipsis", no_wrap=True), refresh=True)

    def close(self) -> None:
        if hasattr(self, "live"):
            self.live.stop()


def outcome(run: Run) -> str:
    """A run in a few words: its throughput, or why it has none."""
    if run.status != Status.OK:
        return f"{run.status.value.replace('_', ' ')}: {run.reason}"
    items = run.description.get("items", "items")
    figure = run.figure(f"throughput_{items}_per_s")
    took = duration(run.seconds["total"])
    if figure is None or figure.estimate is None:
        return f"done in {took}"
    width = figure.estimate.half_width
    bound = f" ± {percent(width)}" if width is not None else ""
    return f"{number(figure.estimate.value)} {items}/s{bound} in {took}"
