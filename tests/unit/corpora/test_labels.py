"""Labels are known by the names that people and models give them, and by no others."""

import pytest

from embprof.corpora.labels import LABELS, SYNONYMS, all_three, normalise


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("supports", "supports"),
        ("ENTAILMENT", "supports"),
        ("Contradiction", "refutes"),
        ("NOT_ENOUGH_INFO", "neutral"),
        (" not-enough  info ", "neutral"),
    ],
)
def test_a_label_is_known_however_it_is_written(name: str, label: str) -> None:
    assert normalise(name) == label


@pytest.mark.parametrize("name", ["", "LABEL_0", "0", "positive", "not_entailment"])
def test_other_names_are_no_labels(name: str) -> None:
    assert normalise(name) is None


def test_every_synonym_is_of_one_of_the_three() -> None:
    assert set(SYNONYMS.values()) == set(LABELS)
    assert not set(SYNONYMS) & set(LABELS)


def test_three_names_keep_their_order() -> None:
    assert all_three(["contradiction", "entailment", "neutral"]) == (
        "refutes",
        "supports",
        "neutral",
    )


@pytest.mark.parametrize(
    "names",
    [
        [],
        ["entailment", "neutral"],
        ["entailment", "entailment", "neutral"],
        ["entailment", "contradiction", "LABEL_2"],
        ["entailment", "contradiction", "neutral", "other"],
        ["entailment", "supports", "contradiction", "neutral"],
    ],
)
def test_names_that_are_not_one_of_each_are_none(names: list[str]) -> None:
    assert all_three(names) is None
