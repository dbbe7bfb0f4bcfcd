"""The built-in corpus: the claims and the evidence that the workloads draw their texts from."""

import json
import statistics
from collections import Counter
from importlib.resources import files

import pytest

LABELS = ("supports", "refutes", "neutral")

Row = dict[str, str]


def read_rows(name: str) -> list[Row]:
    data = files("embprof").joinpath("corpora").joinpath("data").joinpath(name)
    rows: list[Row] = []
    for line in data.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        assert isinstance(row, dict)
        assert all(isinstance(value, str) for value in row.values())
        rows.append(row)
    return rows


@pytest.fixture(scope="module")
def claims() -> list[Row]:
    return read_rows("claims.jsonl")


@pytest.fixture(scope="module")
def evidence() -> list[Row]:
    return read_rows("evidence.jsonl")


def labels_by_claim(evidence: list[Row]) -> dict[str, list[str]]:
    labels: dict[str, list[str]] = {}
    for row in evidence:
        labels.setdefault(row["claim_id"], []).append(row["label"])
    return labels


def test_every_claim_has_exactly_the_documented_fields(claims: list[Row]) -> None:
    assert {tuple(row) for row in claims} == {("id", "topic", "text")}


def test_every_passage_has_exactly_the_documented_fields(evidence: list[Row]) -> None:
    assert {tuple(row) for row in evidence} == {("id", "claim_id", "label", "text")}


def test_claims_are_numbered_in_order_without_repeats(claims: list[Row]) -> None:
    assert [row["id"] for row in claims] == [f"c{n:03d}" for n in range(1, len(claims) + 1)]


def test_passages_are_numbered_in_order_without_repeats(evidence: list[Row]) -> None:
    assert [row["id"] for row in evidence] == [f"e{n:04d}" for n in range(1, len(evidence) + 1)]


def test_there_are_at_least_66_claims_on_at_least_16_topics(claims: list[Row]) -> None:
    assert len(claims) >= 66
    assert len({row["topic"] for row in claims}) >= 16


def test_there_are_at_least_264_passages(evidence: list[Row]) -> None:
    assert len(evidence) >= 264


def test_a_claim_is_six_to_thirty_words_long(claims: list[Row]) -> None:
    outside = [row["id"] for row in claims if not 6 <= len(row["text"].split()) <= 30]
    assert outside == []


def test_every_passage_belongs_to_a_claim_that_exists(
    claims: list[Row], evidence: list[Row]
) -> None:
    assert {row["claim_id"] for row in evidence} <= {row["id"] for row in claims}


def test_every_claim_has_at_least_three_passages_and_four_on_average(
    claims: list[Row], evidence: list[Row]
) -> None:
    per_claim = Counter(row["claim_id"] for row in evidence)
    assert [row["id"] for row in claims if per_claim[row["id"]] < 3] == []
    assert len(evidence) >= 4 * len(claims)


def test_every_label_is_one_of_three(evidence: list[Row]) -> None:
    assert {row["label"] for row in evidence} == set(LABELS)


@pytest.mark.parametrize("label", LABELS)
def test_every_label_occurs_at_least_60_times(label: str, evidence: list[Row]) -> None:
    assert sum(row["label"] == label for row in evidence) >= 60


def test_every_claim_has_a_neutral_passage_and_one_that_decides(
    claims: list[Row], evidence: list[Row]
) -> None:
    labels = labels_by_claim(evidence)
    undecided = [
        row["id"] for row in claims if not {"supports", "refutes"} & set(labels[row["id"]])
    ]
    without_neutral = [row["id"] for row in claims if "neutral" not in labels[row["id"]]]
    assert (undecided, without_neutral) == ([], [])


def test_no_claim_is_both_supported_and_refuted(evidence: list[Row]) -> None:
    both = {"supports", "refutes"}
    assert [
        claim for claim, labels in labels_by_claim(evidence).items() if both <= set(labels)
    ] == []


def test_there_are_true_claims_and_false_claims(evidence: list[Row]) -> None:
    labels = labels_by_claim(evidence).values()
    assert sum("supports" in found for found in labels) >= 20
    assert sum("refutes" in found for found in labels) >= 20


def test_no_text_occurs_twice(claims: list[Row], evidence: list[Row]) -> None:
    counted = Counter(row["text"].casefold() for row in claims + evidence)
    assert [text for text, count in counted.items() if count > 1] == []


def test_no_text_has_stray_blanks(claims: list[Row], evidence: list[Row]) -> None:
    untidy = [
        row["id"] for row in claims + evidence if row["text"] != " ".join(row["text"].split())
    ]
    assert untidy == []


def test_every_text_ends_as_a_sentence(claims: list[Row], evidence: list[Row]) -> None:
    assert [row["id"] for row in claims + evidence if not row["text"].endswith(".")] == []


def test_passages_run_from_a_short_sentence_to_a_long_paragraph(evidence: list[Row]) -> None:
    lengths = [len(row["text"]) for row in evidence]
    assert 30 <= min(lengths) <= 45
    assert 600 <= max(lengths) <= 900


def test_the_median_passage_is_near_180_characters(evidence: list[Row]) -> None:
    assert 160 <= statistics.median(len(row["text"]) for row in evidence) <= 200


def test_at_least_25_passages_are_longer_than_400_characters(evidence: list[Row]) -> None:
    assert sum(len(row["text"]) > 400 for row in evidence) >= 25


def test_some_texts_hold_letters_outside_ascii(claims: list[Row], evidence: list[Row]) -> None:
    accented = [row["id"] for row in claims + evidence if not row["text"].isascii()]
    assert 5 <= len(accented) <= (len(claims) + len(evidence)) // 10
