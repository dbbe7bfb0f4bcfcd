"""Made-up texts: exact, seeded, and never the same twice."""

import itertools
import math

import pytest

from embprof.corpora.lengths import Lengths
from embprof.corpora.synthetic import Synthetic


def sub_words(text: str) -> int:
    return 2 + sum(math.ceil(len(word) / 4) for word in text.split())


def texts(
    text_length: int | str, count: int, *, unit: str = "characters", seed: int = 0
) -> list[str]:
    corpus = Synthetic(unit="tokens" if unit == "tokens" else "characters")
    stream = corpus.stream(Lengths.parse(text_length), seed, sub_words)
    return list(itertools.islice(stream, count))


@pytest.mark.parametrize("length", [1, 2, 3, 10, 128, 1024])
def test_texts_have_exactly_the_characters_asked_for(length: int) -> None:
    assert {len(text) for text in texts(length, 50)} == {length}


@pytest.mark.parametrize("length", [3, 4, 10, 128, 512])
def test_texts_have_exactly_the_tokens_asked_for(length: int) -> None:
    assert {sub_words(text) for text in texts(length, 20, unit="tokens")} == {length}


def test_successive_draws_are_different_texts() -> None:
    drawn = texts(128, 500)
    assert len(set(drawn)) == 500


def test_the_same_seed_gives_the_same_texts_and_another_seed_others() -> None:
    assert texts(64, 20, seed=1) == texts(64, 20, seed=1)
    assert not set(texts(64, 20, seed=1)) & set(texts(64, 20, seed=2))


def test_texts_are_english_words() -> None:
    words = " ".join(texts(400, 5)).split()
    assert {"the", "of", "and"} & set(words)
    assert all(word.isalpha() for word in words)


def test_lognormal_texts_vary_in_length() -> None:
    assert len({len(text) for text in texts("lognormal:128:0.5", 50)}) > 20


@pytest.mark.parametrize("text_length", ["lognormal:3:1", "lognormal:10:1"])
def test_a_lognormal_length_never_draws_fewer_tokens_than_a_text_can_have(text_length: str) -> None:
    drawn = texts(text_length, 100, unit="tokens")
    assert min(sub_words(text) for text in drawn) >= 3


def test_synthetic_text_has_no_length_of_its_own() -> None:
    with pytest.raises(ValueError, match="no length of its own"):
        texts("own", 1)


def test_the_fingerprint_is_that_of_the_words_and_stays_the_same() -> None:
    assert Synthetic().fingerprint() == Synthetic(unit="tokens").fingerprint()
    assert len(Synthetic().fingerprint()) == 64
