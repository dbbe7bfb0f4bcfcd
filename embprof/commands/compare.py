"""``embprof compare``: two stored runs, sweeps or baselines, row by row."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from typer import Argument, Exit, Option

from embprof.commands.typed import command
from embprof.comparison.sets import Compared, compare
from embprof.errors import DiskError, RequestError
from embprof.report import comparisons
from embprof.report.differences import differences
from embprof.report.display import console, print_lines
from embprof.report.export import benchmark_action, json, junit
from embprof.tracking.finding import find, find_each
from embprof.tracking.folder import write_text
from embprof.tracking.places import Places
from embprof.units import share

LARGEST_BOUND = 10.0
WHAT = "last, last~1, a sweep's id or its beginning, SWEEP/JOB, a folder, a baseline, an MLflow id."


@command("embprof compare")
def main(
    a: Annotated[str, Argument(metavar="A", help=f"The old: {WHAT}", show_default=False)],
    b: Annotated[str, Argument(metavar="B", help="The new: likewise.", show_default=False)],
    *,
    figure: Annotated[
        str | None, Option(metavar="NAME", help="Another figure than the first of each run.")
    ] = None,
    as_json: Annotated[bool, Option("--json", help="Print JSON and nothing else.")] = False,
    as_markdown: Annotated[
        bool, Option("--markdown", help="Print Markdown and nothing else.")
    ] = False,
    junit_file: Annotated[
        Path | None, Option("--junit", metavar="FILE", help="Write a JUnit report.")
    ] = None,
    action_file: Annotated[
        Path | None,
        Option("--benchmark-action", metavar="FILE", help="Write B for github-action-benchmark."),
    ] = None,
    fail_on_regression: Annotated[
        str | None,
        Option(metavar="5%", help="End with 3 if a row is worse by more, with 4 if that is open."),
    ] = None,
) -> None:
    """Compare stored runs, row by row: what changed, how far that is sure, what else differs.

    embprof compare main last

    embprof compare last~1 last --fail-on-regression 5%
    """
    bound = _checked(fail_on_regression, [junit_file, action_file], both=as_json and as_markdown)
    places = Places.here()
    old, new = find_each((a, b), lambda what: find(what, places))
    compared = compare(old, new, figure=figure, bound=bound)
    written = []
    if action_file is not None:
        tool = benchmark_action.tool(compared)
        _write(action_file, benchmark_action.text(compared))
        written.append(f"written to {action_file} (tool: {tool})")
    if junit_file is not None:
        _write(junit_file, junit.text(compared))
        written.append(f"written to {junit_file}")
    found = differences(compared)
    labels = {row.number: row.label for row in compared.rows}
    pairs = [(labels[at], one) for at, every in found.items() for one in every]
    if as_json or as_markdown:
        tables = [one.markdown(label) for label, one in pairs]
        as_text = "\n".join([comparisons.markdown(compared), *tables])
        sys.stdout.write(json.text(compared, found) if as_json else as_text)
        sys.stderr.writelines(f"{line}\n" for line in comparisons.judgement(compared))
    else:
        _show(compared, written)
        for label, one in pairs:
            sys.stdout.writelines(f"{line}\n" for line in ["", *one.lines(label)])
    raise Exit(compared.exit_code)


def bound_of(text: str) -> float:
    """A bound as a share: ``5%``, ``5 %`` and ``0.05`` are the same; raises RequestError."""
    bound = share(text)
    # A plain 5 may well be meant for 5 %, and is no bound that anybody would want.
    if bound is None or not 0 < bound <= LARGEST_BOUND or (bound >= 1 and "%" not in text):
        raise RequestError([f"--fail-on-regression {text}: write a share above 0, as 5% or 0.05"])
    return bound


def _checked(bound: str | None, files: Sequence[Path | None], *, both: bool) -> float | None:
    """The bound; raises RequestError with everything that is wrong with the options."""
    problems: list[str] = []
    if both:
        problems.append("--json and --markdown: choose one, each prints nothing else")
    targets = [file for file in files if file is not None]
    for file in targets:
        if file.is_dir():
            problems.append(f"{file}: is a folder; name a file")
        elif not file.absolute().parent.is_dir():
            problems.append(f"{file}: there is no folder {file.parent}")
    if len({file.absolute() for file in targets}) < len(targets):
        problems.append("--junit and --benchmark-action: give each a file of its own")
    try:
        regression = None if bound is None else bound_of(bound)
    except RequestError as error:
        problems += error.problems
    if problems:
        raise RequestError(problems)
    return regression


def _show(compared: Compared, written: Sequence[str]) -> None:
    out = console()
    print_lines(out, *comparisons.title(compared))
    out.print()
    out.print(comparisons.results(compared, out.width))
    out.print()
    print_lines(out, *comparisons.legend(compared, out.width), style="dim")
    print_lines(out, *comparisons.judgement(compared), *written)


def _write(file: Path, content: str) -> None:
    try:
        write_text(file, content)
    except OSError as error:
        raise DiskError(f"cannot write {file}: {error.strerror}") from error
