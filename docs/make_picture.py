# ruff: noqa: INP001  (a script beside the pages, no package)
"""Draws docs/images/table.svg from a stored sweep: ``python docs/make_picture.py SWEEP_FOLDER``."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from embprof.report.display import WIDTH
from embprof.report.documents.writing import reply_of_sweep
from embprof.report.headline import show_answer
from embprof.report.legend import legend
from embprof.report.stored_rows import rows
from embprof.report.table import results
from embprof.tracking.sweep_folder import SweepFolder

PICTURE = Path(__file__).parent / "images" / "table.svg"
WEB_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
"""A picture in a page may not load any; the reader's own monospace font serves."""


def picture(sweep: SweepFolder) -> str:
    """The table, its legend and the answer as SVG."""
    out = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    shown = rows(sweep)
    out.print(results(shown))
    out.print()
    for line in legend(shown):
        out.print(Text(line, style="dim"))
    show_answer(reply_of_sweep(sweep), out)
    title = f"python -m embprof -m {' '.join(sweep.read()['overrides'])}"
    return WEB_FONT.sub("", out.export_svg(title=title, theme=MONOKAI))


if __name__ == "__main__":
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(picture(SweepFolder(path=Path(sys.argv[1]))), encoding="utf-8")
