"""The races of a study as a section of its report: standings, open pairs, how it was measured."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from embprof.race import PairedRatio, Race
from embprof.report.documents.race_answer import Raced, raced, where
from embprof.report.race_columns import WORDS
from embprof.report.race_phrases import between
from embprof.report.study import Study, names
from embprof.tracking.entries import rank_text
from embprof.units import counted, duration, percent

HEADINGS = ("row", "rank", "beside the best", "ratio of costs", "95 % interval", "rounds", "left")
WORD_HEADINGS = ("row", "beside the best", "left")
TITLE = "Rows measured in rounds"
OPEN_SHOWN = 20
"""Pairs whose order is open that are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RaceTable:
    """One race: a line for each row, best first, and what is said below."""

    title: str
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]


def race_tables(study: Study) -> list[RaceTable]:
    """A table for each race of the study, in the order of its rows."""
    races = raced(study)
    return [_table(one, where(one, races)) for one in races]


def _table(one: Raced, place: str) -> RaceTable:
    labels = _labels(one)
    standings = [one for one in one.race.standings if one.run in labels]
    standings.sort(key=lambda standing: (standing.rank or math.inf, standing.ratio or math.inf))
    rows = tuple(
        (
            labels[standing.run],
            rank_text(standing),
            WORDS.get(standing.word or "", ""),
            "" if standing.ratio is None else f"{standing.ratio:.3f}",
            _interval(standing.low, standing.high),
            str(standing.rounds),
            standing.left or "",
        )
        for standing in standings
    )
    notes = (*_how(one.race), *_open(one.race, labels))
    return RaceTable(title=place.rstrip(" ,"), rows=rows, notes=notes)


def _labels(one: Raced) -> dict[str, str]:
    key, labels = names(one.answers)
    return {
        answer.run.run_id: f"{answer.label} {f'{key}=' if key else ''}{label}".removesuffix(
            f" {answer.label}"
        )
        for answer, label in zip(one.answers, labels, strict=True)
    }


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{low:.3f} to {high:.3f}"


def _how(race: Race) -> Iterator[str]:
    """How it was measured, and what its words mean."""
    yield (
        f"Measured in {counted(race.rounds, 'round')} and {duration(race.seconds)}: a round is one "
        f"slice of each row, in an order drawn from the seed {race.seed}. Compared is what rows "
        f"cost by {race.figure} within the same rounds; 1.28 is 28 % more."
    )
    yield (
        f"Slower: by more than {percent(race.theta)}. Same: within {percent(race.bound)}. Any of "
        f"these words is wrong in at most {100 * race.alpha:g} % of such sweeps."
    )
    yield from race.notes


def _open(race: Race, labels: dict[str, str]) -> Iterator[str]:
    """The pairs of which neither can be said."""
    pairs = [
        pair for pair in race.pairs if pair.word == "open" and pair.a in labels and pair.b in labels
    ]
    for pair in pairs[:OPEN_SHOWN]:
        yield f"Open: {labels[pair.b]} beside {labels[pair.a]}, {_ends(pair)}."
    if len(pairs) > OPEN_SHOWN:
        yield f"Open: {counted(len(pairs) - OPEN_SHOWN, 'further pair')}."


def _ends(pair: PairedRatio) -> str:
    ends = f"{between(pair.sure_low, pair.sure_high)} in cost"
    if pair.more_seconds is None:
        return ends
    return f"{ends}; about {duration(pair.more_seconds)} more would settle it"


def columns(tables: Sequence[RaceTable]) -> tuple[tuple[str, ...], list[list[tuple[str, ...]]]]:
    """The headings, and each table's rows, without the column of reasons where no row left."""
    has_left = any(row[-1] for table in tables for row in table.rows)
    count = len(HEADINGS) if has_left else len(HEADINGS) - 1
    return HEADINGS[:count], [[row[:count] for row in table.rows] for table in tables]
