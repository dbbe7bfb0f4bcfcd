"""The runs of a study as tables: those that a sweep ends with, of several sweeps together."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from embprof.config.question import differing, question
from embprof.model import Job, Status
from embprof.report import legend, table
from embprof.report.documents.requests import Request
from embprof.report.rows import Row, by_measurement
from embprof.report.study import Answer, Study
from embprof.report.table import UNLIMITED

SHOWN = 40
"""Rows of a table that are shown at once; the rest is folded away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Cells below headings; ``name`` is the measurement's, ``best`` the best rows' indices.

    ``word_headings`` are those below which stand words. ``best`` is empty where all rows are shown
    anyway.
    """

    name: str
    headings: tuple[str, ...]
    word_headings: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...]
    best: tuple[int, ...] = ()


def grids(study: Study, sweeps: Sequence[Request]) -> list[Grid]:
    """One table per measurement."""
    return [grid for group in _grouped(study, sweeps) for grid in _grids(group)]


def legends(study: Study, sweeps: Sequence[Request]) -> list[str]:
    """How to read them. Which run is best is left to the findings, which compare more closely."""
    notes = {answer.measurement: answer.account.table_note for answer in study.answers}
    rows = [row for group in _grouped(study, sweeps) for row in group]
    return [*filter(None, notes.values()), *legend.legend(rows, UNLIMITED)]


def _grids(rows: Sequence[Row]) -> list[Grid]:
    found = []
    for part in by_measurement(rows):
        columns = table.grid(part)
        found.append(
            Grid(
                name=part.name,
                headings=tuple(column.heading for column in columns),
                word_headings=tuple(column.heading for column in columns if column.is_word),
                rows=tuple(zip(*(column.cells for column in columns), strict=True)),
                best=_best(part.rows) if len(part.rows) > SHOWN else (),
            )
        )
    return found


def _best(rows: Sequence[Row]) -> tuple[int, ...]:
    """The best answers in the order of the table: by their race, or else by their first figure."""
    primaries = (
        (at, row.run.primary)
        for at, row in enumerate(rows)
        if row.run is not None and row.run.status == Status.OK
    )
    stands = {at: row.standing.ratio for at, row in enumerate(rows) if row.standing is not None}
    costs = {at: ratio for at, ratio in stands.items() if ratio is not None} or {
        at: -figure.estimate.value if figure.better == "higher" else figure.estimate.value
        for at, figure in primaries
        if figure is not None and figure.estimate is not None
    }
    return tuple(sorted(sorted(costs, key=costs.__getitem__)[:SHOWN]))


def _grouped(study: Study, sweeps: Sequence[Request]) -> list[list[Row]]:
    """Rows by measurement, since what differs between runs is told for each by itself."""
    every = [*study.answers, *study.failed]
    kinds = dict.fromkeys(answer.measurement for answer in every)
    of_one = len(sweeps) == 1
    groups = [_rows([a for a in every if a.measurement == kind], of_one=of_one) for kind in kinds]
    if of_one and sweeps[0].skipped and len(groups) == 1:
        like = groups[0][0].job
        groups[0] += [
            Row(job=dataclasses.replace(like, number=number, overrides=(), skip=reason), run=None)
            for number, reason in sweeps[0].skipped.items()
        ]
        groups[0].sort(key=lambda row: row.job.number)
    return groups


def _rows(answers: Sequence[Answer], *, of_one: bool) -> list[Row]:
    overrides = [answer.run.overrides for answer in answers] if of_one else _overrides(answers)
    rows = [
        Row(
            job=Job(
                number=answer.run.number,
                overrides=tuple(lines),
                config=answer.run.config,
                key=answer.run.key,
                environment=answer.run.environment,
                fingerprint={},
            ),
            run=answer.run,
            comparison=answer.comparison,
            standing=answer.standing,
        )
        for answer, lines in zip(answers, overrides, strict=True)
    ]
    return sorted(rows, key=lambda row: row.job.number)


def _overrides(answers: Sequence[Answer]) -> list[list[str]]:
    """What differs between runs of several sweeps, as if it had been asked for."""
    configs = [question(answer.run) for answer in answers]
    keys = differing(configs)
    return [
        [f"{key.removesuffix('.name')}={config[key]}" for key in keys if key in config]
        for config in configs
    ]
