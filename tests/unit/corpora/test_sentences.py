"""Texts made of the built-in sentences, and the questions that are asked of them."""

import itertools

from embprof.corpora import CountTokens
from embprof.corpora.builtin import Builtin
from embprof.corpora.lengths import Lengths
from embprof.corpora.questions import PHRASINGS, Questions
from embprof.corpora.sentences import SHORT, Sentences, held_out, sentences

INDEPENDENT = 205
NO_TOKENS: CountTokens = len


def test_there_are_texts_for_fifty_thousand_vectors_and_none_twice() -> None:
    texts = Sentences().texts()
    assert len(texts) > 50_000
    assert len(set(texts)) == len(texts)


def test_single_sentences_come_first_then_pairs_of_short_ones() -> None:
    texts, single = Sentences().texts(), set(sentences())
    alone = [text for text in texts if text in single]
    assert texts[: len(alone)] == alone
    assert all(len(text) <= 2 * SHORT + 1 for text in texts[len(alone) :])


def test_no_text_contains_a_sentence_that_was_held_out() -> None:
    kept_out = held_out()
    assert not any(sentence in text for text in Sentences().texts()[:2000] for sentence in kept_out)


def test_questions_are_no_texts_and_the_first_are_independent() -> None:
    asked = Questions().texts()
    assert len(asked) == len(set(asked)) == INDEPENDENT * len(PHRASINGS)
    assert asked[:104] == Builtin(name="claims").texts()
    assert asked[104:INDEPENDENT] == held_out()
    assert not set(asked) & set(Sentences().texts())


def test_both_are_streams_too_the_same_for_a_seed() -> None:
    for corpus in (Sentences(), Questions()):
        once, again, other = (
            list(itertools.islice(corpus.stream(Lengths(median=None), seed, NO_TOKENS), 5))
            for seed in (1, 1, 2)
        )
        assert once == again != other
        assert set(once) <= set(corpus.texts())
        assert len(corpus.fingerprint()) == 64
