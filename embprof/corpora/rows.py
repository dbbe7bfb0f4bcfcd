"""Rows of a table on disk: csv, jsonl or parquet, some of its columns as text."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ENCODING = "utf-8-sig"
"""UTF-8, with or without the mark that spreadsheets put before it."""
SUFFIXES = (".csv", ".jsonl", ".parquet")


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

        Raises ValueError, naming the file, when it is missing, cannot be read as what its name
        says, or lacks a column.
        """
        file = self.file()
        readers = {".csv": self._csv, ".jsonl": self._jsonl, ".parquet": self._parquet}
        try:
            return list(readers[file.suffix.lower()](file))
        except (UnicodeDecodeError, csv.Error, OSError) as error:
            raise self.unreadable(error) from None

    def unreadable(self, why: object) -> ValueError:
        """The error of a file that is not what its name says."""
        return ValueError(f"{self._path}: cannot be read: {why}")

    @property
    def _path(self) -> str:
        return f"{self.place}.path={self.path}"

    def _csv(self, file: Path) -> Iterator[dict[str, str]]:
        with file.open(newline="", encoding=ENCODING) as content:
            rows = csv.DictReader(content)
            self._expect_columns(rows.fieldnames or ())
            yield from map(self._wanted, rows)

    def _jsonl(self, file: Path) -> Iterator[dict[str, str]]:
        for number, line in enumerate(lines(file), start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise self.unreadable(f"line {number} is not JSON: {error.msg}") from None
            self._expect_columns(row if isinstance(row, dict) else ())
            yield self._wanted(row)

    def _parquet(self, file: Path) -> Iterator[dict[str, str]]:
        import pyarrow.parquet  # heavy, and needed for this kind of file alone

        try:
            present = pyarrow.parquet.read_schema(file).names
        except pyarrow.ArrowInvalid as error:
            raise self.unreadable(error) from None
        self._expect_columns(present)
        names = [name for name in dict.fromkeys(self.columns.values()) if name in present]
        for batch in pyarrow.parquet.ParquetFile(file).iter_batches(columns=names):
            yield from map(self._wanted, batch.to_pylist())

    def _wanted(self, row: Mapping[str, object]) -> dict[str, str]:
        found = {parameter: row.get(name) for parameter, name in self.columns.items()}
        return {key: "" if value is None else str(value) for key, value in found.items()}

    def _expect_columns(self, names: Iterable[str]) -> None:
        present = list(names)
        for parameter, name in self.columns.items():
            if name not in present and parameter not in self.optional:
                raise ValueError(
                    f"{self.place}.{parameter}={name}: {self.path} has no such column; it has "
                    f"{', '.join(map(str, present)) or 'none'}"
                )


def lines(file: Path) -> list[str]:
    """Lines as their newlines say; other characters that end a line in print are text here."""
    return file.read_text(encoding=ENCODING).split("\n")
