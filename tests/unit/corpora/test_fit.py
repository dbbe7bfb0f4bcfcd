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


def characters(text: str) -> int:
    """A token for each character but blanks, as Chinese has them, and two special ones."""
    return 2 + len("".join(text.split()))


def bytes_of(text: str) -> int:
    """A token for each byte, as of an alphabet that a tokeniser never saw; blanks go with them."""
    return 1 + len("".join(text.split()).encode())


def test_a_word_that_would_leave_nothing_but_fillers_is_cut() -> None:
    assert fit_tokens(itertools.repeat("extraordinarily"), 4, sub_words) == "extraord"


def test_up_to_three_tokens_are_filled_rather_than_a_word_cut() -> None:
    pieces = ["old", "extraordinarily"]
    assert fit_tokens(iter(pieces), 5, sub_words) == "old a a"
    assert fit_tokens(iter(pieces), 2 + 1 + 3, sub_words) == "old a a a"


SCRIPTS = [
    "这座城市的地铁系统" * 20,
    "図書館は平日の午前九時" * 20,
    "รถไฟฟ้าใต้ดินของเมืองนี้" * 20,
    "🚋🚌🚍" * 60,
]


@pytest.mark.parametrize("count_tokens", [characters, bytes_of, sub_words])
@pytest.mark.parametrize("text", SCRIPTS)
def test_a_script_without_blanks_is_cut_between_characters(
    text: str, count_tokens: CountTokens
) -> None:
    for length in range(8, 60):
        fitted = fit_tokens(itertools.repeat(text), length, count_tokens)
        assert count_tokens(fitted) == length
        own, *fillers = fitted.split()
        assert own == text[: len(own)]
        assert len(fillers) <= 3


def test_words_that_merge_are_followed_by_more_words_not_by_fillers() -> None:
    def merges(text: str) -> int:
        return 2 + math.ceil(len(text.split()) / 2)

    fitted = fit_tokens(endless(), 50, merges).split()
    assert merges(" ".join(fitted)) == 50
    assert sum(word in ("a", "the") for word in fitted) <= 3


@pytest.mark.parametrize("length", [0, 1, 2])
def test_no_more_tokens_than_the_special_ones_is_an_error(length: int) -> None:
    with pytest.raises(ValueError, match=r"more than the 2 tokens \(special"):
        fit_tokens(endless(), length, sub_words)


def test_a_tokeniser_without_a_filler_of_one_token_is_an_error_where_one_is_needed() -> None:
    assert pairs(fit_tokens(endless(), 8, pairs)) == 8
    with pytest.raises(ValueError, match="no filler of a single token"):
        fit_tokens(endless(), 7, pairs)
