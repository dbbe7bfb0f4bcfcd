"""Parts that others provide are found by their key, however deep they stand."""

from embprof.interface import nested

MODEL = {"name": "a", "architecture": {"model": {"name": "no part of its own"}}}
WORKLOAD = {
    "_target_": "x.Whole",
    "model": MODEL,
    "nli": {"_target_": "x.Part", "model": {"name": "b"}, "size": 1},
    "arguments": {"model": {"name": "the user's own"}},
}


def test_every_part_of_a_name_is_found_with_its_place() -> None:
    assert list(nested.find(WORKLOAD, "model")) == [
        (("model",), MODEL),
        (("nli", "model"), {"name": "b"}),
    ]
    assert [nested.prefix(place) for place, _ in nested.find(WORKLOAD, "model")] == ["", "nli_"]


def test_a_copy_has_other_parts_and_the_same_rest() -> None:
    made = nested.replaced(WORKLOAD, "model", lambda model: {"name": model["name"].upper()})
    assert made["model"] == {"name": "A"}
    assert made["nli"] == {"_target_": "x.Part", "model": {"name": "B"}, "size": 1}
    assert made["arguments"] == WORKLOAD["arguments"]
    assert WORKLOAD["model"] is MODEL


def test_plug_ins_inside_a_plug_in_are_found_whatever_their_key() -> None:
    assert [place for place, _ in nested.plugins(WORKLOAD)] == [("nli",)]
