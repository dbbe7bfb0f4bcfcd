"""Which texts are searched and which are asked for."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from embprof.corpora import CountTokens, Unit
from embprof.corpora.lengths import Lengths
from embprof.errors import RequestError
from embprof.workloads.vector_search.vectors.choice import HELD_OUT, choose


@dataclass
class Listed:
    """A corpus with an end."""

    listed: list[str]
    unit: Unit = "characters"

    def texts(self) -> list[str]:
        return self.listed

    def fingerprint(self) -> str:
        return "0"

    def stream(self, _lengths: Lengths, _seed: int, _count: CountTokens) -> Iterator[str]:
        return itertools.cycle(self.listed)


@dataclass
class Endless:
    """A corpus without one."""

    unit: Unit = "characters"

    def fingerprint(self) -> str:
        return "0"

    def stream(self, _lengths: Lengths, _seed: int, _count: CountTokens) -> Iterator[str]:
        return (f"text {number // 2}" for number in itertools.count())


def test_texts_are_taken_from_the_beginning_in_their_own_order_each_once() -> None:
    texts, asked = choose(Listed(["b", "a", "b", "c"]), Listed(["x", "c", "x", "y"]), 2, 0)
    assert texts == ["b", "a"]
    assert asked == ["x", "c", "y"]


def test_a_query_is_no_text_of_the_corpus() -> None:
    texts, asked = choose(Listed(["a", "b", "c"]), Listed(["c", "x"]), None, 0)
    assert texts == ["a", "b", "c"]
    assert asked == ["x"]


def test_without_queries_some_texts_are_held_out() -> None:
    every = [str(number) for number in range(40)]
    texts, asked = choose(Listed(every), None, None, 0)
    assert asked == every[::HELD_OUT]
    assert sorted([*texts, *asked]) == sorted(every)
    assert choose(Listed(every), None, 10, 0)[0] == texts[:10]


def test_of_texts_without_end_so_many_are_taken_as_are_wanted() -> None:
    texts, asked = choose(Endless(), None, 3000, 0)
    assert len(set(texts)) == 3000
    assert len(asked) > 3000 / HELD_OUT
    assert not set(texts) & set(asked)
    assert len(choose(Endless(), Endless(), 10, 0)[0]) == 10


def test_too_few_texts_are_told() -> None:
    with pytest.raises(RequestError, match=r"corpus_size=9: the corpus has 2 distinct texts"):
        choose(Listed(["a", "b", "b"]), Listed(["x"]), 9, 0)
