"""Texts of exact length, in characters and in tokens of simple tokenisers."""

import itertools
import math
from collections.abc import Callable, Iterator

import pytest

from embprof.corpora.fit import fit_characters, fit_tokens

PROSE = ["Rivers", "carry", "sediment,", "and", "extraordinarily", "old", "mountains", "erode", "."]

CountTokens = Callable[[str], int]


def sub_words(text: str) -> int:
    """A token for every four letters begun of each word, and two special ones."""
    return 2 + sum(math.ceil(len(word) / 4) for word in text.split())


def merging(text: str) -> int:
    """A token for every five characters begun, blanks included: words in a row merge."""
    return 2 + math.ceil(len(text) / 5)


def pairs(text: str) -> int:
    """Two tokens a word, whatever the word."""
    return 2 * len(text.split())


def endless() -> Iterator[str]:
    return itertools.cycle(PROSE)


@pytest.mark.parametrize("piece", ["one", "a b", "many words in a piece", "x" * 400])
def test_texts_of_1_to_300_characters_have_exactly_that_many(piece: str) -> None:
    lengths = [len(fit_characters(itertools.repeat(piece), length)) for length in range(1, 301)]
    assert lengths == list(range(1, 301))


def test_a_text_cut_after_a_word_does_not_end_in_a_blank() -> None:
    texts = [fit_characters(endless(), length) for length in range(1, 301)]
    assert [text for text in texts if text != text.strip()] == []


def test_pieces_are_joined_by_single_blanks_in_their_order() -> None:
    assert fit_characters(endless(), 23) == "Rivers carry sediment, "[:22] + "s"
    assert fit_characters(endless(), 26) == "Rivers carry sediment, and"


@pytest.mark.parametrize("count_tokens", [sub_words, merging])
def test_texts_of_3_to_300_tokens_have_exactly_that_many(count_tokens: CountTokens) -> None:
    counted = [
        count_tokens(fit_tokens(endless(), length, count_tokens)) for length in range(3, 301)
    ]
    assert counted == list(range(3, 301))


def test_a_word_of_too_many_tokens_gives_way_to_fillers() -> None:
    text = fit_tokens(itertools.repeat("extraordinarily"), 4, sub_words)
    assert text == "a a"


@pytest.mark.parametrize("length", [0, 1, 2])
def test_no_more_tokens_than_the_special_ones_is_an_error(length: int) -> None:
    with pytest.raises(ValueError, match=r"more than the 2 tokens \(special"):
        fit_tokens(endless(), length, sub_words)


def test_a_tokeniser_without_a_filler_of_one_token_is_an_error_where_one_is_needed() -> None:
    assert pairs(fit_tokens(endless(), 8, pairs)) == 8
    with pytest.raises(ValueError, match="no filler of a single token"):
        fit_tokens(endless(), 7, pairs)
