"""Which stages and functions grew from one profile to another."""

import json
from pathlib import Path
from typing import Any

import pytest

from embprof.measurements.profile.differences import Profiles, compare_profiles


def function(name: str, ms: float, line: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "function": name,
        "file": "a.py",
        "line": line,
        "self_ms": ms,
        "self_percent": ms,
        "self_percent_error": 0.1,
        **more,
    }


def folder(
    path: Path, *rows: dict[str, Any], stages: dict[str, float] | None = None, **more: Any
) -> Path:
    """A run folder of a 100 ms call."""
    path.mkdir()
    content = {"profiler": "pyinstrument", "call_ms": 100.0, "functions": rows, **more}
    (path / "functions.json").write_text(json.dumps(content))
    if stages is not None:
        table = [{"stage": name, "ms": ms, "percent": ms} for name, ms in stages.items()]
        (path / "stages.json").write_text(json.dumps({"stages": table}))
    return path


def compared(a: Path, b: Path) -> Profiles:
    found = compare_profiles(a, b)
    assert found is not None
    return found


def test_what_grew_most_comes_first_and_what_fell_most_last(tmp_path: Path) -> None:
    a = folder(tmp_path / "a", *(function(name, 20.0) for name in ("up", "more", "down", "same")))
    times = {"up": 25.0, "more": 40.0, "down": 5.0, "same": 20.5}
    b = folder(tmp_path / "b", *(function(name, ms) for name, ms in times.items()))
    assert [change.name for change in compared(a, b).functions] == ["more", "up", "down"]


def test_a_function_that_came_or_went_counts_from_zero(tmp_path: Path) -> None:
    a = folder(tmp_path / "a", function("old", 30.0))
    b = folder(tmp_path / "b", function("new", 10.0))
    new, old = compared(a, b).functions
    assert (new.name, new.a_ms, new.ms) == ("new", 0.0, 10.0)
    assert (old.name, old.b_ms, old.ms) == ("old", 0.0, -30.0)


def test_a_function_is_the_same_wherever_its_line_moved(tmp_path: Path) -> None:
    a = folder(tmp_path / "a", function("f", 20.0, line=10))
    b = folder(tmp_path / "b", function("f", 30.0, line=14))
    (change,) = compared(a, b).functions
    assert (change.ms, change.place) == (10.0, "a.py:14")


def test_namesakes_in_a_file_are_told_apart_by_their_order(tmp_path: Path) -> None:
    a = folder(tmp_path / "a", function("forward", 20.0, 10), function("forward", 30.0, 90))
    b = folder(tmp_path / "b", function("forward", 20.0, 12), function("forward", 45.0, 95))
    (change,) = compared(a, b).functions
    assert (change.a_ms, change.b_ms) == (30.0, 45.0)


def test_namesakes_that_became_more_are_seen_together(tmp_path: Path) -> None:
    a = folder(tmp_path / "a", function("forward", 20.0, 10))
    b = folder(tmp_path / "b", function("forward", 20.0, 10), function("forward", 9.0, 50))
    (change,) = compared(a, b).functions
    assert (change.a_ms, change.b_ms) == (20.0, 29.0)


def test_what_sampling_may_have_made_is_not_told(tmp_path: Path) -> None:
    a = folder(tmp_path / "a", function("f", 20.0, self_percent_error=3.0))
    b = folder(tmp_path / "b", function("f", 28.0, self_percent_error=3.0))
    assert compared(a, b).functions == ()


def test_stages_that_grew_are_named_with_their_shares(tmp_path: Path) -> None:
    a = folder(tmp_path / "a", stages={"tokenize": 10.0, "forward": 80.0})
    b = folder(tmp_path / "b", stages={"tokenize": 25.0, "forward": 80.5})
    (change,) = compared(a, b).stages
    assert (change.name, change.ms, change.a_percent) == ("tokenize", 15.0, 10.0)


def test_different_profilers_are_not_compared_by_function(tmp_path: Path) -> None:
    a = folder(tmp_path / "a", function("f", 20.0), stages={"forward": 50.0})
    b = folder(tmp_path / "b", function("f", 90.0), stages={"forward": 90.0}, profiler="cprofile")
    found = compared(a, b)
    assert found.functions == ()
    assert found.reason == "A is of pyinstrument, B of cprofile: they see different things"
    assert found.stages


def test_runs_without_a_profile_have_nothing_to_compare(tmp_path: Path) -> None:
    assert compare_profiles(folder(tmp_path / "a"), tmp_path) is None


@pytest.mark.parametrize("name", ["functions.json", "stages.json"])
def test_stages_are_left_out_where_one_side_has_none(tmp_path: Path, name: str) -> None:
    a = folder(tmp_path / "a", stages={"forward": 50.0})
    b = folder(tmp_path / "b", stages={"forward": 90.0})
    (b / name).unlink()
    found = compare_profiles(a, b)
    assert found is None or found.stages == ()
