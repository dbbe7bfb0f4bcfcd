"""``embprof sync``: brings what a dead tracking server missed into MLflow, each run once."""

import typer
from filelock import FileLock
from rich.text import Text

from embprof.commands.typed import command
from embprof.errors import TrackingError
from embprof.report.display import console
from embprof.tracking.logbook import replay
from embprof.tracking.places import Places
from embprof.tracking.recovery import is_running, recover
from embprof.tracking.sweep_folder import SweepFolder
from embprof.units import counted


@command("embprof sync")
def main() -> None:
    """Log the runs that a dead tracking server missed. Safe to repeat: a run is logged once."""
    places, out = Places.here(), console()
    recover(places, say=lambda message: out.print(Text(message)))
    waiting = sorted(places.outbox.glob("*.json"))
    if not waiting:
        out.print(Text("nothing to log: the outbox is empty"))
        return
    code = 0
    with FileLock(places.root / ".sync.lock"):
        for mark in waiting:
            sweep = SweepFolder(path=places.sweep(mark.stem))
            if is_running(places, sweep.sweep_id):
                out.print(
                    Text(f"sweep {sweep.sweep_id} is still running: sync again when it is done")
                )
                continue
            try:
                count = replay(places, sweep, say=lambda _: None)
            except TrackingError as error:
                out.print(Text(f"sweep {sweep.sweep_id}: {error}"))
                code = error.exit_code
                break
            out.print(Text(f"sweep {sweep.sweep_id}: {counted(count, 'run')} logged"))
    raise typer.Exit(code)
