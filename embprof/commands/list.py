"""``embprof list``: the sweeps and gates that are stored here, newest first."""

from datetime import UTC, datetime
from typing import Annotated

from rich.text import Text
from typer import Option

from embprof.commands.typed import command
from embprof.report import sweeps
from embprof.report.display import console, print_lines
from embprof.tracking.places import Places
from embprof.tracking.recovery import is_running
from embprof.tracking.sweep_folder import every_newest_first
from embprof.units import counted

SHOWN = 20


@command("embprof list")
def main(
    *,
    count: Annotated[
        int, Option("-n", metavar="N", min=1, help="How many, the newest first.")
    ] = SHOWN,
    everything: Annotated[bool, Option("--all", help="Every sweep that is stored.")] = False,
) -> None:
    """List the sweeps and gates that are stored here, newest first.

    What is best is the best first figure of a sweep and its job; of a gate, or of a sweep that was
    compared with a baseline, the verdict stands there. One of them in full: embprof show SWEEP
    """
    places, out = Places.here(), console()
    every = list(every_newest_first(places))
    if not every:
        print_lines(out, f"no sweeps yet in {places.sweeps}; measure first: python -m embprof")
        return
    shown = every if everything else every[:count]
    now = datetime.now(UTC)
    lines = [
        sweeps.line(sweep, now=now, running=is_running(places, sweep.sweep_id)) for sweep in shown
    ]
    out.print(sweeps.table(lines, out.width))
    if len(shown) < len(every):
        out.print(Text(f"{counted(len(every) - len(shown), 'older sweep')} not shown (--all)"))
