"""What a file of statements may say, and how short."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StrictInt, StrictStr, model_validator

from embprof.interface.node import Node
from embprof.workloads.sql.statements import Column, Cycle, Parameter, Query, Range

NAME = r"^[A-Za-z_]\w*$"
KINDS = ("constant", "cycle", "range", "query", "column")
MOST_DRAWN = 10_000
"""Values in a drawn array."""


def _sql_alone(given: object) -> object:
    """A statement that is nothing but SQL."""
    return {"sql": given} if isinstance(given, str) else given


def _in_full(given: object) -> object:
    """A value alone is a constant, a list is gone through."""
    if isinstance(given, Mapping):
        return given
    return {"cycle": given} if isinstance(given, list) else {"constant": given}


class ParameterNode(Node):
    """Where a value comes from."""

    constant: Any = None
    cycle: Annotated[list[Any], Field(min_length=1)] | None = None
    range: tuple[StrictInt, StrictInt] | None = None
    query: StrictStr | None = None
    count: Annotated[StrictInt, Field(ge=1, le=MOST_DRAWN)] | None = None
    column: Annotated[StrictStr, Field(pattern=r"^[A-Za-z_]\w*\.\w+$")] | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> ParameterNode:
        given = [kind for kind in KINDS if kind in self.model_fields_set]
        if len(given) != 1:
            raise ValueError(f"must have one of {', '.join(KINDS)}")
        if self.count is not None and self.query is None:
            raise ValueError("count goes with query")
        if self.range is not None and self.range[0] > self.range[1]:
            raise ValueError(f"the range {list(self.range)} is empty")
        return self

    def parameter(self) -> Parameter:
        """The parameter."""
        if self.range is not None:
            return Range(low=self.range[0], high=self.range[1])
        if self.query is not None:
            return Query(sql=self.query, count=self.count)
        if self.column is not None:
            statement, _, column = self.column.partition(".")
            return Column(statement=statement, column=column)
        return Cycle(values=(self.constant,) if self.cycle is None else tuple(self.cycle))


Parameters = dict[
    Annotated[StrictStr, Field(pattern=NAME)], Annotated[ParameterNode, BeforeValidator(_in_full)]
]


class StatementNode(Node):
    """One statement."""

    sql: StrictStr
    name: Annotated[StrictStr, Field(pattern=NAME)] | None = None
    for_each: StrictStr | None = None
    parameters: Parameters = Field(default_factory=dict)


class OperationNode(Node):
    """Statements of one transaction, and parameters that they share."""

    statements: Annotated[
        list[Annotated[StatementNode, BeforeValidator(_sql_alone)]], Field(min_length=1)
    ]
    parameters: Parameters = Field(default_factory=dict)


class FileNode(Node):
    """The whole file."""

    operations: Annotated[
        dict[Annotated[StrictStr, Field(pattern=NAME)], OperationNode], Field(min_length=1)
    ]
