"""Readings over time as a file that any tool reads: one line of JSON for each."""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from embprof.model import Samples
from embprof.units import metric_name

NAME = "memory_history.jsonl"


class History:
    """What was read after each slice, warm-up included; a peak is that of its slice."""

    def __init__(self) -> None:
        self._rows: list[dict[str, float | bool]] = []
        self._is_warm = False

    def measuring(self) -> None:
        """What is added from now on counts."""
        self._is_warm = True

    def add(self, readings: Sequence[Samples]) -> None:
        """Keeps one reading of each quantity, under its metric's name, and the items done."""
        row: dict[str, float | bool] = {"warmup": not self._is_warm}
        for one in readings:
            row[metric_name(one.name, one.unit)] = max(one.values)
            if one.items:
                row["items"] = sum(one.items)
        self._rows.append(row)

    def write(self) -> Path:
        """The file, in a folder of its own."""
        file = Path(tempfile.mkdtemp(prefix="embprof-")) / NAME
        file.write_text("".join(f"{json.dumps(row)}\n" for row in self._rows), encoding="utf-8")
        return file
