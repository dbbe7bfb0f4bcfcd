"""Overrides that Hydra's grammar cannot read as they were typed, and how they are written for it.

Outside of quotes it knows letters of English, digits and some signs; a blank, a bracket, an umlaut
or a second ``=`` in the name of a file is none of these. Source: Hydra, "Extended Override syntax".
"""

import re
from collections.abc import Callable

from hydra.errors import HydraException

Read = Callable[[str], object]
"""Reads an override; raises HydraException where it cannot."""


def quoted(line: str, read: Read) -> str | None:
    """The override with quotes around each value that needs them; None where that does not help.

    What begins as a list or a mapping was meant for one.
    """
    key, sign, value = line.partition("=")
    if not sign or '"' in value or value.startswith(("[", "{")):
        return None
    values = [one if _is_readable(f"{key}={one}", read) else f'"{one}"' for one in value.split(",")]
    better = f"{key}={','.join(values)}"
    return better if _is_readable(better, read) else None


def literal(value: str) -> str:
    """A text that Hydra takes as it is, whatever is in it; what refers to keys refers to none."""
    unresolved = re.sub(r"(\\*)\$\{", r"\1\1\\${", value)
    escaped = re.sub(r"(\\*)'", r"\1\1\\'", unresolved)
    ending = re.sub(r"(\\+)\Z", r"\1\1", escaped)
    return f"'{ending}'"


def may_be_a_file(line: str) -> bool:
    """Whether what looks like several values may be the name of one file: ``a,b.csv``."""
    return bool(re.search(r"=[^()\[\]{}]*,[^()\[\]{}]*[./][a-zA-Z]", line))


def one_value(line: str) -> str:
    """The override of a single value that has commas in it."""
    key, _, value = line.partition("=")
    return f'{key}="{value}"'


def _is_readable(line: str, read: Read) -> bool:
    try:
        read(line)
    except HydraException:
        return False
    return True
