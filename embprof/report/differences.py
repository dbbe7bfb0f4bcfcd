"""What the rows of a comparison differ in beside their figures, as their accounts tell it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from embprof.comparison.sets import Compared
from embprof.interface import faults
from embprof.interface.account import Difference
from embprof.interface.subjects import subjects_of
from embprof.model import Run


def differences(compared: Compared) -> dict[int, list[Difference]]:
    """The differences of rows of which the folders of both runs are there, by the row's number."""
    found: dict[int, list[Difference]] = {}
    for row in compared.rows:
        a, b = row.pair.a.folder, row.pair.b.folder
        if a is not None and b is not None:
            ours = _of_subjects(row.pair.b.run, a, b)
            found |= {row.number: ours} if ours else {}
    return found


def _of_subjects(run: Run, a: Path, b: Path) -> list[Difference]:
    found = []
    for whose in subjects_of(run.config):
        if (look := whose.account.difference) is not None:
            part = "what two of its runs differ in"
            one = faults.ask(whose.target, part, partial(_whole, look, a, b), None)
            found += [] if one is None else [one]
    return found


def _whole(look: Callable[[Path, Path], Difference | None], a: Path, b: Path) -> Difference | None:
    """A difference that can be told in every form: one that cannot is not told at all."""
    found = look(a, b)
    if found is not None:
        found.lines("")
        found.markdown("")
        found.as_json()
    return found
