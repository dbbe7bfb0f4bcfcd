"""Files as text: UTF-8, or whatever the mark at their beginning says that they are."""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

MARKS = (  # the longer first: that of UTF-32 begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)
"""Byte order marks, which spreadsheets and editors put before a text, and what follows them."""
LINE_END = re.compile(r"\r\n|\n|\r")
"""Other characters that end a line in print are text here."""
LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")
"""A line with its end, which the last may lack."""


def read(file: Path) -> str:
    """The content of a file; raises OSError, and ValueError with the line that is no such text."""
    content = file.read_bytes()
    encoding = next((name for mark, name in MARKS if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        name = encoding.removesuffix("-sig").upper()
        raise ValueError(f"line {line} is not {name} ({error.reason}); save it as UTF-8") from None


def lines(file: Path) -> list[str]:
    """The lines of a file without their ends; raises as :func:`read` does."""
    found = LINE_END.split(read(file))
    return found[:-1] if found[-1] == "" else found


def with_ends(text: str) -> Iterator[str]:
    """The lines of a text with their ends, one after the other: the text may be large."""
    return (line[0] for line in LINE.finditer(text))


def has_half_a_character(text: str) -> bool:
    """Whether one of the two halves of an emoji stands alone, as where a text was cut in it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
