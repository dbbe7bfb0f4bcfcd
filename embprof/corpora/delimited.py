"""Rows of a csv file, whatever separates their fields; none is guessed at.

A row with another number of fields than the header is an error: as often as not it is a text with a
comma in it that nobody put in quotes, of which a reader that guesses would keep the beginning.
"""

import csv
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from embprof.corpora.text_files import with_ends

SEPARATORS = (",", ";", "\t", "|")
NAMES = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}
HINT = "sep="
"""Begins a first line that tells a spreadsheet the separator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row and the line that it begins at, the header's being 1."""

    line: int
    fields: Mapping[str, str]


def read(text: str, wanted: Collection[str]) -> tuple[list[str], Iterator[Row]]:
    """The names of the columns, and the rows that come as they are read.

    The separator is the first that gives the header all ``wanted`` columns, or else most columns.
    Raises ValueError, here or when a row is read, for what is not a table; the line is named.
    """
    separators: Collection[str] = SEPARATORS
    is_hinted = text.startswith(HINT)
    if is_hinted:
        first, _, text = text.partition("\n")
        separators = [first.removeprefix(HINT).rstrip("\r")[:1] or "\t"]
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    headers = {one: _header(text, one) for one in separators}
    separator = max(headers, key=lambda one: (set(wanted) <= set(headers[one]), len(headers[one])))
    names = headers[separator]
    repeated = [name for name in names if name in wanted and names.count(name) > 1]
    if repeated:
        raise ValueError(f"the header has the column {repeated[0]} more than once")
    return names, _rows(text, separator, names, skipped=int(is_hinted))


def _header(text: str, separator: str) -> list[str]:
    records = csv.reader(with_ends(text), delimiter=separator)
    return [name.strip() for name in next(records, [])]


def _rows(text: str, separator: str, names: list[str], *, skipped: int) -> Iterator[Row]:
    records = csv.reader(with_ends(text), delimiter=separator, strict=True)
    line = 1
    try:
        for fields in records:
            if line > 1 and fields:
                _check(fields, names, line + skipped, separator)
                yield Row(line=line + skipped, fields=dict(zip(names, fields, strict=True)))
            line = records.line_num + 1
    except csv.Error as error:
        raise ValueError(
            f"line {line + skipped}: {error}; a quote that opens a field closes it too, and one "
            'within it is written twice ("")'
        ) from None


def _check(fields: list[str], names: list[str], line: int, separator: str) -> None:
    if len(fields) != len(names):
        count = "1 field" if len(fields) == 1 else f"{len(fields)} fields"
        raise ValueError(
            f"line {line} has {count}, the header has {len(names)} ({', '.join(names)}); a text "
            f'with {NAMES.get(separator, "the separator")} in it stands in quotes: "…"'
        )
