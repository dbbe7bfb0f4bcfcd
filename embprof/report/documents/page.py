"""``report.html``: one file that needs nothing else, on a screen, a phone or paper.

Pictures are still ones within the page; plotly, packed once at its end, makes them interactive
where scripts may run. The page has no storage, no network and no frame of its own, so it is shown
in the sandboxed frame of MLflow's artifact view as anywhere.
"""

import base64
import functools
import gzip
import json
from collections.abc import Iterator, Sequence
from html import escape
from importlib.util import find_spec
from pathlib import Path

from embprof.interface.chart import Chart
from embprof.interface.finding import Finding, Kind
from embprof.report.charts import plotly
from embprof.report.charts.svg import alt, svg
from embprof.report.documents import races, requests
from embprof.report.documents.contents import Contents
from embprof.report.documents.markdown import improvement, judged
from embprof.report.documents.tables import Grid

HERE = Path(__file__).parent
SCRIPT = "package_data/plotly.min.js"
MOST_FINDINGS = 8
"""Findings of a group that are shown at once."""
MOST_EVIDENCE = 30


def text(contents: Contents, generated: str | None, *, interactive: bool = True) -> str:
    """The page; without plotly where it is not to be ``interactive``, or is not installed."""
    packed = _plotly() if interactive and contents.charts else None
    title = f"Profiling report: {contents.study.name}"
    body = [
        f"<h1>{escape(title)}</h1>",
        *_question(contents),
        *_answer(contents),
        "<h2>The figures</h2>",
        *(
            line
            for grid in contents.grids
            for line in _table(grid, has_heading=len(contents.grids) > 1)
        ),
        _list(contents.legend, "legend"),
        *_races(contents),
        *(["<h2>Pictures</h2>"] if contents.charts else []),
        *(_figure(chart, at) for at, chart in enumerate(contents.charts)),
        *_findings(contents),
        "<h2>Method and validity</h2>",
        _list(contents.method),
        "<h2>Environment</h2>",
        _pairs(contents.environment),
        *_reproduce(contents),
        f'<p class="soft">Made by embprof{f" at {generated} UTC" if generated else ""}.</p>',
    ]
    css = (HERE / "page.css").read_text(encoding="utf-8")
    return "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>\n<style>\n{css}</style>\n</head>\n<body>\n<main>",
            *body,
            "</main>",
            *(_scripts(contents.charts, packed) if packed is not None else []),
            "</body>\n</html>\n",
        ]
    )


def _question(contents: Contents) -> Iterator[str]:
    yield "<h2>What was asked</h2>"
    yield from (f"<p>{escape(line)}</p>" for line in contents.question)
    yield from (f'<p class="soft">{escape(line)}</p>' for line in requests.skips(contents.sweeps))


def _answer(contents: Contents) -> Iterator[str]:
    yield '<h2>The answer</h2>\n<section class="answer">'
    for heading, sentence in contents.reply.sentences:
        yield f"<p><b>{heading}</b> {escape(sentence)}</p>"
    if contents.reply.command is not None:
        yield _code(contents.reply.command)
    yield "</section>"


def _table(grid: Grid, *, has_heading: bool) -> Iterator[str]:
    if has_heading:
        yield f"<h3>{escape(grid.name)}</h3>"
    if not grid.best:
        yield _cells(grid.headings, grid.rows, grid.word_headings)
        return
    yield f'<p class="soft">The best {len(grid.best)} of {len(grid.rows):,} rows.</p>'
    yield _cells(grid.headings, [grid.rows[at] for at in grid.best], grid.word_headings)
    yield f"<details><summary>All {len(grid.rows):,} rows</summary>"
    yield _cells(grid.headings, grid.rows, grid.word_headings)
    yield "</details>"


def _races(contents: Contents) -> Iterator[str]:
    if contents.races:
        yield f"<h2>{races.TITLE}</h2>"
    headings, every = races.columns(contents.races)
    for found, rows in zip(contents.races, every, strict=True):
        if found.title:
            yield f"<h3>{escape(found.title)}</h3>"
        yield _cells(headings, rows, races.WORD_HEADINGS)
        yield _list(found.notes, "legend")


def _cells(
    headings: Sequence[str], rows: Sequence[Sequence[str]], of_words: Sequence[str] = ()
) -> str:
    classes = [' class="word"' if heading in of_words else "" for heading in headings]
    head = "".join(
        f'<th scope="col"{word}>{escape(heading)}</th>'
        for heading, word in zip(headings, classes, strict=True)
    )
    lines = (
        "".join(f"<td{word}>{escape(cell)}</td>" for cell, word in zip(row, classes, strict=True))
        for row in rows
    )
    body = "\n".join(f"<tr>{line}</tr>" for line in lines)
    return (
        f'<div class="scroll"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>'
        "</table></div>"
    )


