"""A comparison as JSON."""

import dataclasses
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from embprof.comparison.sets import Compared, compare
from embprof.model import Stored, StoredRuns
from embprof.report.export.json import SCHEMA, text
from embprof.tracking.races import add_race
from tests.unit.races import race_of

MakeCompared = Callable[..., Compared]


def read(compared: Compared) -> dict[str, Any]:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    content: dict[str, Any] = json.loads(text(compared), parse_constant=refuse)
    return content


def test_the_document_has_its_schema_both_sides_and_a_row_each(compared: MakeCompared) -> None:
    content = read(compared())
    assert content["schema"] == SCHEMA == "embprof/comparison/1"
    assert content["a"] == {"name": "main", "sessions": 6, "runs": 6}
    assert [row["verdict"] for row in content["rows"]] == [
        *("slower", "faster", "same", "unclear"),
        *("unclear", "incomparable"),
    ]
    assert content["geometric_mean"]["rows"] == 4
    assert content["fail_on_regression"] is None
    assert {"name": "python", "a": "3.11", "b": "3.12", "rows": 4} in (
        content["differences"]["environment"]
    )


def test_a_row_has_everything_that_the_table_shows(compared: MakeCompared) -> None:
    row = read(compared(bound=0.05))["rows"][0]
    assert row["axes"] == {"batch_size": "8"}
    assert row["a"] == {"run_id": "s5/0", "value": row["a"]["value"], "sessions": 6}
    assert row["b"] == {"run_id": "new/0", "value": 80.0}
    assert row["low"] < row["ratio"] < row["high"]
    assert (row["figure"], row["better"]) == ("throughput_texts_per_s", "higher")
    assert (row["verdict"], row["outcome"]) == ("slower", "beyond")
    assert row["basis"] == "the spread of 6 stored sessions"
    assert 0 <= row["p_value"] < 0.01 < row["smallest_detectable"]


def test_the_bound_and_what_came_of_it_are_there(compared: MakeCompared) -> None:
    assert read(compared(bound=0.05))["fail_on_regression"] == {"bound": 0.05, "exit_code": 3}


def test_what_is_not_finite_is_null(stored: Callable[..., Stored]) -> None:
    sides = [
        StoredRuns(name=name, sessions=((stored(math.inf, session=name, config={"x": math.nan}),),))
        for name in "ab"
    ]
    (row,) = read(compare(*sides))["rows"]
    assert (row["b"]["value"], row["ratio"]) == (None, None)


def test_names_that_are_no_unicode_are_written_all_the_same(stored: Callable[..., Stored]) -> None:
    sides = [StoredRuns(name=f"{name}\udcff", sessions=((stored(session=name),),)) for name in "ab"]
    assert text(compare(*sides)).encode("utf-8")


def test_races_of_a_side_are_there_with_standings_and_pairs(
    stored: Callable[..., Stored], tmp_path: Path
) -> None:
    runs = [
        dataclasses.replace(
            stored(100.0 + at, number=at, session="s1"), folder=tmp_path / "s1" / str(at)
        )
        for at in range(2)
    ]
    (tmp_path / "s1").mkdir()
    add_race(tmp_path / "s1", race_of({"s1/0": 1.2, "s1/1": 1.0}))
    a = StoredRuns(name="a", sessions=(tuple(runs),))
    content = read(compare(a, StoredRuns(name="b", sessions=((stored(session="s2"),),))))
    (race,) = content["a"]["races"]
    assert [one["rank"] for one in race["standings"]] == [2, 1]
    assert race["pairs"][0]["word"] == "faster"
    assert "races" not in content["b"]
