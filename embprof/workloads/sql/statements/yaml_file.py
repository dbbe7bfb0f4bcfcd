"""Operations from a YAML file; what is wrong with it is told with its line."""

import difflib
from collections.abc import Iterator
from dataclasses import replace

import yaml
from pydantic import ValidationError

from embprof.workloads.sql.statements import Column, Drawn, FromRow, Operation, Statement, lexer
from embprof.workloads.sql.statements.sql_file import NO_TRANSACTION, split
from embprof.workloads.sql.statements.yaml_lines import (
    Place,
    Problem,
    WrongError,
    compose,
    dotted_path,
    line,
    located,
    text_line,
)
from embprof.workloads.sql.statements.yaml_shape import FileNode, OperationNode, StatementNode


def read(text: str) -> list[Operation]:
    """The operations of a file's text; raises WrongError."""
    root = compose(text)
    try:
        file = FileNode.model_validate(yaml.safe_load(text))
    except ValidationError as error:
        problems = [located(root, detail) for detail in error.errors(include_url=False)]
        raise WrongError(problems) from None
    problems = []
    found = []
    for name, operation in file.operations.items():
        reader = _Reader(root, name, operation)
        found.append(reader.read())
        problems += reader.problems
    if problems:
        raise WrongError(problems)
    return found


class _Reader:
    """Makes an operation of what the file says, and finds what does not fit together in it."""

    def __init__(self, root: yaml.Node, name: str, operation: OperationNode) -> None:
        self.root, self.name, self.operation = root, name, operation
        self.problems: list[Problem] = []
        self.drawn: dict[str, Drawn] = {}

    def read(self) -> Operation:
        statements: list[Statement] = []
        for number, node in enumerate(self.operation.statements):
            statements += self._statement(number, node, [one.name for one in statements])
        sources = (source for one in statements for source in one.arguments.values())
        read = {source.statement for source in sources if isinstance(source, Column)}
        read |= {one.for_each for one in statements if one.for_each is not None}
        return Operation(
            name=self.name,
            statements=tuple(replace(one, is_read=one.name in read) for one in statements),
            parameters=self.drawn,
        )

    def _statement(
        self, number: int, node: StatementNode, earlier: list[str]
    ) -> Iterator[Statement]:
        place: Place = ("operations", self.name, "statements", number)
        several = len(self.operation.statements) > 1
        name = node.name or (f"{self.name}_{number + 1}" if several else self.name)
        if name in earlier:
            self._wrong(place, f"there are two statements {name}")
        if node.for_each is not None and node.for_each not in earlier:
            self._wrong((*place, "for_each"), f"there is no earlier statement {node.for_each}")
        sql_place: Place = (*place, "sql") if line(self.root, (*place, "sql")) else place
        begins = text_line(self.root, place)
        try:
            pieces = split(node.sql, begins)
        except WrongError as error:
            self.problems += error.problems
            return
        if len(pieces) != 1:
            found = "several statements" if pieces else "no statement"
            self._wrong(sql_place, f"{found} where one is expected")
            return
        if lexer.controls_transaction(pieces[0].sql):
            self._wrong(sql_place, NO_TRANSACTION)
        placeholders = lexer.names(pieces[0].sql)
        arguments = {one: self._argument(one, node, place, earlier) for one in placeholders}
        yield Statement(
            name=name,
            sql=lexer.number_placeholders(pieces[0].sql, placeholders),
            line=begins + pieces[0].line - 1,
            arguments={key: value for key, value in arguments.items() if value is not None},
            for_each=node.for_each,
        )

    def _argument(
        self, name: str, node: StatementNode, place: Place, earlier: list[str]
    ) -> str | Column | FromRow | None:
        """Where the value of a placeholder comes from: the nearest that has the name."""
        nearest = node.parameters.get(name)
        given, key = nearest or self.operation.parameters.get(name), name
        if nearest is not None:
            key = f"{place[-1]}.{name}"  # not to be confused with one of the operation
        if given is None:
            if node.for_each is not None:
                return FromRow(column=name)
            known = [*node.parameters, *self.operation.parameters]
            close = difflib.get_close_matches(name, known, n=1)
            hint = f", did you mean :{close[0]}?" if close else ""
            self._wrong(place, f":{name} is no parameter of this statement or its operation{hint}")
            return None
        made = given.parameter()
        if not isinstance(made, Column):
            self.drawn[key] = made
            return key
        if made.statement not in earlier:
            self._wrong(place, f"{name}: there is no earlier statement {made.statement}")
        return made

    def _wrong(self, place: Place, what: str) -> None:
        self.problems.append((line(self.root, place), f"{dotted_path(place)}: {what}"))
