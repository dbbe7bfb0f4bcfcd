"""How changes between two profiles are said."""

import json

import pytest

from embprof.measurements.profile.differences import Change, Profiles
from embprof.measurements.profile.table import ProfileDifference


def change(name: str, a_ms: float, b_ms: float, place: str = "a.py:1") -> Change:
    return Change(
        name=name, place=place, a_ms=a_ms, b_ms=b_ms, a_percent=a_ms / 2, b_percent=b_ms / 2
    )


@pytest.fixture
def found() -> Profiles:
    return Profiles(
        profiler="pyinstrument",
        a_ms=200.0,
        b_ms=260.0,
        stages=(change("tokenize", 10.0, 50.0, place=""),),
        functions=(
            change("slow_down", 0.0, 40.0),
            change("f" * 80, 10.0, 4.0, place="package/" * 10 + "b.py:7"),
        ),
    )


def test_the_lines_name_what_grew_within_a_hundred_columns(found: Profiles) -> None:
    said = ProfileDifference(profiles=found).lines("batch_size=8")
    assert "profile of batch_size=8, pyinstrument" in said[0]
    assert max(map(len, said[1:])) <= 100
    (line,) = [line for line in said if "slow_down" in line]
    assert line.split()[:4] == ["slow_down", "0", "40.0", "+40.0"]
    assert line.endswith("a.py:1")
    assert any(line.endswith("b.py:7") and "…" in line for line in said)


def test_nothing_that_changed_is_said_too() -> None:
    same = Profiles(profiler="torch", a_ms=1.0, b_ms=1.0, stages=(), functions=())
    assert sum("no " in line for line in ProfileDifference(profiles=same).lines("")) == 2


def test_why_functions_are_not_compared_is_said() -> None:
    apart = Profiles(
        profiler="torch", a_ms=1.0, b_ms=1.0, stages=(), functions=(), reason="they differ"
    )
    said = "\n".join(ProfileDifference(profiles=apart).lines(""))
    assert "they differ" in said
    assert "no function" not in said


def test_only_the_largest_changes_are_named() -> None:
    many = tuple(change(f"f{n}", 1.0, 100.0 - n) for n in range(30))
    found = Profiles(profiler="torch", a_ms=1.0, b_ms=1.0, stages=(), functions=many)
    text = "\n".join(ProfileDifference(profiles=found).lines(""))
    assert "f9 " in text
    assert "f10 " not in text


def test_markdown_and_json_have_the_same(found: Profiles) -> None:
    said = ProfileDifference(profiles=found)
    assert "| `slow_down` a.py:1 | 0 | 40.0 | +40.0 | 0.0 → 20.0 % |" in said.markdown("")
    content = json.loads(json.dumps(said.as_json()))
    assert content["functions"][0]["change_ms"] == 40.0
    assert content["stages"][0]["name"] == "tokenize"
