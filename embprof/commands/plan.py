"""``embprof plan``: the jobs of a sweep, none of them run."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated

from rich.table import Table
from rich.text import Text
from typer import Option

from embprof.commands.typed import Overrides, command
from embprof.config.plan import Plan, plan
from embprof.config.question import axes, typed
from embprof.config.races import grouped, race_seconds
from embprof.model import Job
from embprof.report.display import console, print_notes
from embprof.report.plain_table import plain_table
from embprof.report.rows import heading
from embprof.run.backend_files import wanted
from embprof.run.gate.arms import asks_for_gate
from embprof.tracking import index, resuming
from embprof.tracking.places import Places
from embprof.units import counted, duration


@command("embprof plan")
def main(
    overrides: Overrides = None,
    *,
    multirun: Annotated[bool, Option("-m", "--multirun", help="Sweep over values.")] = False,
) -> None:
    """List the jobs of a sweep: what would be skipped and why, and which are measured in rounds.

    Takes the same overrides as a run: embprof plan -m batch_size=8,16 device=cpu,cuda
    """
    places = Places.here()
    request = resuming.read(overrides or [], places, multirun=multirun)
    planned = plan(request.overrides, multirun=request.multirun, download=False)
    answered = resuming.answered(planned.jobs, request, places)
    skips = {job.number: job.skip for job in planned.jobs if job.skip}
    skips.update(dict.fromkeys(answered, "answered before"))
    took = index.durations(places.index)
    out = console()
    out.print(_table(planned, took, skips))
    print_notes(out, planned.notes)
    to_do = [job for job in planned.jobs if job.number not in skips]
    print_notes(out, _to_be_made(to_do), style="")
    if not asks_for_gate(planned.settings):
        print_notes(out, _how_measured(to_do), style="")
    out.print(Text(_summary(planned, took, skips)))


def _table(planned: Plan, took: Mapping[str, float], skips: Mapping[int, str]) -> Table:
    keys = axes(planned.jobs)
    table = plain_table()
    for name in ("#", "key", *map(heading, keys), "took before", "not run"):
        table.add_column(name, justify="left" if name in ("key", "not run") else "right")
    for job in planned.jobs:
        values = typed(job)
        before = took.get(job.key)
        table.add_row(
            str(job.number),
            job.key,
            *(values.get(key, "") for key in keys),
            "" if before is None or job.number in skips else duration(before),
            skips.get(job.number, ""),
        )
    return table


def _to_be_made(jobs: Sequence[Job]) -> Iterator[str]:
    """What backends run that is not there yet."""
    for one in wanted(jobs):
        if not one.files.is_there:
            usual = duration(one.backend.usual_seconds())
            yield f"{_rows(one.jobs)}: {one.name} is to be made first, once: about {usual}"


def _how_measured(jobs: Sequence[Job]) -> Iterator[str]:
    """Which rows meet in rounds, and why those do not that would have had others to meet."""
    found = grouped(jobs)
    for race in found.races:
        rows = _rows(job.number for job in race.jobs)
        if race.is_of_restarts:
            yield f"{rows} are measured in rounds, a restart of each in turn"
            continue
        seconds = race_seconds(race.jobs)
        bound = f", at most {duration(seconds)} of measuring" if math.isfinite(seconds) else ""
        yield f"{rows} are measured in rounds{bound}"
    reasons: dict[str, list[int]] = {}
    for number, why in found.alone.items():
        reasons.setdefault(why, []).append(number)
    for why, numbers in reasons.items():
        alone = "are measured one by one" if len(numbers) > 1 else "is measured by itself"
        yield f"{_rows(numbers)} {alone}: {why}"


def _rows(numbers: Iterable[int]) -> str:
    """``row 3``, ``rows 0 to 5, 7``."""
    spans: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if spans and number == spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], number)
        else:
            spans.append((number, number))
    words = [f"{a}" if a == b else f"{a}{' to ' if b > a + 1 else ', '}{b}" for a, b in spans]
    word = "row" if spans[0][0] == spans[-1][1] else "rows"
    return f"{word} {', '.join(words)}"


def _summary(planned: Plan, took: Mapping[str, float], skips: Mapping[int, str]) -> str:
    to_do = [job for job in planned.jobs if job.number not in skips]
    known = [took[job.key] for job in to_do if job.key in took]
    skipped = len(planned.jobs) - len(to_do)
    summary = counted(len(planned.jobs), "job")
    if skipped:
        summary += f", {skipped} would not be run"
    if known:
        in_all = duration(sum(known))
        summary += f", {len(known)} of {len(to_do)} ran before and took {in_all} in all"
    return f"{summary}; none was run"
