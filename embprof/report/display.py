"""What is shown while a sweep runs: a live line on a terminal, plain lines elsewhere.

Drawing costs CPU time, also in the terminal, so nothing is drawn by itself: a phase is announced
before the worker is asked for anything, and the display then stays as it is until the worker has
answered.
"""

import contextlib
import errno
import functools
import math
import os
import sys
import textwrap
import time
from collections.abc import Iterable, Sequence
from typing import Any

from rich.box import Box
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from embprof.config.question import axes, typed
from embprof.interface.column import spread, throughput_of
from embprof.machine.output_encoding import spelled
from embprof.masking import masked_text
from embprof.model import Job, Run, Status
from embprof.report.table import WIDTH
from embprof.units import duration, number

NEWS_SECONDS = 20.0
"""Between two lines of a log that say how far a job is."""
SHOWN_WARMUP = 5.0
"""Seconds of warming up that are worth a word."""


class _Output(Console):
    """Standard output whose reader may go: nothing more is shown then, and the work goes on."""

    def print(self, *objects: Any, **options: Any) -> None:
        """Prints without secrets, unless nobody reads."""
        try:
            plain = (_spelled(_without_secrets(one), self.encoding) for one in objects)
            super().print(*plain, **options)
        except OSError as error:
            if error.errno != errno.EIO:  # a closed terminal, for which rich has no hook
                raise
            self.on_broken_pipe()

    def on_broken_pipe(self) -> None:
        """Rich would exit here, in the middle of a sweep."""
        self.quiet = True
        # What Python still holds for standard output is written at exit, and must not fail then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _without_secrets(shown: Any) -> Any:
    """A text that may be shown; tables are made of what is stored, which has no secrets."""
    if not isinstance(shown, Text):
        return shown
    clean = masked_text(shown.plain)
    return shown if clean == shown.plain else Text(clean, style=shown.style)


def console() -> Console:
    """Standard output: as wide as the terminal, 100 columns where there is none."""
    plain = _Output()
    return plain if plain.is_terminal else _Output(width=WIDTH)


def _spelled(shown: Any, encoding: str) -> Any:
    """What is printed, as wide as its spelling, so that the columns of a table stay straight."""
    if encoding.startswith("utf"):
        return shown
    if isinstance(shown, str):
        return spelled(shown, encoding)
    if isinstance(shown, Text):
        shown = shown.copy()
        shown.plain = spelled(shown.plain, encoding)
    if isinstance(shown, Group):
        return Group(*(_spelled(one, encoding) for one in shown.renderables))
    if isinstance(shown, Table):
        shown.box = shown.box and Box(spelled(str(shown.box), "ascii"), ascii=True)
        for column in shown.columns:
            column.header = _spelled(column.header, encoding)
            column._cells = [_spelled(cell, encoding) for cell in column._cells]  # noqa: SLF001
    return shown


def print_lines(out: Console, *lines: str, style: str = "") -> None:
    """Prints lines whole, and as they are: what is in brackets is no markup."""
    for line in lines:
        out.print(Text(line, style=style), soft_wrap=True)


