"""One stored run in full: every figure with its interval, its marks, its files."""

import math
import textwrap
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from rich.table import Table

from embprof.machine.validity import MARKS
from embprof.model import Comparison, Figure, Run, Status
from embprof.report import comparison_phrases
from embprof.report.plain_table import plain_table
from embprof.report.targets import legend as wanted
from embprof.units import duration, number, percent

KILO = 1000
SIZES = ("B", "kB", "MB", "GB")


def title(run: Run) -> list[str]:
    """What was asked, how it ended, when, and how long it took."""
    overrides = " ".join(run.overrides)
    began = datetime.fromisoformat(run.started).astimezone()
    ended = run.status.value.replace("_", " ") + (f": {run.reason}" if run.reason else "")
    took = ", ".join(f"{part} {duration(spent)}" for part, spent in run.seconds.items() if spent)
    lines = [
        f"{run.run_id}  {overrides}".rstrip(),
        f"{ended}; {began:%Y-%m-%d %H:%M:%S}",
        f"time: {took}",
    ]
    if run.status == Status.OK and run.stop is not None:
        steady = {True: "steady after warm-up", False: "no steady state", None: None}[run.steady]
        lines.append("; ".join(part for part in (f"stopped: {run.stop}", steady) if part))
    return lines


def figures(run: Run) -> Table:
    """One line per figure: its value, its interval at its confidence, and what that rests on."""
    table = plain_table(padding=2)
    table.add_column("figure", no_wrap=True)
    for heading in ("value", "95 % interval", "±"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("of")
    for figure in run.figures:
        table.add_row(figure.name, *_cells(figure))
    return table


def notes(run: Run, comparison: Comparison | None, width: int) -> Iterator[str]:
    """What is known beside the figures: words, the comparison, what is wanted, the marks."""
    for word, answer in run.outcomes.items():
        yield f"{word.replace('_', ' ')}: {answer.replace('_', ' ')}"
    if comparison is not None:
        columns = comparison_phrases.columns({0: comparison})
        cells = [f"{name} {text}" for name, cell in columns if (text := cell(comparison))]
        yield f"against {comparison.a}: {', '.join(cells)}"
        yield from (f"  {part}" for part in (comparison.reason, comparison.basis) if part)
    yield from wanted([run])
    for stamp in run.stamps:
        meaning = f"{stamp.mark} {MARKS.get(stamp.mark, 'mark')} ({stamp.detail})"
        yield from textwrap.wrap(meaning, width, subsequent_indent="  ")


def files(folder: Path) -> list[str]:
    """The files of a run with their sizes, largest first; what Hydra keeps is left out."""
    found = [
        (file.stat().st_size, str(file.relative_to(folder)))
        for file in folder.rglob("*")
        if file.is_file() and not file.relative_to(folder).parts[0].startswith(".")
    ]
    return [f"{name} ({size(count)})" for count, name in sorted(found, reverse=True)]


def size(count: int) -> str:
    """``312 B``, ``1.24 MB``."""
    if count < KILO:
        return f"{count} B"
    power = min(math.floor(math.log10(count) / 3), len(SIZES) - 1)
    return f"{number(count / KILO**power)} {SIZES[power]}"


def _cells(figure: Figure) -> tuple[str, str, str, str]:
    estimate = figure.estimate
    if estimate is None:
        return "n/a", "", "", str(figure.note).removeprefix("n/a ").strip("()")
    if estimate.low is None or estimate.high is None:
        return number(estimate.value), "", "", estimate.basis
    ends = f"{number(estimate.low)} – {number(estimate.high)}"
    half = "" if estimate.half_width is None else percent(estimate.half_width)
    of = estimate.basis if str(estimate.n) in estimate.basis else f"{estimate.n} {estimate.basis}"
    return number(estimate.value), ends, half, of
