"""The claims that are asked about, what is known of them, and in which order they come."""

import itertools
from collections import Counter

from embprof.corpora.builtin import Builtin
from embprof.workloads.pipeline.verification.claims import BUILT_IN, draw, endless
from embprof.workloads.pipeline.verification.verdict import Ruling


def test_every_built_in_claim_has_a_truth_and_the_passages_that_decide_it() -> None:
    claims = draw(BUILT_IN, seed=0)
    assert {claim.text for claim in claims} == set(Builtin(name="claims").texts())
    assert Counter(claim.truth for claim in claims).keys() == {Ruling.SUPPORTED, Ruling.REFUTED}
    passages = set(Builtin(name="evidence").texts())
    assert all(claim.decisive and claim.decisive <= passages for claim in claims)


def test_fewer_claims_are_the_first_of_more_and_the_seed_says_which() -> None:
    assert draw(20, seed=3) == draw(60, seed=3)[:20]
    assert draw(60, seed=3) != draw(60, seed=4)


def test_claims_come_in_turn_without_end() -> None:
    claims = draw(3, seed=0)
    assert list(itertools.islice(endless(claims, "turn", 0), 7)) == [*claims, *claims, claims[0]]


def test_some_claims_come_far_more_often_than_others_if_asked_so() -> None:
    claims = draw(60, seed=0)
    drawn = Counter(claim.text for claim in itertools.islice(endless(claims, "zipf", 1), 20_000))
    first, tenth = drawn[claims[0].text], drawn[claims[9].text]
    assert 10**0.7 < first / tenth < 10**0.9
