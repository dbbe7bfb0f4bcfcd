"""The user's own texts: a line each (txt), or one column of csv, jsonl or parquet."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from embprof.corpora import CountTokens, Unit, passages
from embprof.corpora.lengths import Lengths

ENCODING = "utf-8-sig"
"""UTF-8, with or without the mark that spreadsheets put before it."""
SUFFIXES = (".txt", ".csv", ".jsonl", ".parquet")


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """Texts of a file; blank ones are left out."""

    path: str
    column: str = "text"
    unit: Unit = "characters"

    def texts(self) -> list[str]:
        """The texts in the order of the file.

        Raises ValueError, naming the file, when it is missing, cannot be read as what its name
        says, lacks the column or holds no text.
        """
        file = Path(self.path).expanduser()
        if not file.is_file():
            raise ValueError(
                f"corpus.path={self.path}: there is no such file (looked in {Path.cwd()})"
            )
        readers = {
            ".txt": _lines,
            ".csv": self._csv,
            ".jsonl": self._jsonl,
            ".parquet": self._parquet,
        }
        suffix = file.suffix.lower()
        if suffix not in readers:
            raise ValueError(f"corpus.path={self.path}: must end in {', '.join(SUFFIXES)}")
        try:
            texts = [text for text in readers[suffix](file) if text.strip()]
        except (UnicodeDecodeError, csv.Error, OSError) as error:
            raise ValueError(f"corpus.path={self.path}: cannot be read: {error}") from None
        if not texts:
            raise ValueError(f"corpus.path={self.path}: holds no text")
        return texts

    def fingerprint(self) -> str:
        """Hex SHA-256 of the texts; raises as :meth:`texts` does."""
        return passages.fingerprint(self.texts())

    def stream(self, lengths: Lengths, seed: int, count_tokens: CountTokens) -> Iterator[str]:
        """The texts in random order without end."""
        return passages.stream(self.texts(), self.unit, lengths, seed, count_tokens)

    def _csv(self, file: Path) -> list[str]:
        with file.open(newline="", encoding=ENCODING) as lines:
            rows = csv.DictReader(lines)
            self._expect_column(rows.fieldnames or ())
            return [_text(row[self.column]) for row in rows]

    def _jsonl(self, file: Path) -> list[str]:
        texts = []
        for number, line in enumerate(_lines(file), start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise ValueError(
                    f"corpus.path={self.path}: cannot be read: line {number} is not JSON: "
                    f"{error.msg}"
                ) from None
            self._expect_column(row if isinstance(row, dict) else ())
            texts.append(_text(row[self.column]))
        return texts

    def _parquet(self, file: Path) -> list[str]:
        import pyarrow.parquet  # heavy, and needed for this kind of file alone

        try:
            schema = pyarrow.parquet.read_schema(file)
        except pyarrow.ArrowInvalid as error:
            raise ValueError(f"corpus.path={self.path}: cannot be read: {error}") from None
        self._expect_column(schema.names)
        column = pyarrow.parquet.read_table(file, columns=[self.column])[self.column]
        return [_text(value) for value in column.to_pylist()]

    def _expect_column(self, names: Iterable[str]) -> None:
        present = list(names)
        if self.column not in present:
            listed = ", ".join(map(str, present)) or "none"
            raise ValueError(
                f"corpus.column={self.column}: {self.path} has no such column; it has {listed}"
            )


def _lines(file: Path) -> list[str]:
    """Lines as their newlines say; other characters that end a line in print are text here."""
    return file.read_text(encoding=ENCODING).split("\n")


def _text(value: object) -> str:
    return "" if value is None else str(value)
