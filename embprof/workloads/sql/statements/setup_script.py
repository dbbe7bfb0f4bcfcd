"""What ``setup_sql`` says, as steps that make one schema: by hand, or a dump as pg_dump writes it.

A script may say more than what is in a schema. What only says who may do what, what things are
called in comments, where names are looked for or when a transaction ends is passed over: all is
made by one user, in one schema, in one transaction. What belongs to the whole database or server,
and psql's own commands, cannot be done there, and is told.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from embprof.errors import RequestError
from embprof.workloads.sql.statements import lexer
from embprof.workloads.sql.statements.lexer import OPENING, Piece
from embprof.workloads.sql.statements.own_names import KINDS, NAME, OwnNames, own_names, plain
from embprof.workloads.sql.statements.yaml_lines import Problem, WrongError

SETTINGS = (
    *("search_path", "schema", "role", "session authorization", "client_min_messages"),
    *("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"),
    *("transaction_timeout", "client_encoding", "names", "row_security", "xmloption"),
    *("default_tablespace", "default_table_access_method", "default_with_oids"),
    "default_transaction_read_only",
)
"""What pg_dump sets, and what would lead elsewhere than into our schema."""
OWNED = (
    rf"alter (?:foreign |materialized )?(?:{'|'.join(KINDS)}|routine|large object)"
    rf" (?:if exists )?(?:only )?(?:{NAME} \. )?(?:{NAME}|\?)(?: \*)?(?: \( .*?\))?"
    rf"(?: using {NAME})? (?:owner to|set schema) {NAME}"
)
"""A normalised statement that says whose something is, or in which schema, and nothing else."""
PASSED_OVER = re.compile(
    rf"set (?:session |local )?(?:{'|'.join(SETTINGS)})\b(?! \.).*|reset (?:role|session)\b.*"
    r"|(?:grant|revoke|comment on|security label|alter default privileges)\b.*"
    r"|(?:create|alter|drop) (?:database|role|user|group|schema|publication|subscription)"
    rf"(?! mapping)\b.*|(?:drop extension|vacuum)\b.*|{OWNED}"
    r"|begin(?: .*)?|start transaction\b.*|(?:commit|end)(?: work| transaction)?"
)
SEARCH_PATH = re.compile(
    r"select\s+(?:pg_catalog\.)?set_config\s*\(\s*'search_path'", re.IGNORECASE
)
ELSEWHERE = re.compile(
    r"(?:(?:create|alter|drop) (?:event trigger|server|foreign data wrapper|user mapping|cast"
    r"|tablespace|access method|operator(?! class| family)|conversion|transform"
    r"|(?:or replace |trusted |procedural )*language)|alter (?:system|extension))\b"
)
EXTENSION = re.compile(rf"create extension (?:if not exists )?{NAME}")
CONCURRENTLY = re.compile(r"\bconcurrently\s+", re.IGNORECASE)
BUILDS = re.compile(
    r"(?:create (?:unique )?index|drop index|refresh materialized view"
    r"|reindex (?:\( .*? \) )?\w+) concurrently\b"
)
ENCODING = re.compile(r"set\s+client_encoding\s*(?:=|to)\s*'?([\w-]+)'?", re.IGNORECASE)
BRACKETS = frozenset({"\\restrict", "\\unrestrict"})
"""Between them psql takes no other commands of its own; pg_dump writes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A statement, its data if it copies some, and where it stands, as a user is told."""

    place: str
    sql: str
    data: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """All that makes a schema: extensions that are there first, with their places, then steps."""

    extensions: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...]
    own: OwnNames

    def content(self) -> list[object]:
        """What decides what is made."""
        copies = [[one.sql, one.data] if one.data is not None else one.sql for one in self.steps]
        return [*copies, *(name for name, _ in self.extensions)]


def read(text: str) -> list[Piece]:
    """The statements of one file or text that make something; raises WrongError."""
    try:
        pieces = lexer.split(text)
    except lexer.UnendedError as error:
        raise WrongError([(error.line, str(error))]) from None
    kept: list[Piece] = []
    problems: list[Problem] = []
    for piece in pieces:
        if piece.is_insert:
            kept.append(piece)
            continue
        beginning = "" if piece.is_psql else _beginning(piece.sql)
        if (what := _problem(piece, beginning, kept)) is not None:
            problems.append((piece.line, what))
        elif not piece.is_psql and not _is_passed_over(piece.sql, beginning):
            kept.append(piece)
    if problems:
        raise WrongError(problems)
    return kept


def script(given: Iterable[tuple[str, Piece]]) -> Script:
    """The steps of statements that :func:`read` returned, each with the file it stands in.

    Raises RequestError for what cannot be made in one schema.
    """
    pieces = [(f"{file}, line {piece.line}", piece) for file, piece in given]
    own, clashes = own_names(pieces)
    if clashes:
        raise RequestError(clashes)
    extensions: dict[str, str] = {}
    steps: list[Step] = []
    for place, piece in pieces:
        text = "" if piece.is_insert else lexer.normalise(piece.sql, first=OPENING)
        if (extension := EXTENSION.match(text)) is not None:
            extensions.setdefault(plain(extension[1]), place)
            continue
        sql = CONCURRENTLY.sub("", piece.sql, 1) if BUILDS.match(text) else piece.sql
        steps.append(Step(place=place, sql=sql, data=piece.data))
    return Script(extensions=tuple(extensions.items()), steps=tuple(steps), own=own)


def _beginning(sql: str) -> str:
    """The statement normalised; all of it where its end decides."""
    opening = lexer.normalise(sql, first=OPENING)
    return lexer.normalise(sql) if opening.startswith("alter ") else opening


def _problem(piece: Piece, text: str, kept: list[Piece]) -> str | None:
    """Why a statement cannot be done in a schema of ours; None if it can."""
    command = piece.sql.split()[0].upper()
    encoding = ENCODING.match(piece.sql)
    what = None
    if piece.is_psql:
        what = _psql_problem(command.lower(), kept)
    elif encoding is not None and encoding[1].upper() not in ("UTF8", "UTF-8", "UNICODE"):
        what = f"the file is in {encoding[1]}: dump it with pg_dump --encoding=UTF8"
    elif text.startswith("create schema ") and " create " in text:
        what = "CREATE SCHEMA with what is in it: create that by statements of its own"
    elif (elsewhere := ELSEWHERE.match(text)) is not None:
        what = f"{elsewhere[0].upper()} makes nothing in a schema; leave it out"
    elif lexer.controls_transaction(piece.sql) and not PASSED_OVER.fullmatch(text):
        what = f"{command}: all is one transaction already; leave it out"
    return what


def _psql_problem(command: str, kept: list[Piece]) -> str | None:
    is_first = all(lexer.begins_with(one.sql, ("set",)) for one in kept)
    if command in BRACKETS or (command in ("\\c", "\\connect") and is_first):
        return None
    return f"{command} is a command of psql{PSQL.get(command, '; leave it out')}"


PSQL = {
    **dict.fromkeys(
        ("\\c", "\\connect"),
        ", and a second database begins here: dump one of them, with pg_dump",
    ),
    **dict.fromkeys(
        ("\\i", "\\ir", "\\include", "\\include_relative"),
        ": name that file too, workload.setup_sql=[FIRST,SECOND]",
    ),
    "\\copy": ": write COPY … FROM stdin; and the rows after it, as pg_dump does",
}
"""What to do instead of some commands."""


def _is_passed_over(sql: str, text: str) -> bool:
    return bool(PASSED_OVER.fullmatch(text) or SEARCH_PATH.match(sql))
