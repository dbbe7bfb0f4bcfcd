"""``PROFILING_REPORT.md``: the report for a repository or a pull request, pictures beside it."""

import html
import re
from collections.abc import Iterator

from embprof.interface.finding import Finding, Kind
from embprof.report import phrases, plain_table
from embprof.report.documents import races, requests
from embprof.report.documents.contents import Contents
from embprof.report.documents.tables import Grid

MOST_FINDINGS = 10
"""Findings of a group that are told in full; the rest is counted."""
MOST_EVIDENCE = 8


def text(contents: Contents, pictures: str) -> str:
    """The page; ``pictures`` is the folder of the SVG files, as the page sees it."""
    lines = [
        f"# Profiling report: {plain(contents.study.name)}",
        "",
        *_question(contents),
        *_answer(contents),
        *_figures(contents),
        *_races(contents),
        *_pictures(contents, pictures),
        *_findings(contents),
        "## Method and validity",
        "",
        *(f"- {plain(line)}" for line in contents.method),
        "",
        "## Environment",
        "",
        "| | |",
        "|---|---|",
        *(f"| {plain(name)} | {plain(value)} |" for name, value in contents.environment),
        "",
        *_reproduce(contents),
    ]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines).rstrip()) + "\n"


def plain(text: str) -> str:
    """Text that Markdown shows as it is, in one line or one cell."""
    quoted = html.escape(" ".join(text.split()), quote=False)
    return re.sub(r"([\\`*|\[\]~]|(?<!\w)_|_(?!\w))", r"\\\1", quoted)


def _question(contents: Contents) -> Iterator[str]:
    yield from ("## What was asked", "")
    yield from (f"{plain(line)}  " for line in contents.question)
    yield from (f"{plain(line)}  " for line in requests.skips(contents.sweeps))
    yield ""


def _answer(contents: Contents) -> Iterator[str]:
    yield from ("## The answer", "")
    for heading, sentence in contents.reply.sentences:
        yield f"- **{heading}.** {plain(sentence)}"
    if contents.reply.command is not None:
        yield from ("", *_code(contents.reply.command))
    yield ""


def _figures(contents: Contents) -> Iterator[str]:
    yield from ("## The figures", "")
    for grid in contents.grids:
        yield from _table(grid, has_heading=len(contents.grids) > 1)
    yield from (f"- {plain(line)}" for line in contents.legend)
    yield ""


def _races(contents: Contents) -> Iterator[str]:
    if contents.races:
        yield from (f"## {races.TITLE}", "")
    headings, every = races.columns(contents.races)
    for found, rows in zip(contents.races, every, strict=True):
        if found.title:
            yield from (f"### {plain(found.title)}", "")
        yield from (*plain_table.markdown(headings, rows, plain), "")
        yield from (*(f"- {plain(line)}" for line in found.notes), "")


def _pictures(contents: Contents, folder: str) -> Iterator[str]:
    if contents.charts:
        yield from ("## Pictures", "")
    for chart in contents.charts:
        alt = re.sub(r"[\[\]]", "", chart.title)
        yield from (f"**{plain(chart.title)}**", "", f"![{alt}]({folder}/{chart.name}.svg)", "")
        yield from (plain(chart.note), "") if chart.note else ()


def _findings(contents: Contents) -> Iterator[str]:
    yield from ("## Findings", "")
    for title, found in contents.groups:
        yield from (f"### {title}", "")
        for finding in found[:MOST_FINDINGS]:
            yield from _finding(finding)
        if len(found) > MOST_FINDINGS:
            yield f"- … and {len(found) - MOST_FINDINGS} more in report.html"
        yield ""
    if not contents.findings:
        yield from ("These runs show nothing that could be acted on.", "")


def _reproduce(contents: Contents) -> Iterator[str]:
    yield from ("## How to reproduce", "")
    for sweep in contents.sweeps:
        yield from (f"{plain(requests.line(sweep))}:", "", *_code(sweep.command), "")


def _table(grid: Grid, *, has_heading: bool) -> Iterator[str]:
    if has_heading:
        yield from (f"### {grid.name}", "")
    rows = [grid.rows[at] for at in grid.best] or list(grid.rows)
    yield from (*plain_table.markdown(grid.headings, rows, plain), "")
    if grid.best:
        yield f"The best {len(rows)} of {len(grid.rows):,}; the others are in report.html."
        yield ""


def _finding(finding: Finding) -> Iterator[str]:
    yield f"- **{plain(finding.title)}**"
    if finding.advice is not None:
        yield f"  - Do: {plain(finding.advice)}"
    if (gain := improvement(finding)) is not None:
        yield f"  - Expected: {plain(gain)}"
    for name, value in judged(finding):
        yield f"  - {name}: {plain(value)}"
    if finding.evidence:
        shown = finding.evidence[:MOST_EVIDENCE]
        more = len(finding.evidence) - len(shown)
        evidence = "; ".join(shown) + (f"; … and {more} more" if more else "")
        yield f"  - Evidence: {plain(evidence)}"
    if finding.check is not None:
        yield f"  - {'Check' if finding.kind is Kind.ADVICE else 'Find out'}: `{finding.check}`"


def improvement(finding: Finding) -> str | None:
    """What the change is expected to bring, in words."""
    gain = finding.improvement
    return None if gain is None else f"{gain.metric} better by {phrases.gain(gain)}"


def judged(finding: Finding) -> Iterator[tuple[str, str]]:
    """Priority, effort, cost and risk, where they mean something."""
    if finding.kind is Kind.ADVICE:
        yield "Priority", finding.priority.value
        if finding.effort is not None:
            yield "Effort", finding.effort.value
    if finding.cost is not None:
        yield "Cost", finding.cost
    if finding.risk is not None:
        yield "Risk", finding.risk


def _code(command: str) -> list[str]:
    return ["```bash", command, "```"]
