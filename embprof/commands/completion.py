"""Completes sub-commands; Hydra, which knows the keys and options, completes the overrides."""

import os

from embprof.commands import COMMANDS

LINE = "COMP_LINE"
"""The command line so far, as the shell hands it over."""


def complete_command() -> None:
    """Prints the sub-commands that fit; takes one that is complete out of Hydra's sight."""
    line = os.environ.get(LINE, "")
    _, *typed = line.split() or [""]
    if typed and typed[0] in COMMANDS:
        os.environ[LINE] = line.replace(f" {typed[0]}", "", 1)
    elif not typed or (len(typed) == 1 and not line.endswith(" ")):
        for command in COMMANDS:
            if command.startswith(typed[0] if typed else ""):
                print(command)  # noqa: T201  (the shell reads this)
