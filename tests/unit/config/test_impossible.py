"""Which refused rows of a sweep are combinations that nothing can be, and which are mistakes."""

from embprof.config.impossible import combinations, mistakes

ROWS = [
    ("backend=torch", "dtype=float32"),
    ("backend=torch", "dtype=bfloat16"),
    ("backend=onnx", "dtype=float32"),
    ("backend=onnx", "dtype=bfloat16"),
]
NO_SUCH = "onnx has no bfloat16"


def test_a_refused_row_whose_values_other_rows_have_is_an_impossible_combination() -> None:
    refused = {0: [], 1: [], 2: [], 3: [NO_SUCH, "and no more"]}
    assert combinations(ROWS, refused) == {3: f"{NO_SUCH}; and no more"}
    assert mistakes(refused, [3]) == []


def test_a_value_that_no_row_can_have_is_a_mistake_and_said_once() -> None:
    refused = {0: [], 1: ["torch has none"], 2: [], 3: [NO_SUCH]}
    assert combinations(ROWS, refused) == {}
    assert mistakes(refused, []) == ["torch has none", NO_SUCH]
    assert mistakes({0: ["wrong"], 1: ["wrong"]}, []) == ["wrong"]


def test_where_every_row_is_refused_nothing_is_skipped() -> None:
    assert combinations(ROWS[:1], {0: ["wrong"]}) == {}


def test_a_mistake_beside_an_impossible_combination_is_told_alone() -> None:
    rows = [*ROWS, ("backend=onnx", "dtype=floaty"), ("backend=torch", "dtype=floaty")]
    refused = {0: [], 1: [], 2: [], 3: [NO_SUCH], 4: ["floaty?"], 5: ["floaty?"]}
    skipped = combinations(rows, refused)
    assert list(skipped) == [3]
    assert mistakes(refused, skipped) == ["floaty?"]
