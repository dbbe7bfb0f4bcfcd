"""Calls of operations: their values, drawn under a seed, and the statements asked one by one."""

import itertools
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from embprof.workloads.sql.statements import (
    Column,
    Cycle,
    Drawn,
    FromRow,
    Operation,
    Query,
    Range,
    Statement,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What a statement returned: names of the columns, and the rows."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]

    def column(self, name: str) -> list[Any]:
        """The values of a column; raises LookupError with the columns that there are."""
        if name not in self.columns:
            known = ", ".join(self.columns) or "none"
            raise LookupError(f"there is no column {name} in its rows; there are {known}")
        at = self.columns.index(name)
        return [row[at] for row in self.rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of an operation, and the values of its parameters by their keys."""

    operation: str
    statements: tuple[Statement, ...]
    values: Mapping[str, Any]


NO_ROWS = Rows(columns=(), rows=())

Ask = Callable[[Statement, Sequence[Any]], Rows]
"""Sends a statement with its values; returns what came back, if anything makes use of it."""


def perform(call: Call, ask: Ask) -> None:
    """Asks the statements of a call in order, those for each row of another as often.

    Raises LookupError for a column that a statement's rows do not have.
    """
    returned: dict[str, Rows] = {}
    for statement in call.statements:
        if statement.for_each is None:
            returned[statement.name] = ask(statement, _values(statement, call, returned, None))
            continue
        outer = returned[statement.for_each]
        found = [
            ask(statement, _values(statement, call, returned, at)) for at in range(len(outer.rows))
        ]
        rows = [row for one in found for row in one.rows]
        columns = found[0].columns if found else ()
        returned[statement.name] = Rows(columns=columns, rows=rows)


def calls(
    operations: Sequence[Operation], pools: Mapping[Query, Sequence[Any]], seed: int
) -> Iterator[Call]:
    """Calls of the operations in turn, without end, the same for the same seed.

    What an operation draws does not depend on which others there are. ``pools`` has the values of
    every query that parameters draw from.
    """
    every = [
        (one.name, one.statements, _draws(one, pools, random.Random(f"{seed} {one.name}")))
        for one in operations
    ]
    for name, statements, draws in itertools.cycle(every):
        yield Call(operation=name, statements=statements, values=next(draws))


def _draws(
    operation: Operation, pools: Mapping[Query, Sequence[Any]], chance: random.Random
) -> Iterator[dict[str, Any]]:
    for number in itertools.count():
        yield {
            key: _draw(parameter, pools, chance, number)
            for key, parameter in operation.parameters.items()
        }


def _draw(
    parameter: Drawn, pools: Mapping[Query, Sequence[Any]], chance: random.Random, number: int
) -> Any:
    match parameter:
        case Cycle(values=values):
            return values[number % len(values)]
        case Range(low=low, high=high):
            return chance.randint(low, high)
        case Query(count=None):
            return chance.choice(pools[parameter])
        case Query(count=int(count)):
            pool = pools[parameter]
            return chance.sample(pool, count) if count <= len(pool) else list(pool)


def _values(
    statement: Statement, call: Call, returned: Mapping[str, Rows], row: int | None
) -> list[Any]:
    values: list[Any] = []
    for source in statement.arguments.values():
        match source:
            case str():
                values.append(call.values[source])
            case Column(statement=of, column=column):
                values.append(returned[of].column(column))
            case FromRow(column=column):
                assert statement.for_each is not None
                assert row is not None
                values.append(returned[statement.for_each].column(column)[row])
    return values
