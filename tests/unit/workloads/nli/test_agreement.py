"""Logits against those of a reference: what agrees, by how much, and where labels changed."""

from collections.abc import Sequence

import numpy as np
import pytest

from embprof.corpora.pairs import Pair
from embprof.workloads.nli import agreement
from embprof.workloads.nli.agreement import Lacks, Predictions

LABELS = ("refutes", "supports", "neutral")
TRUTH = ("refutes", "supports", "supports", None)
REFERENCE = ((3.0, 0.0, 0.0), (0.0, 2.0, 1.9), (0.0, 0.0, 5.0), (0.0, 1.0, 0.5))
OWN = ((3.0, 0.0, 0.0), (0.0, 1.9, 2.05), (0.1, 0.0, 5.0), (0.0, 1.0, 0.5))
"""The second pair changed from supports to neutral: its margin was 0.1."""


def predictions(
    own: Sequence[Sequence[float]] = OWN,
    *,
    lacks: Lacks = Lacks.NOTHING,
    labels: tuple[str, ...] = LABELS,
    uncut: Sequence[Sequence[float]] | None = None,
) -> Predictions:
    return Predictions(
        pairs=[Pair(claim="c", evidence="e" * 400, label=label) for label in TRUTH],
        labels=labels,
        own=np.array(own, dtype=np.float32),
        reference=np.array(REFERENCE, dtype=np.float32),
        cut=np.array([True, False, False, False]),
        uncut=None if uncut is None else np.array(uncut, dtype=np.float32),
        lacks=lacks,
    )


def values(found: Predictions) -> dict[str, tuple[float, ...]]:
    return {one.name: one.values for one in agreement.samples(found)}


def test_each_pair_agrees_or_does_not() -> None:
    assert values(predictions())["agreement"] == (100, 0, 100, 100)


def test_logits_differ_by_the_largest_of_a_pair() -> None:
    assert values(predictions())["max_logit_difference"] == pytest.approx((0, 0.15, 0.1, 0))


def test_a_margin_within_the_largest_difference_is_a_near_tie() -> None:
    found = values(predictions())
    assert found["near_ties"] == (0, 100, 0, 0)
    assert found["reference_margin"] == pytest.approx((3, 0.1, 5, 0.5))


def test_what_is_equal_to_the_last_bit_has_no_near_ties() -> None:
    found = predictions(REFERENCE)
    assert not found.near_ties.any()
    assert set(values(found)["agreement"]) == {100.0}


def test_accuracy_is_of_labelled_pairs_alone_and_stands_beside_the_reference_s() -> None:
    found = values(predictions())
    assert found["accuracy"] == (100, 0, 0)
    assert found["reference_accuracy"] == (100, 100, 0)


@pytest.mark.parametrize("lacks", [one for one in Lacks if one is not Lacks.NOTHING])
def test_there_is_no_accuracy_where_something_lacks(lacks: Lacks) -> None:
    found = values(predictions(lacks=lacks))
    assert found["accuracy"] == ()
    assert "reference_accuracy" not in found
    assert found["accuracy_lacks"] == (float(lacks),)


def test_labels_are_numbered_alike_whatever_order_the_model_has_them_in() -> None:
    assert values(predictions())["reference_label"] == (1, 0, 2, 0)
    turned = predictions(labels=("supports", "neutral", "refutes"))
    assert values(turned)["reference_label"] == (0, 2, 1, 2)
    unknown = predictions(labels=("LABEL_0", "LABEL_1", "LABEL_2"), lacks=Lacks.NAMES)
    assert set(values(unknown)["reference_label"]) == {agreement.UNKNOWN}


def test_what_a_cut_changes_is_read_where_there_is_one() -> None:
    assert "uncut_agreement" not in values(predictions())
    whole = ((0.0, 3.0, 0.0), *REFERENCE[1:])
    assert values(predictions(uncut=whole))["uncut_agreement"] == (0, 100, 100, 100)


def test_the_most_important_quantity_is_the_first() -> None:
    assert agreement.samples(predictions())[0].name == "agreement"


def test_the_document_tells_agreement_by_label_and_by_margin() -> None:
    document = agreement.document(predictions())
    assert (document["pairs"], document["agreed"], document["near_ties"]) == (4, 3, 1)
    assert document["changed_near_ties"] == 1
    by_label = {row["label"]: (row["agreed"], row["pairs"]) for row in document["by_label"]}
    assert by_label == {"refutes": (1, 1), "supports": (1, 2), "neutral": (1, 1)}
    assert [row["agreed"] for row in document["by_margin"]] == [0, 1, 1, 1]
    ends = [(row["margin_from"], row["margin_to"]) for row in document["by_margin"]]
    assert ends == sorted(ends)


def test_the_document_lists_what_changed_in_short() -> None:
    (changed,) = agreement.document(predictions())["changed"]
    assert (changed["reference"], changed["predicted"]) == ("supports", "neutral")
    assert changed["margin"] == pytest.approx(0.1)
    assert len(changed["evidence"]) == agreement.EXCERPT


def test_fewer_pairs_than_bands_are_bands_of_one() -> None:
    few = Predictions(
        pairs=[Pair(claim="c", evidence="e")],
        labels=LABELS,
        own=np.zeros((1, 3), dtype=np.float32),
        reference=np.zeros((1, 3), dtype=np.float32),
        cut=np.array([False]),
        uncut=None,
        lacks=Lacks.LABELS,
    )
    assert len(agreement.document(few)["by_margin"]) == 1