def print_notes(
    out: Console, notes: Iterable[str], indent: str = "", style: str = "yellow"
) -> None:
    """Prints each within the width of the page."""
    wrap = functools.partial(
        textwrap.wrap,
        width=out.width,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    print_lines(out, *(line for note in notes for line in wrap(note)), style=style)


class Display:
    """How the progress of a sweep is shown: one line per job, for logs and CI."""

    def __init__(self, out: Console) -> None:
        self.out = out
        self.position = 0
        self.spoken = time.monotonic()
        self.racing = ""

    def say(self, message: str) -> None:
        """Shows a message of its own."""
        self.spoken = time.monotonic()
        # Lines stay whole outside a terminal, for whoever searches the log.
        self.out.print(Text(message), soft_wrap=not self.out.is_terminal)

    def begin(self, jobs: Sequence[Job]) -> None:
        """The jobs that will be measured, in order."""
        self.jobs = list(jobs)
        self.keys = axes(jobs)
        self.started = time.monotonic()

    def job(self, job: Job) -> None:
        """The job that is measured from now on."""
        self.current = job
        self.position += 1

    def race(self, rows: int, seconds: float) -> None:
        """So many of the jobs are measured in rounds from now on; no seconds: they have left."""
        self.racing = f"{rows} rows in rounds" if rows else ""
        if rows:
            bound = f", {duration(seconds)} of measuring at most" if math.isfinite(seconds) else ""
            self.say(f"measuring {self.racing}{bound} …")

    def phase(self, phase: str) -> None:
        """What the job does from now on (loading, measuring), for which a log has no use."""

    def news(self, progress: str) -> None:
        """How far a job is that lasts for minutes: in a log a line now and then."""
        if time.monotonic() - self.spoken >= NEWS_SECONDS:
            self.say(f"{self._title()}: {progress}")

    def done(self, outcome: str) -> None:
        """A job's outcome, in a few words."""
        racing, self.racing = self.racing, ""
        left = "" if racing else self._left(self.position)
        self.say(f"{self._title()}: {outcome}{left}")
        self.racing = racing

    def close(self) -> None:
        """The end; whatever was live goes away."""

    def _title(self) -> str:
        """Which job of how many, its number in the table, and what it asks."""
        if self.racing:
            return self.racing
        values = typed(self.current)
        question = [f"{key}={values[key]}" for key in self.keys if key in values]
        at = f"[{self.position}/{len(self.jobs)}]"
        return " ".join([at, f"#{self.current.number}", *question])

    def _left(self, done: int) -> str:
        """The time still needed, from the time the ``done`` jobs took."""
        to_do = len(self.jobs) - done
        if not to_do or not done:
            return ""
        each = (time.monotonic() - self.started) / done
        return f" ({duration(each * to_do)} left)"


class _Live(Display):
    """Finished jobs scroll by above one line that says what goes on."""

    def begin(self, jobs: Sequence[Job]) -> None:
        super().begin(jobs)
        # auto_refresh would draw from a thread of its own, in the middle of a slice.
        self.live = Live(console=self.out, auto_refresh=False, transient=True)
        self.live.start()

    def phase(self, phase: str) -> None:
        left = "" if self.racing else self._left(self.position - 1)
        line = f"{self._title()}: {phase}{left}"
        shown = Text(line, style="cyan", overflow="ellipsis", no_wrap=True)
        with contextlib.suppress(OSError):
            self.live.update(shown, refresh=True)

    def news(self, progress: str) -> None:
        self.phase(f"measuring, {progress}")

    def close(self) -> None:
        if hasattr(self, "live"):
            with contextlib.suppress(OSError):
                self.live.stop()


def display(out: Console) -> Display:
    """The live display on a terminal, plain lines otherwise."""
    return _Live(out) if out.is_terminal and not out.is_dumb_terminal else Display(out)


def outcome(run: Run) -> str:
    """A run in a few words: its throughput or first figure, or why it has none."""
    if run.status != Status.OK:
        return f"{run.status.value.replace('_', ' ')}: {run.reason}"
    took = duration(run.seconds["total"])
    if (warmup := run.seconds.get("warmup", 0.0)) >= SHOWN_WARMUP:
        took += f" ({duration(warmup)} of it warming up)"
    throughput = throughput_of(run)
    if throughput is None or throughput.estimate is None:
        return f"{_first_figure(run)} in {took}"
    items = run.description.get("items", "items")
    bound = ""
    if throughput.estimate.low is not None:
        known = spread(throughput, run)
        bound = f" ± {known}" if known.endswith("%") else f" ({known})"
    return f"{number(throughput.estimate.value)} {items}/s{bound} in {took}"


def _first_figure(run: Run) -> str:
    """The answers of a run without a throughput."""
    answers = [f"{word.replace('_', ' ')}: {answer}" for word, answer in run.outcomes.items()]
    primary = run.primary
    if primary is not None and primary.estimate is not None:
        answers.append(f"{primary.name} {number(primary.estimate.value)}")
    return ", ".join(answers) or "done"
