"""Where in the code a row of a profile is."""

from collections.abc import Mapping
from typing import Any


def place(row: Mapping[str, Any]) -> str:
    """Where to look: a function's line with the most time, or the line that calls it most.

    Only the file where neither is known.
    """
    if "called_from" in row:
        return f"in {row['called_from']}"
    line = row["lines"][0]["line"] if row.get("lines") else row.get("line")
    return str(row["file"]) if line is None else f"{row['file']}:{line}"
