"""What pyinstrument noted, by function."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from embprof.measurements.profile import measurement
from embprof.measurements.profile.place import place
from embprof.measurements.profile.profilers.functions import as_json, as_text
from embprof.measurements.profile.profilers.pyinstrument import Pyinstrument
from embprof.testing import Divides
from embprof.testing.contention import __file__ as contention

STEM = "watch\x00/x/other.py\x001"


def seen(*stacks: tuple[float, list[str]]) -> Pyinstrument:
    """A profiler that noted these stacks, below one frame that every stack has."""
    made = Pyinstrument(0.001)
    records = [([STEM, *stack], seconds) for seconds, stack in stacks]
    session: Any = SimpleNamespace(start_call_stack=[STEM], frame_records=records)
    made._profiler._last_session = session
    return made


def frame(name: str, line: int = 1, file: str = "/lib/a.py", owner: str = "") -> str:
    return f"{name}\x00{file}\x00{line}\x01l{line}" + (f"\x01c{owner}" if owner else "")


def times(made: Pyinstrument) -> dict[str, tuple[float, float]]:
    return {r.function: (r.self_seconds, r.cumulative_seconds) for r in made.functions().rows}


def test_a_function_has_the_samples_where_it_is_on_top_and_those_below_it() -> None:
    made = seen((1.0, [frame("outer"), frame("inner", 9)]), (0.5, [frame("outer")]))
    assert times(made) == {"outer": (0.5, 1.5), "inner": (1.0, 1.0)}
    assert made.functions().samples == 2
    assert made.functions().seconds == 1.5


def test_a_function_that_calls_itself_is_not_counted_twice() -> None:
    made = seen((1.0, [frame("outer"), frame("outer")]))
    assert times(made) == {"outer": (1.0, 1.0)}


def test_a_method_has_its_class_unless_several_share_it() -> None:
    made = seen(
        (1.0, [frame("forward", 1, owner="Linear")]),
        (1.0, [frame("call", 5, owner="A")]),
        (1.0, [frame("call", 5, owner="B")]),
    )
    assert set(times(made)) == {"Linear.forward", "call"}


def test_a_function_in_c_is_named_and_with_it_its_caller() -> None:
    made = seen((1.0, [frame("forward", 130), frame("linear", 0, "<built-in>")]))
    (row,) = [row for row in made.functions().rows if row.function == "linear"]
    assert (row.file, row.line, row.called_from) == ("~", None, "/lib/a.py:130")


def test_a_function_has_the_lines_of_its_own_time_and_one_in_c_the_line_that_calls_it() -> None:
    def at(line: int) -> str:
        return f"search\x00/lib/a.py\x0010\x01l{line}"

    made = seen(
        (1.0, [at(12)]),
        (3.0, [at(15)]),
        (1.0, [at(12)]),
        (9.0, [at(11), frame("sum", 0, "<built-in>")]),
    )
    search, built_in = sorted(made.functions().rows, key=lambda row: row.function)
    assert dict(search.lines) == {12: 2.0, 15: 3.0}
    assert (built_in.called_from, built_in.lines) == ("/lib/a.py:11", ())
    rows = as_json(made.functions(), 1)
    assert [one["line"] for one in rows[1]["lines"]] == [15, 12]
    assert [place(row) for row in rows] == ["in /lib/a.py:11", "/lib/a.py:15"]
    assert "search  /lib/a.py:15\n" in as_text(rows, "")


def test_names_inside_torch_that_say_nothing_are_left_out() -> None:
    made = seen((1.0, [frame("_VariableFunctionsClass.layer_norm", 0, "<built-in>")]))
    assert set(times(made)) == {"layer_norm"}


def test_the_frames_of_the_profiling_itself_are_no_news() -> None:
    made = seen((1.0, [frame("call", file=measurement.__file__), frame("step")]))
    assert set(times(made)) == {"step"}


def test_a_stack_with_nothing_but_the_profiling_is_left_out() -> None:
    assert seen((1.0, [frame("call", file=measurement.__file__)])).functions().samples == 0


def test_nothing_watched_leaves_nothing(tmp_path: Path) -> None:
    made = Pyinstrument(0.001)
    assert made.functions().rows == ()
    assert made.write(tmp_path) == ()


@pytest.fixture(scope="module")
def watched() -> Pyinstrument:
    work = Divides(units=200_000)
    made = Pyinstrument(0.001)
    assert made.watch(lambda: float(work.step()), 6) == [1.0] * 6
    return made


def test_what_really_ran_is_seen(watched: Pyinstrument) -> None:
    by_name = {row.function: row for row in watched.functions().rows}
    assert by_name["major_part"].self_seconds > 0
    assert contention.endswith(by_name["major_part"].file)


def test_the_files_are_a_page_and_a_speedscope_document(
    watched: Pyinstrument, tmp_path: Path
) -> None:
    html, speedscope = watched.write(tmp_path)
    assert "major_part" in html.read_text()
    document = json.loads(speedscope.read_text())
    assert document["$schema"] == "https://www.speedscope.app/file-format-schema.json"


def test_what_is_forgotten_is_gone() -> None:
    made = seen((1.0, [frame("outer")]))
    made.forget()
    assert made.functions().rows == ()
