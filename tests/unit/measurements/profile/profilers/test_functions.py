"""Functions by their time: shares, their error, the table and the file."""

import sys
from pathlib import Path
from typing import Any

import pytest

from embprof.measurements.profile.profilers import functions
from embprof.measurements.profile.profilers.functions import (
    Functions,
    FunctionTime,
    as_json,
    as_text,
    short,
)


def row(name: str, own: float, total: float | None = None, **more: Any) -> FunctionTime:
    return FunctionTime(
        function=name,
        file="a.py",
        line=3,
        self_seconds=own,
        cumulative_seconds=own if total is None else total,
        **more,
    )


def test_rows_are_of_one_call_with_most_time_of_their_own_first() -> None:
    found = Functions(seconds=2.0, rows=(row("outer", 0.5, 2.0), row("inner", 1.5)))
    rows = as_json(found, calls=10)
    assert [one["function"] for one in rows] == ["inner", "outer"]
    assert rows[0]["self_ms"] == pytest.approx(150.0)
    assert rows[1]["self_percent"] == pytest.approx(25.0)
    assert rows[1]["cumulative_percent"] == pytest.approx(100.0)
    assert "calls" not in rows[0]


def test_a_sampled_share_has_its_binomial_error() -> None:
    found = Functions(seconds=1.0, rows=(row("one", 0.2, samples=20),), samples=100)
    (only,) = as_json(found, calls=1)
    assert only["self_percent_error"] == pytest.approx(4.0)  # sqrt(0.2 * 0.8 / 100)


def test_counts_and_memory_are_of_one_call_too() -> None:
    counted = row("one", 1.0, calls=30, allocated_bytes=20_000_000, device_seconds=0.5)
    (only,) = as_json(Functions(seconds=1.0, rows=(counted,)), calls=10)
    assert only["calls"] == 3.0
    assert only["allocated_mb"] == 2.0
    assert only["device_ms"] == pytest.approx(50.0)


def test_what_took_next_to_nothing_is_left_out() -> None:
    found = Functions(seconds=1.0, rows=(row("large", 0.9999), row("tiny", 0.0001)))
    assert [one["function"] for one in as_json(found, calls=1)] == ["large"]


def test_nothing_seen_is_an_empty_file() -> None:
    assert as_json(Functions(seconds=0.0, rows=()), calls=0) == []


def test_the_table_names_twenty_functions_with_their_places() -> None:
    rows = as_json(
        Functions(seconds=30.0, rows=tuple(row(f"function_{n}", 1.0) for n in range(30))), calls=1
    )
    said = as_text(rows, "title").splitlines()
    assert said[0] == "title"
    assert len(said) == 3 + functions.TOP
    assert said[3].endswith("function_0  a.py:3")


def test_the_table_says_where_a_function_in_c_is_called() -> None:
    built_in = row("linear", 1.0, called_from="torch/nn/modules/linear.py:134")
    rows = as_json(Functions(seconds=1.0, rows=(built_in,)), calls=1)
    assert "linear  in torch/nn/modules/linear.py:134" in as_text(rows, "title")


def test_a_file_is_named_as_its_module_is_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path), str(tmp_path / "lib")])
    short.cache_clear()
    assert short(str(tmp_path.resolve() / "lib" / "package" / "module.py")) == "package/module.py"
    assert short("/elsewhere/module.py") == "/elsewhere/module.py"
    assert short("<string>") == "<string>"
    short.cache_clear()
