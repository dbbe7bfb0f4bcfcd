"""Output never fails for what its encoding cannot show: it is spelled with what it can.

A container without a locale, ``LANG=C``, ``PYTHONIOENCODING=latin-1`` in a CI's settings: Python's
streams then raise at the first ± or …, in the middle of a measurement.
"""

import codecs
import contextlib
import io
import sys
import unicodedata

NAME = "embprof.spelled"
"""The error handler of :mod:`codecs` that spells."""
SPELLED = {
    "±": "+/-",
    "…": "...",
    "\N{EN DASH}": "-",
    "\N{EM DASH}": "-",
    "\N{MINUS SIGN}": "-",
    "\N{MULTIPLICATION SIGN}": "x",
    "→": "->",
    "←": "<-",
    "≤": "<=",
    "≥": ">=",
    "≈": "~",
    "·": "*",
    "•": "*",
    "✓": "ok",
    "✗": "no",
    "⚠": "!",
    "√": "sqrt ",
    "µ": "u",
    "\N{GREEK SMALL LETTER MU}": "u",
    "─": "-",
    "━": "-",
    "│": "|",
    "\N{LEFT SINGLE QUOTATION MARK}": "'",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{LEFT DOUBLE QUOTATION MARK}": '"',
    "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
}
UNSETTLED = {"stdout": {"strict", "surrogateescape"}, "stderr": {"backslashreplace"}}
"""What streams do by themselves; ``PYTHONIOENCODING=ascii:ignore`` is the user's own choice."""


def settle() -> None:
    """Makes standard output and error spell what they cannot show; safe to call again."""
    for name, unsettled in UNSETTLED.items():
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper) and stream.errors in unsettled:
            with contextlib.suppress(OSError):  # its file was exchanged for one that cannot seek
                stream.reconfigure(errors=NAME)


def spelled(text: str, encoding: str) -> str:
    """The text as it will stand in output of that encoding."""
    return text.encode(encoding, NAME).decode(encoding)


def _spell(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    unknown = error.object[error.start : error.end]
    return "".join(map(_character, unknown)), error.end


def _character(one: str) -> str:
    """In ASCII; a byte of a path that is no text in hexadecimal."""
    if one in SPELLED:
        return SPELLED[one]
    if "\udc80" <= one <= "\udcff":
        return f"\\x{ord(one) - 0xDC00:02x}"
    return unicodedata.normalize("NFKD", one).encode("ascii", "ignore").decode() or "?"


codecs.register_error(NAME, _spell)
