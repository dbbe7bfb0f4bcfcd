"""``embprof scenarios``: what can be asked by name, and what each is to find out."""

from collections.abc import Mapping

from rich.console import RenderableType
from rich.text import Text

from embprof.commands.typed import command
from embprof.config import scenarios
from embprof.report.display import console
from embprof.report.plain_table import plain_table


@command("embprof scenarios")
def main() -> None:
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
    table = plain_table()
    table.add_column(heading, no_wrap=True)
    table.add_column("question")
    for name, question in found.items():
        table.add_row(name, Text(question))
    return table
