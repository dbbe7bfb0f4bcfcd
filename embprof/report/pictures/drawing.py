"""Puts the pictures of a run beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from embprof.model import Run
from embprof.report.pictures import pictures
from embprof.tracking.folder import read_slices


def draw(run: Run, folder: Path, *, say: Callable[[str], None]) -> None:
    """Adds the pictures of a run to its folder; a figure is never lost for want of one.

    Raises OSError when they cannot be written.
    """
    try:
        for name, picture in pictures(run, list(read_slices(folder))):
            (folder / name).write_text(picture, encoding="utf-8")
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001  (whatever a library of pictures may raise)
        say(f"#{run.number} has no picture: {type(error).__name__}: {error}")
