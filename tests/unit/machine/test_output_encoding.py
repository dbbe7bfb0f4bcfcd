"""What an encoding lacks is spelled, in every stream of ours and in every encoding there is."""

import io

import pytest

from embprof.machine import output_encoding
from embprof.machine.output_encoding import spelled


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "cp437", "koi8-r", "shift_jis"])
def test_nothing_fails_whatever_the_encoding(encoding: str) -> None:
    every = "".join(map(chr, range(0x20, 0x3000)))
    text = spelled(f"{every}\U0001f600\udcff", encoding)
    assert text.endswith("\\xff")


def test_what_there_is_stays_and_the_rest_is_spelled() -> None:
    text = "5 ± 1 – 2 × 3 → ✓ ⚠ ─ … ä"
    assert spelled(text, "ascii") == "5 +/- 1 - 2 x 3 -> ok ! - ... a"
    assert spelled(text, "latin-1") == "5 ± 1 - 2 × 3 -> ok ! - ... ä"
    assert spelled(text, "utf-8") == text


@pytest.mark.parametrize(
    ("errors", "shown"), [("strict", b"+/-"), ("surrogateescape", b"+/-"), ("ignore", b"")]
)
def test_streams_spell_unless_the_user_has_settled_it(
    errors: str, shown: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding="ascii", errors=errors, write_through=True)
    monkeypatch.setattr("sys.stdout", stream)
    output_encoding.settle()
    print("±", end="")  # noqa: T201  (what is tested)
    assert written.getvalue() == shown