def _figure(chart: Chart, at: int) -> str:
    headings, rows = chart.table()
    return (
        f'<figure data-chart="{at}">\n<h3>{escape(chart.title)}</h3>\n'
        f'<div class="still">{svg(chart, alone=False)}</div>\n'
        f'<div class="plot" role="img" aria-label="{escape(alt(chart))}"></div>\n'
        f"<figcaption>{escape(chart.note)}\n"
        f"<details><summary>The same as a table</summary>{_cells(headings, rows)}</details>"
        "</figcaption>\n</figure>"
    )


def _findings(contents: Contents) -> Iterator[str]:
    yield "<h2>Findings</h2>"
    if not contents.findings:
        yield "<p>These runs show nothing that could be acted on.</p>"
    for title, found in contents.groups:
        yield f"<h3>{escape(title)}</h3>"
        yield from map(_finding, found[:MOST_FINDINGS])
        if rest := found[MOST_FINDINGS:]:
            yield f"<details><summary>{len(rest):,} more</summary>"
            yield from map(_finding, rest)
            yield "</details>"


def _finding(finding: Finding) -> str:
    tags = "".join(
        f"<span>{escape(name)}: {escape(value)}</span>"
        for name, value in judged(finding)
        if name in ("Priority", "Effort")
    )
    lines = [f"<h4>{escape(finding.title)}</h4>"]
    if tags:
        lines.append(f'<p class="tags">{tags}</p>')
    if finding.advice is not None:
        lines.append(f"<p>{escape(finding.advice)}</p>")
    if (gain := improvement(finding)) is not None:
        lines.append(f"<p>Expected: {escape(gain)}.</p>")
    lines += [
        f"<p>{escape(name)}: {escape(value)}</p>"
        for name, value in judged(finding)
        if name in ("Cost", "Risk")
    ]
    if finding.evidence:
        shown = list(finding.evidence[:MOST_EVIDENCE])
        if len(finding.evidence) > MOST_EVIDENCE:
            shown.append(f"… and {len(finding.evidence) - MOST_EVIDENCE:,} more")
        lines.append(f"<details><summary>Evidence</summary>{_list(shown)}</details>")
    if finding.check is not None:
        how = "Check it with" if finding.kind is Kind.ADVICE else "Find out with"
        lines.append(f'<p class="soft">{how}:</p>{_code(finding.check)}')
    return f'<article class="finding">{"".join(lines)}</article>'


def _reproduce(contents: Contents) -> Iterator[str]:
    yield "<h2>How to reproduce</h2>"
    for sweep in contents.sweeps:
        yield f'<p class="soft">{escape(requests.line(sweep))}:</p>{_code(sweep.command)}'


def _list(lines: Sequence[str], kind: str = "") -> str:
    if not lines:
        return ""
    attribute = f' class="{kind}"' if kind else ""
    return f"<ul{attribute}>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def _pairs(pairs: Sequence[tuple[str, str]]) -> str:
    rows = (
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>'
        for name, value in pairs
    )
    return f'<table class="pairs"><tbody>{"".join(rows)}</tbody></table>'


def _code(command: str) -> str:
    return f"<pre><code>{escape(command)}</code></pre>"


def _scripts(charts: Sequence[Chart], packed: str) -> Iterator[str]:
    data = json.dumps([plotly.figure(chart) for chart in charts], allow_nan=False)
    data = data.replace("<", "\\u003c")  # no name may end the script
    yield f'<script type="application/json" id="charts">{data}</script>'
    yield f'<script type="text/plain" id="plotly">{packed}</script>'
    yield f"<script>\n{(HERE / 'page.js').read_text(encoding='utf-8')}</script>"


def _plotly() -> str | None:
    """The script of plotly, packed for the page: 4.8 MB would be most of it, and are 2 so.

    Its Python is not imported, which would take longer than the whole report.
    """
    found = find_spec("plotly")
    file = None if found is None or found.origin is None else Path(found.origin).parent / SCRIPT
    return None if file is None or not file.is_file() else _packed(file)


@functools.cache
def _packed(file: Path) -> str:
    return base64.b64encode(gzip.compress(file.read_bytes(), 6, mtime=0)).decode("ascii")
