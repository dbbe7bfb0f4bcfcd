"""Distinct texts of streams that repeat themselves."""

from embprof.corpora import passages
from embprof.corpora.distinct import distinct
from embprof.corpora.lengths import Lengths


def test_a_corpus_is_used_up_once_and_no_text_comes_twice() -> None:
    texts = [f"text {number}" for number in range(50)]
    found = distinct(passages.stream(texts, "characters", Lengths(median=None), 0, len), 1000)
    assert sorted(found) == sorted(texts)


def test_no_more_than_asked_for_in_the_order_of_the_stream() -> None:
    assert distinct(iter(["b", "a", "b", "c", "d"]), 3) == ["b", "a", "c"]


def test_a_corpus_that_says_everything_many_times_ends_too() -> None:
    texts = ["one"] * 30 + ["two"] * 30
    found = distinct(passages.stream(texts, "characters", Lengths(median=None), 0, len), 10)
    assert sorted(found) == ["one", "two"]


def test_the_seed_decides_which_texts_are_taken() -> None:
    texts = [f"text {number}" for number in range(50)]
    first, again, other = (
        distinct(passages.stream(texts, "characters", Lengths(median=None), seed, len), 5)
        for seed in (0, 0, 1)
    )
    assert first == again
    assert first != other
