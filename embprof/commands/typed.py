"""Runs a typer command as one of embprof's, with an exit code in place of an exit."""

import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from typer import Argument, Typer

HELP = {"help_option_names": ["-h", "--help"]}
STORED = "last, last~1, a sweep's id or its beginning, SWEEP/JOB, a folder, an MLflow id."
"""What names stored runs, for a command's help."""
Main = Callable[[Sequence[str]], int]
Overrides = Annotated[list[str] | None, Argument(metavar="[OVERRIDES]", show_default=False)]


def group(purpose: str) -> Typer:
    """A command with sub-commands, none of them there yet; without one it shows its help."""
    return _app(help=purpose, no_args_is_help=True, context_settings=HELP)


def command(name: str) -> Callable[[Callable[..., None]], Main]:
    """Makes a function of typer's parameters one of arguments, which returns the exit code."""

    def made(function: Callable[..., None]) -> Main:
        def main(arguments: Sequence[str]) -> int:
            app = _app()
            app.command(context_settings=HELP)(function)
            return run(app, name, arguments)

        return main

    return made


def run(app: Typer, name: str, arguments: Sequence[str]) -> int:
    """The command's exit code: 2 for options it does not take; errors of ours pass through."""
    try:
        app(list(arguments), prog_name=name)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    finally:
        sys.stdout.flush()
    return 0


def _app(**settings: Any) -> Typer:
    plain: dict[str, Any] = {"rich_markup_mode": None, "pretty_exceptions_enable": False}
    return Typer(add_completion=False, **plain, **settings)
