"""``embprof show``: a stored sweep's table again, or one of its jobs in full."""

from pathlib import Path
from typing import Annotated

from rich.console import Console
from rich.text import Text
from typer import Argument

from embprof.commands.typed import STORED, command
from embprof.errors import RequestError
from embprof.interface import faults
from embprof.report import detail
from embprof.report.display import console, print_lines
from embprof.report.documents.answer import Reply
from embprof.report.documents.writing import reply_of_sweep
from embprof.report.headline import show_answer, show_table, shown_path
from embprof.report.stored_rows import rows
from embprof.tracking.finding import find, named_sweep
from embprof.tracking.folder import read_comparison, read_run
from embprof.tracking.places import Places
from embprof.tracking.sweep_folder import GATE, KIND, SWEEP, SweepFolder, mlflow_id


@command("embprof show")
def main(what: Annotated[str, Argument(metavar="SWEEP|SWEEP/JOB", help=STORED)] = "last") -> None:
    """Show the table of a stored sweep again, or one of its jobs in full.

    All of it is read from the sweep's folder: neither MLflow nor a model is needed.

    embprof show

    embprof show 20261120-174447-fe69/3
    """
    out = console()
    meant = _meant(what, Places.here())
    if isinstance(meant, SweepFolder):
        _sweep(meant, out)
    else:
        _job(meant, out)


def _meant(what: str, places: Places) -> SweepFolder | Path:
    """The sweep that is meant, or the folder of the run."""
    # A sweep of which no job has finished has a table too, which `find` would refuse.
    if "/" not in what and (sweep := named_sweep(what, places)) is not None:
        return sweep
    if (Path(what) / SWEEP).is_file():
        return SweepFolder(path=Path(what).resolve())
    found = find(what, places)
    if found.sweep_id is not None:
        return SweepFolder(path=places.sweep(found.sweep_id))
    if len(found.sessions) > 1 or len(found.runs) > 1:
        raise RequestError([f"{what}: neither a sweep nor a run; there are: embprof list"])
    (stored,) = found.runs
    if (folder := stored.folder) is None:
        raise RequestError([f"{what}: the folder of this run is gone"])
    return folder


def _sweep(sweep: SweepFolder, out: Console) -> None:
    content = sweep.read()
    if content["question"]:
        out.print(Text(content["question"], style="bold"))
    print_lines(out, f"{content['name']}: {content['status'] or 'not ended'}")
    if content["overrides"]:
        print_lines(out, " ".join(content["overrides"]))
    shown = rows(sweep)
    show_table(shown, out)
    if content.get(KIND) != GATE and any(row.run is not None for row in shown):
        nothing: Reply | None = None
        with faults.collected():
            reply = faults.ask("embprof", "the answer", lambda: reply_of_sweep(sweep), nothing)
        show_answer(reply, out)
    print_lines(out, f"runs: {shown_path(sweep.path)}")


def _job(folder: Path, out: Console) -> None:
    found = read_run(folder)
    assert found is not None, "it was found by its answer"
    first, *rest = detail.title(found)
    print_lines(out, first, style="bold")
    print_lines(out, *rest)
    out.print()
    if found.figures:
        out.print(detail.figures(found))
        out.print()
    print_lines(out, *detail.notes(found, read_comparison(folder), out.width))
    print_lines(out, f"files: {shown_path(folder)}")
    print_lines(out, *(f"  {line}" for line in detail.files(folder)))
    if (run_id := mlflow_id(folder)) is not None:
        out.print(Text(f"in MLflow: {run_id}"))
