"""``embprof report``: stored runs, from wherever they are, as a report to read and to keep."""

import os
import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from rich.text import Text
from typer import Argument, Option

from embprof.commands.typed import command
from embprof.errors import RequestError
from embprof.report.display import console, print_lines
from embprof.report.documents import schemas
from embprof.report.documents.contents import contents
from embprof.report.documents.writing import write
from embprof.report.headline import shown_path
from embprof.report.studies import read
from embprof.tracking.places import Places
from embprof.units import counted

WHAT = (
    "A sweep (last, last~1, its id), a run, a gate, a baseline, the folder of one of them or of a "
    "whole store (.../mlruns), or a filter of MLflow's; several make one report."
)
NAME_LENGTH = 60


@command("embprof report")
def main(
    what: Annotated[list[str], Argument(metavar="WHAT...", help=WHAT)],
    *,
    folder: Annotated[
        Path | None,
        Option("-o", "--output", metavar="DIR", help="Where to; else below mlruns/reports."),
    ] = None,
) -> None:
    """Write what stored runs show: report.html, PROFILING_REPORT.md, profiles as JSON, pictures.

    Nothing is measured. What is in DIR is replaced, but for OPTIMIZATION_LOG.md, to which an entry
    is added.
    """
    places, out = Places.here(), console()
    if folder is not None and folder.exists() and not folder.is_dir():
        raise RequestError([f"-o {folder}: is a file; name a folder"])
    with tempfile.TemporaryDirectory(prefix="embprof-report-") as scratch:
        study = read(what, places, Path(scratch))
        into = folder or places.reports / _file_name(study.name)
        made = contents(study)
        written = write(made, into, _now())
    for heading, sentence in made.reply.sentences:
        out.print(Text.assemble((f"{heading}. ", "bold"), sentence), soft_wrap=True)
    if made.reply.command is not None:
        print_lines(out, f"  {made.reply.command}")
    names = {file.name for file in written}
    if missing := [name for name in schemas.models() if name not in names]:
        print_lines(out, f"not written, for want of figures: {', '.join(missing)}", style="dim")
    runs = counted(len(study.answers) + len(study.failed), "run")
    print_lines(out, f"{runs}: {shown_path(written[0])}")


def _now() -> str:
    """This moment in UTC, or the one that a reproducible build names.

    Source: https://reproducible-builds.org/specs/source-date-epoch/
    """
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    moment = datetime.fromtimestamp(int(given), UTC) if given.isdigit() else datetime.now(UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _file_name(name: str) -> str:
    """A name as that of a folder."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:NAME_LENGTH] or "report"
