"""Items of the user's own."""

import itertools
from pathlib import Path
from typing import Any

import pytest

from embprof.workloads.callable.functions.inputs import Inputs


def inputs(values: list[Any] | None = None, path: Path | str | None = None) -> Inputs:
    return Inputs(values=values, path=None if path is None else str(path))


def test_a_file_has_a_json_value_a_line(tmp_path: Path) -> None:
    file = tmp_path / "requests.jsonl"
    file.write_text('"a text"\n\n{"query": "x", "limit": 3}\n[1, 2]\n17\n')
    assert inputs(path=file).read() == ["a text", {"query": "x", "limit": 3}, [1, 2], 17]


def test_every_item_comes_once_each_time_round_and_in_another_order() -> None:
    stream = inputs([*range(20)]).stream(seed=1)
    rounds = [list(itertools.islice(stream, 20)) for _ in range(3)]
    assert [sorted(one) for one in rounds] == [[*range(20)]] * 3
    assert rounds[0] != rounds[1]
    again = inputs([*range(20)]).stream(seed=1)
    assert list(itertools.islice(again, 20)) == rounds[0]


def test_an_item_that_was_changed_by_who_got_it_comes_unchanged_again() -> None:
    stream = inputs([{"words": ["a"]}]).stream(seed=0)
    next(stream)["words"].append("b")
    assert next(stream) == {"words": ["a"]}


def test_the_fingerprint_is_that_of_the_items_wherever_they_come_from(tmp_path: Path) -> None:
    file = tmp_path / "requests.jsonl"
    file.write_text('{"a": 1, "b": 2}\n"x"')
    same = inputs([{"b": 2, "a": 1}, "x"])
    assert inputs(path=file).fingerprint() == same.fingerprint()
    assert inputs(["x", {"b": 2, "a": 1}]).fingerprint() != same.fingerprint()
    assert inputs().fingerprint() != same.fingerprint()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "there is no such file (looked in "),
        ("", "holds no items"),
        ('"a"\nb\n', "line 2 is not JSON: "),
        (b"\xff\xfe", "cannot be read: "),
    ],
)
def test_a_file_of_no_use_is_named_with_what_is_wrong(
    tmp_path: Path, content: str | bytes | None, said: str
) -> None:
    file = tmp_path / "requests.jsonl"
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ValueError, match="workload") as caught:
        inputs(path=file).fingerprint()
    assert str(caught.value).startswith(f"workload.inputs.path={file}")
    assert said in str(caught.value)


def test_an_empty_list_is_no_input() -> None:
    with pytest.raises(ValueError, match="holds no items"):
        inputs([]).fingerprint()
    assert not inputs().are_given
    assert inputs([0]).are_given


def test_a_list_and_a_file_at_once_are_refused() -> None:
    node = {"values": [1], "path": "requests.jsonl"}
    assert list(Inputs.refusals({"workload": node})) == [
        "workload.inputs: give values or path, not both"
    ]
    assert list(Inputs.refusals({"workload": {**node, "path": None}})) == []
