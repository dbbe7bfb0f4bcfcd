"""The sweeps of a store, one per line: what each asked, how it went, what it found."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from rich.table import Table
from rich.text import Text

from embprof.interface.column import throughput_of
from embprof.model import Run, Status
from embprof.report.plain_table import GAP, plain_table
from embprof.report.rows import Row, by_measurement
from embprof.report.stored_rows import rows
from embprof.tracking.sweep_folder import GATE, KIND, SweepFolder
from embprof.units import counted, number, signed

VERDICT = "embprof.verdict"
HEADINGS = ("sweep", "ago", "what", "jobs", "best or verdict", "question")
ID, AGO, WHAT, JOBS, FOUND, QUESTION = range(len(HEADINGS))
GIVE_WAY = (QUESTION, WHAT, AGO, JOBS, FOUND)
"""Columns in the order in which they are cut, and left out, for want of width."""
NARROW = 10
"""Characters below which a column that was cut says nothing."""
MINUTE, HOUR, DAY, WEEK = 60, 3600, 86_400, 7 * 86_400
"""Seconds."""


class Line(NamedTuple):
    """A sweep or a gate in words."""

    sweep_id: str
    ago: str
    what: str
    jobs: str
    found: str
    question: str


def line(sweep: SweepFolder, *, now: datetime, running: bool) -> Line:
    """One sweep; ``running``: it is being measured now."""
    content = sweep.read()
    every = rows(sweep)
    is_gate = content.get(KIND) == GATE
    ending = content["status"] or ("running" if running else "not ended")
    how = "" if ending in (Status.OK, Status.FAILED) else f", {ending}"
    shown = [row for row in every if row.job.number % 2] if is_gate else every
    verdict = content.get("end_tags", {}).get(VERDICT, "")
    return Line(
        sweep_id=sweep.sweep_id,
        ago=ago(datetime.fromisoformat(content["started"]), now),
        what=str(content["name"]).removesuffix(sweep.sweep_id).rstrip(),
        jobs=_outcomes(shown, open_jobs="to do" if running else "not run") + how,
        found=_judged(shown) if is_gate else _and(best(shown), verdict),
        question=content["question"] or "",
    )


def table(lines: Sequence[Line], width: int) -> Table:
    """The lines below each other, each on one line of ``width``.

    Questions give way first, then what is long is cut, then whole columns go; what names a sweep
    stays, since ``embprof show`` takes it.
    """
    widths = [
        max(map(len, (name, *column))) for name, *column in zip(HEADINGS, *lines, strict=True)
    ]
    shown = [
        at for at in range(len(HEADINGS)) if at != QUESTION or any(one.question for one in lines)
    ]
    for at in GIVE_WAY:
        excess = sum(widths[one] + GAP for one in shown) - GAP - width
        if excess > 0 and at in shown:
            widths[at] = max(widths[at] - excess, min(NARROW, widths[at]))
    for at in GIVE_WAY:
        if sum(widths[one] + GAP for one in shown) - GAP > width and at in shown:
            shown.remove(at)
    made = plain_table()
    for at in shown:
        made.add_column(_cut(HEADINGS[at], widths[at]), no_wrap=True)
    for cells in lines:
        texts = [(cells[at], widths[at]) for at in shown]
        made.add_row(*(Text(_cut(text, room)) for text, room in texts))
    return made


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - 1]}…"


def best(every: Sequence[Row]) -> str:
    """The best first figure of the measurement that was asked for first, and its job if of many.

    Of rows that were measured in rounds the leader's, which is not always the highest.
    Where a measurement's answer is a word (``leak: no leak``), that word.
    """
    for part in by_measurement(every):
        runs = [run for run in part.runs if run.status == Status.OK]
        outcomes = dict.fromkeys(
            f"{name.replace('_', ' ')}: {word.replace('_', ' ')}"
            for run in runs
            for name, word in run.outcomes.items()
        )
        if outcomes:
            return ", ".join(outcomes)
        if (found := _leader(part.rows) or _best(runs)) is not None:
            return _first_figure(*found) + (f" #{found[0].number}" if len(runs) > 1 else "")
    return ""


def metrics(every: Sequence[Row]) -> dict[str, float]:
    """What a sweep as a whole has of figures: MLflow's table and charts show sweeps first.

    How many jobs ended well and otherwise, the best first figure of each measurement, and the
    worst ratio to the baseline.
    """
    counts = Counter(_counted_as(row.status[0]) or "not_run" for row in every)
    found = {f"jobs_{name}": float(count) for name, count in counts.items()}
    for part in by_measurement(every):
        runs = [run for run in part.runs if run.status == Status.OK]
        best_run = _leader(part.rows) or _best(runs)
        if best_run is not None and best_run[0].primary is not None:
            found[f"best_{best_run[0].primary.name}"] = best_run[1]
    ratios = [row.comparison.ratio for row in every if row.comparison and row.comparison.ratio]
    return {**found, **({"worst_baseline_ratio": max(ratios)} if ratios else {})}


def _first_figure(run: Run, value: float) -> str:
    """The first figure of a run in words: ``1,185 texts/s``, else with its metric's name."""
    primary = run.primary
    assert primary is not None, "it has a value"
    if throughput_of(run) is primary:
        return f"{number(value)} {primary.unit}"
    return f"{primary.name} {number(value)}"


