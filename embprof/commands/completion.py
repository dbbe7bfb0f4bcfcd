"""Completes sub-commands; Hydra, which knows the keys and options, completes the overrides."""

import os

from embprof.commands import COMMANDS

LINE = "COMP_LINE"
"""The command line so far, as the shell hands it over."""


def complete_command() -> None:
    """Prints the sub-commands that fit; takes one that is complete out of Hydra's sight."""
    line = os.environ.get(LINE, "")
    _, *words = line.split() or [""]
    if words and words[0] in COMMANDS:
        os.environ[LINE] = line.replace(f" {words[0]}", "", 1)
    elif not words or (len(words) == 1 and not line.endswith(" ")):
        for command in COMMANDS:
            if command.startswith(words[0] if words else ""):
                print(command)  # noqa: T201  (the shell reads this)
