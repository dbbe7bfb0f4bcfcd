"""Calls counted."""

import pstats
from pathlib import Path

from embprof.measurements.profile.profilers.cprofile import Cprofile
from embprof.testing import Divides


def test_every_call_is_counted_and_the_file_is_read_by_pstats(tmp_path: Path) -> None:
    work = Divides(units=100)
    made = Cprofile(0.001)
    made.watch(lambda: float(work.step()), 3)
    by_name = {row.function: row for row in made.functions().rows}
    assert by_name["minor_part"].calls == 3
    assert by_name["step"].cumulative_seconds >= by_name["major_part"].cumulative_seconds
    assert "watch" not in by_name
    assert made.functions().seconds > 0
    (file,) = made.write(tmp_path)
    assert pstats.Stats(str(file)).total_calls >= 9  # type: ignore[attr-defined]


def test_what_is_forgotten_is_gone() -> None:
    made = Cprofile(0.001)
    made.watch(lambda: float(Divides(units=1).step()), 1)
    made.forget()
    assert made.functions().rows == ()