def ago(then: datetime, now: datetime) -> str:
    """How long ago, in one unit; after a week the day."""
    seconds = (now - then).total_seconds()
    if seconds >= WEEK:
        return f"{then.astimezone():%Y-%m-%d}"
    if seconds >= DAY:
        return counted(int(seconds // DAY), "day")
    for unit, length in (("h", HOUR), ("min", MINUTE)):
        if seconds >= length:
            return f"{int(seconds // length)} {unit}"
    return f"{max(int(seconds), 0)} s"


def _leader(every: Sequence[Row]) -> tuple[Run, float] | None:
    """Who leads the race of these rows; of several races the leader with the best first figure."""
    leaders = [row for row in every if row.standing is not None and row.standing.word == "fastest"]
    return _best([row.run for row in leaders if row.run is not None])


def _best(runs: Sequence[Run]) -> tuple[Run, float] | None:
    """The best of the first figure of all; a run whose first figure is another does not count."""
    known = [(run, run.primary) for run in runs if run.primary and run.primary.estimate]
    values = [
        (run, primary.estimate.value)
        for run, primary in known
        if primary.estimate is not None and primary.name == known[0][1].name
    ]
    if not values:
        return None
    choose = max if known[0][1].better == "higher" else min
    return choose(values, key=lambda pair: pair[1])


def _outcomes(every: Sequence[Row], open_jobs: str) -> str:
    """``8 ok, 4 skipped``; how jobs failed is told by the table of the sweep."""
    counts = Counter(_counted_as(row.status[0]) or open_jobs for row in every)
    order = ("ok", "failed", "interrupted", "skipped", open_jobs)
    return ", ".join(f"{counts[name]} {name}" for name in order if counts[name])


def _counted_as(status: Status | None) -> str | None:
    own = (Status.OK, Status.INTERRUPTED, Status.SKIPPED, None)
    return status if status in own else Status.FAILED.value


def _judged(candidates: Sequence[Row]) -> str:
    """The verdicts of a gate, with the change where there is one row."""
    found = [row.comparison for row in candidates if row.comparison is not None]
    if len(found) == 1:
        ratio = found[0].ratio
        return _and(found[0].verdict.value, "" if ratio is None else signed(ratio - 1), " ")
    counts = Counter(one.verdict.value for one in found)
    return ", ".join(f"{count} {verdict}" for verdict, count in counts.items())


def _and(first: str, second: str, between: str = ", ") -> str:
    return between.join(word for word in (first, second) if word)
