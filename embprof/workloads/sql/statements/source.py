"""Where statements come from: a set that comes with embprof, or a file of the user's."""

import contextlib
import functools
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from embprof.errors import RequestError
from embprof.workloads.sql.statements import (
    DATA,
    Operation,
    Query,
    lexer,
    setup_script,
    sql_file,
    yaml_file,
)
from embprof.workloads.sql.statements.lexer import Piece
from embprof.workloads.sql.statements.own_names import OwnNames
from embprof.workloads.sql.statements.setup_script import Script
from embprof.workloads.sql.statements.yaml_lines import WrongError

SUFFIXES = (".yaml", ".yml", ".sql")
COMMANDS = frozenset(
    {
        *("alter", "analyze", "begin", "call", "checkpoint", "cluster", "comment", "commit"),
        *("copy", "create", "delete", "do", "drop", "explain", "grant", "import", "insert"),
        *("load", "lock", "merge", "refresh", "reindex", "reset", "revoke", "rollback"),
        *("security", "select", "set", "start", "table", "truncate", "update", "vacuum", "values"),
        *("with"),
    }
)
"""First words of SQL: what begins with none of them, or ends as a file's name, is a path."""

NO_TEXT = {
    b"PGDMP": "is an archive of pg_dump; pg_restore --file=dump.sql makes SQL of it",
    b"\x1f\x8b": "is compressed; gunzip it first",
}
"""How files of SQL begin that are no text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """``statements`` is a set's name or a path, ``setup_sql`` SQL or the paths of SQL files.

    Paths are as from the folder that the command was started in.
    """

    statements: str
    setup_sql: str | Sequence[str] | None

    def operations(self) -> list[Operation]:
        """Every operation of the file, asking what ``setup_sql`` makes where it is made.

        Raises RequestError with all that is wrong with it.
        """
        file = self._file()
        with _as_request_error(f"workload.statements={self.statements}"):
            text = _text(file)
            if file.suffix.lower() == ".sql":
                found = sql_file.read(text, _name(file))
            else:
                found = yaml_file.read(text)
        own = self.setup().own
        return [_moved(one, own) for one in found]

    def setup(self) -> Script:
        """What ``setup_sql`` does, in order; raises RequestError with all that is wrong with it."""
        texts: list[tuple[str, str]] = []
        problems: list[str] = []
        for one in self._setup_given():
            key = _setup_key(one)
            try:
                with _as_request_error(key):
                    texts.append((key, _text(Path(one).expanduser()) if _is_path(one) else one))
            except RequestError as error:
                problems += error.problems
        made, wrong = _script(tuple(texts))
        if made is None or problems:
            raise RequestError([*problems, *wrong])
        return made

    def fingerprint(self) -> str:
        """Hex SHA-256 of the statements' file; with files that set up the schema, of all of them.

        Raises RequestError for a file that cannot be read; what is in it is not looked at.
        """
        hashes = [_sha256(f"workload.statements={self.statements}", self._file())]
        hashes += [
            _sha256(_setup_key(one), Path(one).expanduser())
            for one in self._setup_given()
            if _is_path(one)
        ]
        if len(hashes) == 1:
            return hashes[0]
        return hashlib.sha256(" ".join(hashes).encode()).hexdigest()

    def problems(self) -> list[str]:
        """All that is wrong with the files."""
        found: list[str] = []
        for read in (self.operations, self.setup):
            try:
                read()
            except RequestError as error:
                found += [one for one in error.problems if one not in found]
        return found

    def _setup_given(self) -> Sequence[str]:
        return [self.setup_sql] if isinstance(self.setup_sql, str) else self.setup_sql or ()

    def _file(self) -> Path:
        """The file; raises RequestError for what is none of ours and no path."""
        if self.statements in (known := sets()):
            return DATA / f"{self.statements}.yaml"
        file = Path(self.statements).expanduser()
        key = f"workload.statements={self.statements}"
        if not file.suffix and not file.exists():
            raise RequestError(
                [f"{key}: there is no such set; there are {', '.join(known)}, or a path"]
            )
        if file.suffix.lower() not in SUFFIXES:
            raise RequestError([f"{key}: must end in {', '.join(SUFFIXES)}"])
        return file


@functools.lru_cache(maxsize=2)
def _script(texts: tuple[tuple[str, str], ...]) -> tuple[Script | None, Sequence[str]]:
    """What texts do, each with its place, or all that is wrong with them.

    It is kept, for a job of a long dump asks for it several times.
    """
    found: list[tuple[str, Piece]] = []
    problems: list[str] = []
    for key, text in texts:
        try:
            with _as_request_error(key):
                found += [(key, piece) for piece in setup_script.read(text)]
        except RequestError as error:
            problems += error.problems
    if problems:
        return None, problems
    try:
        return setup_script.script(found), ()
    except RequestError as error:
        return None, error.problems


def sets() -> list[str]:
    """Names of the sets that come with embprof."""
    return sorted(file.stem for file in DATA.glob("*.yaml"))


@contextlib.contextmanager
def _as_request_error(key: str) -> Iterator[None]:
    """What is wrong with a file becomes problems of the request."""
    try:
        yield
    except WrongError as error:
        raise RequestError(
            [
                f"{key}: {what}" if line is None else f"{key}, line {line}: {what}"
                for line, what in error.problems
            ]
        ) from None


def _is_path(one: str) -> bool:
    """Whether a text of ``setup_sql`` names a file; else it is SQL."""
    text = one.strip()
    if "\n" in text or ";" in text or text.startswith("\\"):
        return False
    if text.lower().endswith(".sql"):
        return len(text.split()) == 1 or not _is_sql(text)
    return not _is_sql(text)


def _is_sql(text: str) -> bool:
    try:
        return lexer.begins_with(text, COMMANDS) is not None
    except lexer.UnendedError:
        return True


def _setup_key(one: str) -> str:
    """What a user is told of where in ``setup_sql`` something is."""
    return f"workload.setup_sql={one}" if _is_path(one) else "workload.setup_sql"


def _moved(operation: Operation, own: OwnNames) -> Operation:
    """The operation with the names that ``setup_sql`` makes found on the connection's path."""
    return replace(
        operation,
        statements=tuple(
            replace(one, sql=own.moved(one.sql, None)) for one in operation.statements
        ),
        parameters={
            key: replace(one, sql=own.moved(one.sql, None)) if isinstance(one, Query) else one
            for key, one in operation.parameters.items()
        },
    )


def _sha256(key: str, file: Path) -> str:
    with _as_request_error(key):
        return hashlib.sha256(_read(file)).hexdigest()


def _text(file: Path) -> str:
    content = _read(file)
    for beginning, what in NO_TEXT.items():
        if content.startswith(beginning):
            raise WrongError([(None, what)])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise WrongError([(None, f"cannot be read: {error}")]) from None


def _read(file: Path) -> bytes:
    if file.is_dir():
        raise WrongError([(None, "is a folder; give the path of a file in it")])
    if not file.is_file():
        raise WrongError([(None, f"there is no such file (looked in {Path.cwd()})")])
    try:
        return file.read_bytes()
    except OSError as error:
        raise WrongError([(None, f"cannot be read: {error}")]) from None


def _name(file: Path) -> str:
    """The name of a file as that of an operation."""
    name = re.sub(r"\W+", "_", file.stem)
    return name if not name[:1].isdigit() else f"_{name}"
