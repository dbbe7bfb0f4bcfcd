"""Where statements come from: a set that comes with embprof, or a file of the user's."""

import contextlib
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from embprof.errors import RequestError
from embprof.workloads.sql.statements import DATA, Operation, sql_file, yaml_file
from embprof.workloads.sql.statements.yaml_lines import WrongError

SUFFIXES = (".yaml", ".yml", ".sql")
PATH = re.compile(r"\S+\.sql", re.IGNORECASE)
"""What is the path of a file where SQL could stand too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """``statements`` is a set's name or a path, ``setup_sql`` SQL or the paths of SQL files."""

    statements: str
    setup_sql: str | Sequence[str] | None

    def operations(self) -> list[Operation]:
        """Every operation of the file; raises RequestError with all that is wrong with it."""
        file = self._file()
        with _as_request_error(f"workload.statements={self.statements}"):
            text = _text(file)
            if file.suffix.lower() == ".sql":
                return sql_file.read(text, _name(file))
            return yaml_file.read(text)

    def setup(self) -> list[str]:
        """The statements of ``setup_sql`` in order; raises RequestError."""
        found: list[str] = []
        for one in self._setup_given():
            with _as_request_error(f"workload.setup_sql={one}"):
                text = _text(Path(one).expanduser()) if _is_path(one) else one
                found += [piece.sql for piece in sql_file.split(text)]
        return found

    def fingerprint(self) -> str:
        """Hex SHA-256 of the statements' file; with files that set up the schema, of all of them.

        Raises RequestError for a file that cannot be read; what is in it is not looked at.
        """
        hashes = [_sha256(f"workload.statements={self.statements}", self._file())]
        hashes += [
            _sha256(f"workload.setup_sql={one}", Path(one).expanduser())
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
                found += error.problems
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
    return PATH.fullmatch(one.strip()) is not None


def _sha256(key: str, file: Path) -> str:
    with _as_request_error(key):
        return hashlib.sha256(_read(file)).hexdigest()


def _text(file: Path) -> str:
    try:
        return _read(file).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise WrongError([(None, f"cannot be read: {error}")]) from None


def _read(file: Path) -> bytes:
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
