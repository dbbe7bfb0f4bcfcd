"""Operations from a plain SQL file: a trace of what a service asked, or queries one by one.

The whole file is one operation, unless ``-- operation: NAME`` before a statement begins another.
``-- name: NAME`` before a statement names it. Values stand in the statements themselves.
"""

import re

from embprof.workloads.sql.statements import Operation, Statement, lexer
from embprof.workloads.sql.statements.yaml_lines import Problem, WrongError

NAMES = re.compile(r"--\s*(name|operation)\s*:\s*(.*?)\s*")
NAME = re.compile(r"[A-Za-z_]\w*")
NO_TRANSACTION = "an operation is a transaction already; leave out what begins or ends one"


def read(text: str, name: str) -> list[Operation]:
    """The operations of a file's text; ``name`` is that of the first. Raises WrongError."""
    if not (pieces := split(text)):
        raise WrongError([(None, "has no statements")])
    problems: list[Problem] = []
    operations: dict[str, list[Statement]] = {}
    current = name
    for piece in pieces:
        given = _comment_names(piece, problems)
        current = given.get("operation", current)
        if "operation" in given and current in operations:
            problems.append((piece.line, f"there are two operations {current}"))
        statements = operations.setdefault(current, [])
        statements.append(
            Statement(
                name=given.get("name", f"statement_{len(statements) + 1}"),
                sql=piece.sql,
                line=piece.line,
                arguments={},
            )
        )
        if len({one.name for one in statements}) < len(statements):
            problems.append((piece.line, f"there are two statements {statements[-1].name}"))
        if lexer.controls_transaction(piece.sql):
            problems.append((piece.line, NO_TRANSACTION))
        for placeholder in lexer.names(piece.sql):
            what = f":{placeholder} has no value here; parameters are given in a YAML file"
            problems.append((piece.line, what))
    if problems:
        raise WrongError(problems)
    return [
        Operation(name=name, statements=tuple(statements), parameters={})
        for name, statements in operations.items()
    ]


def _comment_names(piece: lexer.Piece, problems: list[Problem]) -> dict[str, str]:
    """What the comments before a statement say of it."""
    found = {}
    for comment in piece.comments:
        if (given := NAMES.fullmatch(comment)) is None:
            continue
        found[given[1]] = given[2]
        if not NAME.fullmatch(given[2]):
            problems.append((piece.line, f"{comment}: a name is made of letters, digits and _"))
    return found


def split(text: str, first_line: int = 1) -> list[lexer.Piece]:
    """The statements of a text that begins in that line of its file; raises WrongError."""
    try:
        pieces = lexer.split(text)
    except lexer.UnendedError as error:
        raise WrongError([(first_line + error.line - 1, str(error))]) from None
    problems = [(first_line + one.line - 1, _no_statement(one)) for one in pieces]
    if wrong := [(line, what) for line, what in problems if what is not None]:
        raise WrongError(wrong)
    return pieces


def _no_statement(piece: lexer.Piece) -> str | None:
    """Why it cannot be measured; None if it can."""
    if piece.is_psql:
        return f"{piece.sql.split()[0]} is a command of psql, no SQL; leave it out"
    if piece.data is not None:
        return "COPY … FROM stdin has no data when it is measured; write INSERT"
    return None
