"""Votes of passages make a verdict."""

import math
import random

import pytest

from embprof.errors import EmbprofError
from embprof.workloads.pipeline.verification.verdict import (
    Ruling,
    balance,
    rule,
    vote,
    voting_columns,
)

COLUMNS = (1, 0)
FOR, AGAINST, NEITHER = (-9.0, 9.0, -9.0), (9.0, -9.0, -9.0), (-9.0, -9.0, 9.0)


def votes(*logits: tuple[float, ...]) -> list[float]:
    return [vote(one, COLUMNS) for one in logits]


def test_labels_are_found_in_whatever_order_and_words_the_model_has_them() -> None:
    assert voting_columns(("contradiction", "entailment", "neutral")) == (1, 0)
    assert voting_columns(("SUPPORTS", "REFUTES", "NOT ENOUGH INFO")) == (0, 1)


@pytest.mark.parametrize("labels", [("LABEL_0", "LABEL_1", "LABEL_2"), ("supports", "neutral")])
def test_labels_that_say_nothing_are_an_error_that_names_them(labels: tuple[str, ...]) -> None:
    with pytest.raises(EmbprofError, match=labels[0]):
        voting_columns(labels)


def test_a_vote_is_the_difference_of_two_probabilities() -> None:
    assert vote((math.log(1), math.log(6), math.log(3)), COLUMNS) == pytest.approx(0.5)
    assert vote((1e4, 0.0, 0.0), COLUMNS) == pytest.approx(-1.0)  # no overflow


def test_one_clear_passage_decides_and_neutral_ones_do_not_outvote_it() -> None:
    assert rule(votes(FOR, NEITHER, NEITHER, NEITHER), 0.5) is Ruling.SUPPORTED
    assert rule(votes(NEITHER, AGAINST, NEITHER), 0.5) is Ruling.REFUTED


def test_without_a_clear_balance_nothing_is_decided() -> None:
    assert rule([], 0.5) is Ruling.UNDECIDED
    assert rule(votes(NEITHER, NEITHER), 0.5) is Ruling.UNDECIDED
    assert rule(votes(FOR, AGAINST), 0.5) is Ruling.UNDECIDED  # 1 - 0.63 of a vote


def test_nearer_passages_weigh_more() -> None:
    assert balance([1.0, -1.0]) > 0 > balance([-1.0, 1.0])


def test_turning_every_vote_round_turns_the_verdict_round() -> None:
    chance = random.Random(0)
    turned = {
        Ruling.SUPPORTED: Ruling.REFUTED,
        Ruling.REFUTED: Ruling.SUPPORTED,
        Ruling.UNDECIDED: Ruling.UNDECIDED,
    }
    for _ in range(200):
        drawn = [chance.uniform(-1, 1) for _ in range(5)]
        assert rule([-one for one in drawn], 0.5) is turned[rule(drawn, 0.5)]
