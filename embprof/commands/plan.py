"""``embprof plan``: the jobs of a sweep, none of them run."""

from collections.abc import Mapping
from typing import Annotated

from rich.table import Table
from rich.text import Text
from typer import Option

from embprof.commands.typed import Overrides, command
from embprof.config.plan import Plan, plan
from embprof.config.question import axes, typed
from embprof.report.display import console, print_notes
from embprof.report.plain_table import plain_table
from embprof.report.rows import heading
from embprof.tracking import index, resuming
from embprof.tracking.places import Places
from embprof.units import counted, duration


@command("embprof plan")
def main(
    overrides: Overrides = None,
    *,
    multirun: Annotated[bool, Option("-m", "--multirun", help="Sweep over values.")] = False,
) -> None:
    """List the jobs of a sweep: what would be skipped and why, how long each took before.

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
