"""Writes the documents of a study into a folder, each in one step."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from embprof.errors import DiskError, EmbprofError
from embprof.interface import faults
from embprof.interface.account import Document
from embprof.report.charts.svg import svg
from embprof.report.documents import log, markdown, page
from embprof.report.documents.answer import Reply, reply
from embprof.report.documents.contents import Contents, contents
from embprof.report.findings import findings
from embprof.report.studies import of_found
from embprof.report.study import Study
from embprof.tracking.finding import find
from embprof.tracking.folder import write_text
from embprof.tracking.places import Places
from embprof.tracking.sweep_folder import PAGE, SweepFolder
from embprof.tracking.sweep_folder import REPORT as SWEEP_REPORT
from embprof.units import utc_now

REPORT, LOG, PICTURES = "PROFILING_REPORT.md", "OPTIMIZATION_LOG.md", "pictures"


def write(contents: Contents, folder: Path, generated: str | None) -> list[Path]:
    """The files, report.html first; profiles that the runs have no figures for are left out.

    Raises DiskError where the folder cannot be written; a file is there whole or as it was.
    """
    pictures = {f"{PICTURES}/{chart.name}.svg": svg(chart) for chart in contents.charts}
    texts = {
        PAGE: page.text(contents, generated),
        REPORT: markdown.text(contents, PICTURES),
        **_profiles(contents, generated),
    }
    try:
        (folder / PICTURES).mkdir(parents=True, exist_ok=True)
        for name, text in (texts | pictures).items():
            write_text(folder / name, text)
        _append(folder / LOG, contents)
    except OSError as error:
        raise DiskError(f"cannot write the report to {folder}: {error.strerror}") from error
    return [folder / name for name in (*texts, LOG, *pictures)]


def reply_of_sweep(sweep: SweepFolder) -> Reply | None:
    """What its report says first; None of a sweep of which no run ended well."""
    study = _study_of(sweep)
    return reply(study, findings(study)) if study.answers else None


def report_of_sweep(sweep: SweepFolder, *, say: Callable[[str], None]) -> Reply | None:
    """Writes the report into the sweep's folder, or says in a line why there is none.

    Returns its answer. A sweep of which no run ended well has none: its table says all there is.
    """
    try:
        study = _study_of(sweep)
        if study.answers:
            made = contents(study)
            write(made, sweep.path / SWEEP_REPORT, utc_now()[:19].replace("T", " "))
            return made.reply
    except EmbprofError as error:
        say(f"no report: {error}")
    except KeyboardInterrupt:
        say("no report: interrupted")
    except Exception as error:  # noqa: BLE001  (the runs are measured and kept: nothing may cost them)
        say(f"no report: {type(error).__name__}: {error}")
    return None


def _study_of(sweep: SweepFolder) -> Study:
    """Raises RequestError where it has no runs."""
    found = find(str(sweep.path), Places(root=sweep.path.parent.parent))
    return of_found(found.name, [found])


def _profiles(contents: Contents, generated: str | None) -> dict[str, str]:
    """The JSON documents of the study's subjects, each once, by file name."""
    made: dict[str, str] = {}
    for whose in contents.study.subjects:
        for name, document in sorted(whose.account.documents.items()):
            if name not in made:
                text = partial(_json, document, contents, generated)
                made[name] = faults.ask(whose.target, f"its document {name}", text, "")
    return {name: text for name, text in sorted(made.items()) if text}


def _json(document: Document, contents: Contents, generated: str | None) -> str:
    """Its text; empty where there is nothing to tell."""
    made = document.make(contents, generated)
    return "" if made is None else f"{made.model_dump_json(indent=2, by_alias=True)}\n"


def _append(file: Path, contents: Contents) -> None:
    """Adds to the log at its end, so that whatever happens nothing of it is lost."""
    before = file.read_text(encoding="utf-8", errors="replace") if file.exists() else None
    if more := log.addition(contents, before):
        with file.open("a", encoding="utf-8") as end:
            end.write(more)
