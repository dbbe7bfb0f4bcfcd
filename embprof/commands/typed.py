"""Runs a typer command as one of embprof's, with an exit code in place of an exit."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import typer


def run(command: Callable[..., Any], name: str, arguments: Sequence[str]) -> int:
    """The command's exit code: 2 for options it does not take; errors of ours pass through."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(context_settings={"help_option_names": ["-h", "--help"]})(command)
    try:
        app(list(arguments), prog_name=name)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    finally:
        sys.stdout.flush()
    return 0
