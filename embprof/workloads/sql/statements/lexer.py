"""SQL text as PostgreSQL's scanner sees it: tokens, statements, placeholders and fingerprints.

A file may hold what is no SQL: commands of psql, which a backslash begins outside of strings, and
the data of ``COPY … FROM stdin``, up to a line of a backslash and a full stop.

Source: PostgreSQL 18, chapter 4.1 (lexical structure), and ``psqlscan.l`` for where a statement
ends. No library at hand splits nested comments and ``BEGIN ATOMIC`` bodies as the server does.
"""

import hashlib
import itertools
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import NamedTuple

WORD = r"[A-Za-z_\u0080-\U0010ffff][\w$\u0080-\U0010ffff]*"
PATTERN = re.compile(
    rf"""
      (?P<SPACE>\s+)
    | (?P<COMMENT>--[^\n\r]*|/\*)
    | (?P<STRING>[eE]'(?:[^'\\]|\\.|'')*'|(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*')
    | (?P<QUOTED>(?:[uU]&)?"(?:[^"]|"")*")
    | (?P<DOLLAR>\$(?:[A-Za-z_\u0080-\U0010ffff][\w\u0080-\U0010ffff]*)?\$)
    | (?P<POSITION>\$\d+)
    | (?P<WORD>{WORD})
    | (?P<NUMBER>0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+
        |(?:\d[\d_]*(?:\.(?!\.)[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?)
    | (?P<NAMED>:[A-Za-z_]\w*)
    | (?P<END>;)
    | (?P<SYMBOL>::|:=|.)
    """,
    re.VERBOSE | re.DOTALL,
)
TRANSACTION = re.compile(
    r"(begin|start|commit|end|rollback|abort|savepoint|release)( .*)?"
    r"|prepare transaction .*|(set|reset) .*(transaction|session characteristics).*"
)
"""Normalised statements that begin or end transactions, or change what they may do."""
COPIES = re.compile(r"copy .* from stdin\b.*")
"""A normalised statement whose data follow it in the file."""
BODY = re.compile(r"create (?:or replace )?(?:function|procedure)\b")
"""How a statement begins that may hold others between BEGIN ATOMIC and END."""
INSERT = re.compile(
    r"""
    insert\b
    (?: [^;'"$/\\e-]++
      | (?<![\w$])e'(?:[^'\\]++|\\.|'')*+'
      | '(?:[^']++|'')*+'
      | "[^"]*+"
      | e | -(?!-) | /(?!\*)
    )*+
    (?=;|\Z)
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
"""A whole INSERT of strings, numbers and names: dumps have thousands of them, or long ones."""
OPENING = 40
"""Tokens that are enough to see what a statement does."""
LITERALS_IN_ROW = re.compile(r"\( \?(?: , \?)* \)(?: , \( \?(?: , \?)* \))*")


Kind = IntEnum("Kind", "SPACE COMMENT STRING QUOTED POSITION WORD NUMBER NAMED END SYMBOL")
"""What a token is."""
KINDS = dict(Kind.__members__)
BLANK = frozenset({Kind.SPACE, Kind.COMMENT})
VALUES = frozenset({Kind.STRING, Kind.NUMBER, Kind.POSITION, Kind.NAMED})
PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_$]*")
"""A name that needs no quotes."""


class Token(NamedTuple):
    """A piece of SQL text; those of a text, put together, are the text. Lines count from 1."""

    kind: Kind
    text: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One statement of a text: without its semicolon, and comments before it apart.

    A command of psql is one that begins with a backslash. ``data`` are the lines that a COPY reads.
    """

    sql: str
    line: int
    comments: tuple[str, ...]
    data: str | None = None

    @property
    def is_psql(self) -> bool:
        """Whether it is a command of psql, which no server understands."""
        return self.sql.startswith("\\")

    @property
    def is_insert(self) -> bool:
        """Whether it makes nothing but rows."""
        return self.sql[:6].lower() == "insert"


class UnendedError(ValueError):
    """A string, a quoted name or a comment that does not end; ``line`` is where it begins."""

    def __init__(self, what: str, line: int) -> None:
        self.line = line
        super().__init__(f"{what} that begins here does not end")


def tokens(sql: str) -> Iterator[Token]:
    """The tokens of a text in order; raises UnendedError."""
    at, line = 0, 1
    while at < len(sql):
        token = _token(sql, at, line)
        yield token
        at, line = at + len(token.text), line + token.text.count("\n")


def _token(sql: str, at: int, line: int) -> Token:
    found = PATTERN.match(sql, at)
    assert found is not None  # the last alternative takes any character
    name, end = str(found.lastgroup), found.end()
    if found[0] == "/*":
        end = _comment_end(sql, at, line)
    elif name == "DOLLAR":
        name, end = "STRING", sql.find(found[0], end) + len(found[0])
        if end < found.end():
            raise UnendedError(f"the string {found[0]}", line)
    elif found[0] in ("'", '"'):
        raise UnendedError("the string" if found[0] == "'" else "the quoted name", line)
    return Token(KINDS[name], sql[at:end], line)


def split(sql: str) -> list[Piece]:
    """The statements of a text, empty ones left out; raises UnendedError."""
    pieces: list[Piece] = []
    held: list[Token] = []
    at, line, parentheses, blocks = 0, 1, 0, 0
    while at < len(sql):
        token = _token(sql, at, line)
        end = at + len(token.text)
        if (insert := _insert(sql, at, token, held)) is not None:
            pieces += _piece([*held, insert])
            end = min(at + len(insert.text) + 1, len(sql))  # with its semicolon
            held = []
        elif token.text == "\\":
            end = _line_end(sql, at)
            command = Piece(sql=sql[at:end].strip(), line=line, comments=())
            pieces += [*_piece(held), command]
            held, parentheses, blocks = [], 0, 0
        elif token.kind is Kind.END and parentheses <= 0 and blocks == 0:
            pieces += _piece(held)
            if held and _copies(held):
                begin = _line_end(sql, end)
                end = _data_end(sql, begin, line)
                pieces[-1] = replace(pieces[-1], data=sql[begin:end])
                end = _line_end(sql, end)
            held, parentheses = [], 0
        else:
            held.append(token)
            parentheses += {"(": 1, ")": -1}.get(token.text, 0)
            if token.kind is Kind.WORD and _may_hold_others(held):
                word = token.text.lower()
                blocks += word == "begin" or (word == "case" and blocks > 0)
                blocks -= word == "end" and blocks > 0
        line += sql.count("\n", at, end)
        at = end
    return pieces + _piece(held)


def normalise(sql: str, first: int | None = None) -> str:
    """The statement with ``?`` for values, one for a list of them, and blanks and case alike.

    Two statements that differ in their values alone are the same then. With ``first``, of so many
    tokens that are not blank.
    """

    def alike(token: Token) -> str:
        text = token.text.lower() if token.kind is Kind.WORD else token.text
        return "?" if token.kind in VALUES else text

    left_out = BLANK | {Kind.END}
    found = (alike(token) for token in tokens(sql) if token.kind not in left_out)
    texts = list(itertools.islice(found, first))
    return LITERALS_IN_ROW.sub("( ? )", " ".join(texts))


def fingerprint(sql: str) -> str:
    """Twelve hex digits, equal for statements that differ in their values alone."""
    return hashlib.sha256(normalise(sql).encode()).hexdigest()[:12]


def controls_transaction(sql: str) -> bool:
    """Whether the statement begins or ends a transaction, or changes what one may do."""
    return TRANSACTION.fullmatch(normalise(sql, first=OPENING)) is not None


def names(sql: str) -> list[str]:
    """The names of its placeholders (``:name``), each once, in the order of the text."""
    found = (token.text[1:] for token in tokens(sql) if token.kind is Kind.NAMED)
    return list(dict.fromkeys(found))


def number_placeholders(sql: str, order: Sequence[str]) -> str:
    """The statement as the server takes it: ``$1`` for the first name of ``order``, and so on."""
    return "".join(
        f"${order.index(token.text[1:]) + 1}" if token.kind is Kind.NAMED else token.text
        for token in tokens(sql)
    )


def quote_name(name: str) -> str:
    """A name as it stands in a statement: in quotes unless it is small letters and digits."""
    return name if PLAIN_NAME.fullmatch(name) else '"' + name.replace('"', '""') + '"'


def begins_with(sql: str, words: Collection[str]) -> str | None:
    """The statement's first word in small letters if it is one of these."""
    first = next((token for token in tokens(sql) if token.kind not in BLANK), None)
    return first.text.lower() if first is not None and first.text.lower() in words else None


def _line_end(sql: str, at: int) -> int:
    """Where the line ends that this is in, its end included."""
    return (sql.find("\n", at) + 1) or len(sql)


def _insert(sql: str, at: int, token: Token, held: Sequence[Token]) -> Token | None:
    """The whole INSERT that begins with this token, as one; None where it must be looked into."""
    if token.text.lower() != "insert" or any(one.kind not in BLANK for one in held):
        return None
    found = INSERT.match(sql, at)
    return None if found is None else Token(Kind.SYMBOL, found[0], token.line)


def _copies(held: Sequence[Token]) -> bool:
    """Whether the statement reads data that follow it."""
    first = next((token.text.lower() for token in held if token.kind not in BLANK), "")
    return first == "copy" and bool(COPIES.fullmatch(normalise("".join(t.text for t in held))))


def _data_end(sql: str, begin: int, line: int) -> int:
    """Where the line begins that ends the data."""
    found = re.compile(r"^\\\.\r?$", re.MULTILINE).search(sql, begin)
    if found is None:
        raise UnendedError("the data of the COPY", line)
    return found.start()


def _comment_end(sql: str, at: int, line: int) -> int:
    """Where the comment ends that begins there; comments nest."""
    depth = 0
    for mark in re.compile(r"/\*|\*/").finditer(sql, at):
        depth += 1 if mark[0] == "/*" else -1
        if depth == 0:
            return mark.end()
    raise UnendedError("the comment", line)


def _may_hold_others(held: Sequence[Token]) -> bool:
    """Whether the statement so far creates a function."""
    first = [token.text.lower() for token in held[:16] if token.kind not in BLANK][:4]
    return BODY.match(" ".join(first)) is not None


def _piece(held: Sequence[Token]) -> list[Piece]:
    """The statement that these tokens make; none if they are blank."""
    first = next((n for n, token in enumerate(held) if token.kind not in BLANK), None)
    if first is None:
        return []
    return [
        Piece(
            sql="".join(token.text for token in held[first:]).rstrip(),
            line=held[first].line,
            comments=tuple(t.text for t in held[:first] if t.kind is Kind.COMMENT),
        )
    ]
