"""``embprof scenarios``: what can be asked by name, and what each is to find out."""

from collections.abc import Mapping, Sequence

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from embprof.commands.typed import run
from embprof.config import scenarios
from embprof.report.display import console


def main(arguments: Sequence[str]) -> int:
    """Lists the scenarios; returns the exit code."""
    return run(_scenarios, "embprof scenarios", arguments)


def _scenarios() -> None:
    """List the scenarios and their questions: your own in ./experiments, then embprof's.

    Each is run with python -m embprof experiment=NAME; embprof plan experiment=NAME lists its jobs.
    """
    out = console()
    own = scenarios.own()
    if own:
        out.print(_table("yours", own))
    out.print(_table("embprof's" if own else "scenario", scenarios.ours()))
    out.print(
        Text("run one: python -m embprof experiment=NAME   its jobs: embprof plan experiment=NAME")
    )


def _table(heading: str, found: Mapping[str, str]) -> RenderableType:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    table.add_column(heading, no_wrap=True)
    table.add_column("question")
    for name, question in found.items():
        table.add_row(name, Text(question))
    return table
