"""``embprof baseline``: names stored runs, so that later runs are compared with them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

from rich.text import Text
from typer import Argument, Option

from embprof.commands.typed import STORED, group, run
from embprof.errors import RequestError
from embprof.model import Status, StoredRuns
from embprof.report.display import console, print_lines
from embprof.report.plain_table import plain_table
from embprof.tracking import baselines, foreign
from embprof.tracking.baselines import DEFAULT, Baseline, Baselines, Session
from embprof.tracking.finding import find
from embprof.tracking.folder import write_json
from embprof.tracking.places import Places
from embprof.tracking.recovery import is_running
from embprof.tracking.tagging import differing, retag
from embprof.units import counted, utc_now

Name = Annotated[str, Option("--name", help="Name of the baseline.")]
Replace = Annotated[bool, Option("--replace", help="Forget what the name stood for.")]

app = group("Name stored runs, so that later runs of the same questions are compared with them.")


def main(arguments: Sequence[str]) -> int:
    """Runs a sub-command; returns the exit code."""
    return run(app, "embprof baseline", arguments)


@app.command("set")
def _set(
    what: Annotated[str, Argument(metavar="RUN|SWEEP|last", help=STORED)],
    *,
    name: Name = DEFAULT,
    replace: Replace = False,
) -> None:
    """Make stored runs a baseline.

    Under a name that is there they become one session more; the same sweep again takes the place
    of its session. Runs that did not end well are left out.

    embprof baseline set last

    embprof baseline set 20261120-174447-fe69/3 --name release-2
    """
    baselines.check_name(name)
    places = Places.here()
    session, left_out = _session(find(what, places), what, places)

    def edit(before: Baseline | None) -> Baseline:
        kept = None if replace else before
        return (kept or Baseline(name=name)).with_session(session)

    before, after = Baselines(places).change(name, edit)
    omitted = f" ({left_out} that did not end well left out)" if left_out else ""
    runs = f"{counted(len(session.runs), 'run')} of {session.name}{omitted}"
    _say(f"baseline {name}: {runs}", *_what_next(after, session))
    _say(retag(places, differing(before, after)))


@app.command("list")
def _list() -> None:
    """Show every baseline with its sessions.

    The session measured last stands at the end. Questions are jobs that differ in what they ask
    (batch size, device, text length).
    """
    store = Baselines(Places.here())
    every = [baseline for name in store.names() if (baseline := store.get(name)) is not None]
    if not every:
        _say("no baselines yet; measure, then: embprof baseline set last")
        return
    table = plain_table()
    for heading in ("name", "session", "set", "runs", "questions", "host"):
        numeric = heading in ("runs", "questions")
        table.add_column(heading, justify="right" if numeric else "left", overflow="fold")
    for baseline in every:
        for session in baseline.sessions:
            table.add_row(*map(Text, _cells(baseline.name, session)))
    console().print(table)


@app.command("unset")
def _unset(
    what: Annotated[str | None, Argument(metavar="[NAME]", help="Name of the baseline.")] = None,
    *,
    name: Name = DEFAULT,
) -> None:
    """Forget a baseline.

    Its runs stay; their tag in MLflow goes.

    embprof baseline unset release-2
    """
    places = Places.here()
    removed = Baselines(places).remove(what or name)
    _say(f"baseline {removed.name} is no more; its runs stay")
    _say(retag(places, removed.sessions))


@app.command("export")
def _export(
    file: Annotated[Path, Argument(help="JSON file to write; one that is there is replaced.")],
    *,
    name: Name = DEFAULT,
) -> None:
    """Write a baseline to a file.

    The file holds whole runs with their environments; keep it in a repository, or import it
    elsewhere.

    embprof baseline export baseline.json
    """
    baseline = Baselines(Places.here()).existing(name)
    target = file.resolve()
    if target.exists() and not target.is_file():
        raise RequestError([f"{file}: not a file that could be replaced; name a file to write"])
    try:
        write_json(target, baselines.document(baseline))
    except OSError as error:
        raise RequestError([f"{file}: cannot be written ({error.strerror})"]) from None
    _say(f"baseline {name}: {counted(len(baseline.sessions), 'session')} written to {file}")


@app.command("import")
def _import(
    file: Annotated[Path, Argument(help="JSON file: an export, or figures of others.")],
    *,
    name: Annotated[
        str | None, Option("--name", help="Name; if not given that of the export, or of the file.")
    ] = None,
    mapping: Annotated[
        str | None,
        Option(
            "--mapping",
            help="Says where the figures of others stand: a YAML file, or embedding_service.",
        ),
    ] = None,
    replace: Replace = False,
) -> None:
    """Take in an exported baseline, or figures of others.

    Figures of others are shown beside ours and never judged: nothing is known of their noise.

    embprof baseline import baseline.json --name release-2

    embprof baseline import service.json --mapping embedding_service
    """
    imported = _imported(file, mapping)
    chosen = name or imported.name
    baselines.check_name(chosen)

    def edit(before: Baseline | None) -> Baseline:
        if before is not None and not replace:
            raise RequestError(
                [f"baseline {chosen} is there already: give another --name, or --replace it"]
            )
        return imported

    places = Places.here()
    before, after = Baselines(places).change(chosen, edit)
    runs = sum(len(session.runs) for session in after.sessions)
    if mapping is None:
        sessions = counted(len(after.sessions), "session")
        _say(f"baseline {chosen}: {sessions} with {counted(runs, 'run')} in all")
    else:
        figures = sum(len(stored.run.figures) for stored in after.sessions[0].runs)
        _say(f"baseline {chosen}: {counted(figures, 'figure')} of others, shown but never judged")
    _say(retag(places, differing(before, after)))


def _session(found: StoredRuns, what: str, places: Places) -> tuple[Session, int]:
    """The runs that ended well, as a session, and how many did not."""
    if found.sweep_id is not None and is_running(places, found.sweep_id):
        raise RequestError([f"{what}: sweep {found.sweep_id} is still running; set it afterwards"])
    if any(stored.is_foreign for stored in found.runs):
        raise RequestError(
            [f"{what}: these are figures of others; import them again under the other name"]
        )
    runs = tuple(stored for stored in found.runs if stored.run.status == Status.OK)
    if not runs:
        ends = "; ".join(f"{s.run.run_id} {s.run.status}: {s.run.reason}" for s in found.runs[:3])
        raise RequestError([f"{what}: no run that ended well ({ends})"])
    session = Session(
        name=runs[0].run.sweep_id, set_at=utc_now(), runs=runs, whole=found.sweep_id is not None
    )
    return session, len(found.runs) - len(runs)


def _imported(file: Path, mapping: str | None) -> Baseline:
    content = baselines.load(file)
    if baselines.is_ours(content):
        if mapping is not None:
            raise RequestError([f"{file}: an export of embprof; import it without --mapping"])
        return baselines.parse(content, file)
    if mapping is None:
        known = ", ".join(foreign.shipped())
        message = (
            f"{file}: not an export of embprof; for figures of others say with --mapping FILE "
            f"where they stand, or use one that comes with embprof: {known}"
        )
        raise RequestError([message])
    runs = foreign.figures_of_others(content, foreign.layout(mapping), file.name)
    session = Session(name=file.name, set_at=utc_now(), runs=runs)
    return Baseline(name=file.stem, sessions=(session,))


def _what_next(baseline: Baseline, session: Session) -> Iterator[str]:
    """How many sessions there are of the questions just set, and what that is good for."""
    from embprof.statistics.stored import ENOUGH_SESSIONS  # numpy: not for the help

    questions = [(stored.run.key, stored.run.environment) for stored in session.runs]
    count = min(len(baseline.sessions_of(*question)) for question in questions)
    so_far = f"{counted(count, 'session')} of these questions so far"
    if count >= ENOUGH_SESSIONS:
        yield f"{so_far}: later runs are held against how much these differ"
    else:
        yield (
            f"{so_far}: only large changes can be told with fewer than {ENOUGH_SESSIONS}; "
            "set it again after another session, or measure both sides anew: embprof gate"
        )
    marked = [stored.run.stamps for stored in session.runs if stored.run.stamps]
    if marked:
        marks = "".join(sorted({stamp.mark for stamps in marked for stamp in stamps}))
        runs = counted(len(marked), "run")
        yield f"marks on {runs} ({marks}): what disturbed a baseline leaves verdicts unclear"


def _cells(name: str, session: Session) -> list[str]:
    when = datetime.fromisoformat(session.set_at).astimezone()
    hosts = {str(stored.soft.get("hostname", "?")) for stored in session.runs}
    keys = {stored.run.key for stored in session.runs}
    return [
        name,
        session.name,
        f"{when:%Y-%m-%d %H:%M}",
        str(len(session.runs)),
        "" if session.is_foreign else str(len(keys)),
        "figures of others" if session.is_foreign else ", ".join(sorted(hosts)),
    ]


def _say(*messages: str | None) -> None:
    print_lines(console(), *(message for message in messages if message is not None))
