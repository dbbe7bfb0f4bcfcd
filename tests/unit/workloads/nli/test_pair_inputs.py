"""What a cross-encoder is given: which text first, which is cut, and what cannot be cut."""

import itertools
from typing import Any, cast

import pytest

from embprof.corpora.pairs import Pair, Pairs
from embprof.errors import RequestError
from embprof.workloads.nli.pair_inputs import Format, Loses, PairInputs

PAIR = Pair(claim="the claim", evidence="the evidence")


class Words:
    """A tokenizer of words, with three special tokens a pair."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.asked = 0

    def fewest_tokens(self, kept: str, _cut: str) -> int:
        self.asked += 1
        return len(kept.split()) + 3 + 1


def inputs(format_: Format = "evidence_first", truncate: Loses = "longest_first") -> PairInputs:
    return PairInputs(corpus=Pairs(), format=format_, truncate=truncate, evidence_length=None)


def encoder(limit: int) -> Any:
    return cast("Any", Words(limit))


def test_the_text_that_stands_first_is_the_first() -> None:
    assert inputs("evidence_first").in_order(PAIR) == ("the evidence", "the claim")
    assert inputs("claim_first").in_order(PAIR) == ("the claim", "the evidence")


@pytest.mark.parametrize(
    ("format_", "truncate", "place"),
    [
        ("evidence_first", "longest_first", "longest_first"),
        ("evidence_first", "evidence", "first"),
        ("evidence_first", "claim", "second"),
        ("claim_first", "evidence", "second"),
        ("claim_first", "claim", "first"),
    ],
)
def test_the_text_that_is_cut_is_known_by_its_place(
    format_: Format, truncate: Loses, place: str
) -> None:
    assert inputs(format_, truncate).cut == place


def test_pairs_with_room_for_what_is_cut_come_as_they_are() -> None:
    stream = inputs(truncate="evidence").stream(encoder(limit=512), seed=0)
    expected = itertools.islice(Pairs().stream(None, 0), 50)
    assert list(itertools.islice(stream, 50)) == list(expected)


@pytest.mark.parametrize(("truncate", "whole"), [("evidence", "claim"), ("claim", "evidence")])
def test_a_text_that_is_too_long_by_itself_is_told_with_what_to_do(
    truncate: Loses, whole: str
) -> None:
    stream = inputs(truncate=truncate).stream(encoder(limit=8), seed=0)
    with pytest.raises(RequestError, match=rf"with the {whole} of a pair whole .* limit is 8"):
        list(itertools.islice(stream, 420))


def test_where_the_longest_is_cut_nothing_has_to_be_counted() -> None:
    words = encoder(limit=4)
    list(itertools.islice(inputs().stream(words, seed=0), 420))
    assert words.asked == 0
