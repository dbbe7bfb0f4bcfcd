"""Rows of a table on disk: csv, tsv, jsonl or parquet, some of its columns as text.

No row is guessed at. One that is not what it seems (fields that the header has not, a number for a
text, half an emoji) is an error with its line: a benchmark of other texts than were meant is wrong
without a word.
"""

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from embprof.corpora import delimited
from embprof.corpora.text_files import has_half_a_character, lines, read

SUFFIXES = (".csv", ".tsv", ".jsonl", ".parquet")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A file and the columns that are wanted of it.

    ``place``: the key of the configuration that names the file and its columns (``corpus``).
    ``columns``: parameter of each column there and its name in the file; those of ``optional``
    parameters may be missing.
    """

    path: str
    place: str
    columns: Mapping[str, str]
    optional: frozenset[str] = frozenset()

    def file(self, suffixes: Iterable[str] = SUFFIXES) -> Path:
        """The file; raises ValueError when it is missing or its name ends in something else."""
        file = Path(self.path).expanduser()
        if not file.is_file():
            raise ValueError(f"{self._path}: there is no such file (looked in {Path.cwd()})")
        if file.suffix.lower() not in suffixes:
            raise ValueError(f"{self._path}: must end in {', '.join(suffixes)}")
        return file

    def rows(self) -> list[dict[str, str]]:
        """The rows in the order of the file, by parameter; what is missing or null is ``""``.

        Raises ValueError, naming file and line, when it is missing, cannot be read as what its name
        says, lacks a column, or has a row that is not what it seems.
        """
        file = self.file()
        readers = {".jsonl": self._jsonl, ".parquet": self._parquet}
        try:
            return list(readers.get(file.suffix.lower(), self._delimited)(file))
        except _NoColumnError:
            raise
        except (ValueError, OSError) as error:
            raise self.unreadable(error) from None

    def unreadable(self, why: object) -> ValueError:
        """The error of a file that is not what its name says."""
        return ValueError(f"{self._path}: cannot be read: {why}")

    @property
    def _path(self) -> str:
        return f"{self.place}.path={self.path}"

    def _delimited(self, file: Path) -> Iterator[dict[str, str]]:
        wanted = [name for key, name in self.columns.items() if key not in self.optional]
        names, rows = delimited.read(read(file), wanted)
        self._expect_columns(names)
        for row in rows:
            yield self._wanted(row.fields, f"line {row.line}")

    def _jsonl(self, file: Path) -> Iterator[dict[str, str]]:
        for number, line in enumerate(lines(file), start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise ValueError(f"line {number} is not JSON: {error.msg}") from None
            if not isinstance(row, dict):
                why = f"line {number} is {_kind(row)}, where a row is an object"
                raise ValueError(why)  # noqa: TRY004  (the file is wrong, not a caller)
            self._expect_columns(row, f" in line {number}")
            yield self._wanted(row, f"line {number}")

    def _parquet(self, file: Path) -> Iterator[dict[str, str]]:
        import pyarrow.parquet  # heavy, and needed for this kind of file alone

        present = pyarrow.parquet.read_schema(file).names
        self._expect_columns(present)
        names = [name for name in dict.fromkeys(self.columns.values()) if name in present]
        batches = pyarrow.parquet.ParquetFile(file).iter_batches(columns=names)
        rows = itertools.chain.from_iterable(batch.to_pylist() for batch in batches)
        for number, row in enumerate(rows, start=1):
            yield self._wanted(row, f"row {number}")

    def _wanted(self, row: Mapping[str, object], place: str) -> dict[str, str]:
        """The columns of a row by parameter; raises ValueError for one that is no text."""
        found = {}
        for parameter, name in self.columns.items():
            value = row.get(name)
            text = "" if value is None else value
            if not isinstance(text, str):
                why = f"{place}: {name} is {_kind(value)}, not a text: {value!r:.60}"
                raise ValueError(why)  # noqa: TRY004  (likewise)
            if has_half_a_character(text):
                raise ValueError(
                    f"{place}: {name} holds half a character, as a text that was cut within an "
                    f"emoji: {text!a:.60}"
                )
            found[parameter] = text
        return found

    def _expect_columns(self, names: Iterable[str], place: str = "") -> None:
        present = list(names)
        for parameter, name in self.columns.items():
            if name not in present and parameter not in self.optional:
                raise _NoColumnError(
                    f"{self.place}.{parameter}={name}: {self.path} has no such column{place}; it "
                    f"has {', '.join(map(str, present)) or 'none'}"
                )


class _NoColumnError(ValueError):
    """Names the key that is wrong, where other errors name the file."""


def _kind(value: object) -> str:
    kinds = {"NoneType": "null", "bool": "true or false", "int": "a number", "float": "a number"}
    kinds |= {"list": "a list", "dict": "an object", "str": "a text"}
    return kinds.get(type(value).__name__, f"a {type(value).__name__}")
