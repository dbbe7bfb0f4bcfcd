"""What is said of rows beside the leader, from costs that are known."""

import random
from collections.abc import Iterable, Mapping

import pytest

from embprof.race import Standing
from embprof.run.race.standings import Table, table
from embprof.statistics.race import RaceTest, Terms

SECONDS = 20.0
ROUNDS = 60


def raced(
    costs: Mapping[int, float], rounds: Mapping[int, Iterable[int]] | None = None
) -> RaceTest:
    """A race that is over; ``rounds``: those that each row was in, all of them unless told."""
    test = RaceTest(rows=tuple(costs), terms=Terms(alpha=0.01, bound=0.05, theta=0.01))
    noise = random.Random(1)
    for row, cost in costs.items():
        for number in range(ROUNDS) if rounds is None else rounds[row]:
            calls = [cost * noise.gauss(1, 0.01) for _ in range(4)]
            test.costs[row].add(number, calls, sum(calls))
    test.look(1.0, ROUNDS)
    return test


def stood(
    test: RaceTest, left: Mapping[int, str | None] | None = None
) -> tuple[Table, list[Standing]]:
    found = table(test, {row: f"run {row}" for row in test.costs}, left or {}, seconds=SECONDS)
    return found, list(found.standings)


def test_the_leader_is_first_and_others_are_slower_the_same_or_open() -> None:
    found, standings = stood(raced({0: 0.2, 1: 0.1, 2: 0.102, 3: 0.1045}))
    assert found.leader == 1
    assert [one.run for one in standings] == ["run 0", "run 1", "run 2", "run 3"]
    assert [one.word for one in standings[:3]] == ["slower", "fastest", "same"]
    assert [one.rank for one in standings[1:3]] == [1, 1]
    assert standings[0].ratio == pytest.approx(2, rel=0.01)
    assert found.indirect == ()


def test_a_row_that_is_neither_the_same_nor_slower_is_open() -> None:
    test = raced({0: 0.1, 1: 0.1005}, {0: range(7), 1: range(7)})
    test.terms = Terms(alpha=0.01, bound=0.0001, theta=0.01)
    _, standings = stood(test)
    assert sorted(str(one.word) for one in standings) == ["fastest", "open"]
    assert [one.rank for one in standings] == [1, 1]


def test_a_ratio_stands_within_its_interval() -> None:
    _, standings = stood(raced({0: 0.1, 1: 0.12, 2: 0.2}))
    for standing, ratio in zip(standings[1:], (1.2, 2.0), strict=True):
        assert standing.low is not None
        assert standing.ratio is not None
        assert standing.high is not None
        assert standing.low < standing.ratio < standing.high
        assert standing.ratio == pytest.approx(ratio, rel=0.01)


def test_ranks_count_the_rows_that_are_told_faster() -> None:
    _, standings = stood(raced({0: 0.3, 1: 0.1, 2: 0.2, 3: 0.2001}))
    assert [one.rank for one in standings] == [4, 1, 2, 2]


def test_a_row_that_never_met_the_leader_is_compared_through_another() -> None:
    rounds = {0: range(30), 1: range(60), 2: range(30, 60)}
    found, standings = stood(raced({0: 0.2, 1: 0.15, 2: 0.1}, rounds))
    assert found.leader == 2
    assert found.indirect == (0,)
    assert standings[0].ratio == pytest.approx(2, rel=0.02)
    assert (standings[0].word, standings[0].rank) == ("slower", 3)


def test_two_rows_that_never_met_are_ranked_through_the_leader() -> None:
    rounds = {0: range(60), 1: range(30), 2: range(30, 60)}
    _, standings = stood(raced({0: 0.1, 1: 0.2, 2: 0.3}, rounds))
    assert [one.rank for one in standings] == [1, 2, 3]


def test_a_row_that_met_nobody_is_unranked() -> None:
    rounds = {0: range(30), 1: range(30), 2: range(30, 60)}
    _, standings = stood(raced({0: 0.1, 1: 0.2, 2: 0.3}, rounds))
    assert (standings[2].rank, standings[2].word) == (None, None)
    assert standings[2].left == "too few rounds to compare it"


def test_a_row_that_failed_is_unranked_and_says_why() -> None:
    test = raced({0: 0.1, 1: 0.05, 2: 0.2})
    test.drop(1)
    found, standings = stood(test, {1: "failed: on purpose"})
    assert found.leader == 0
    assert (standings[1].rank, standings[1].left) == (None, "failed: on purpose")
    assert standings[2].rank == 2
    assert {run for pair in found.pairs for run in (pair.a, pair.b)} == {"run 0", "run 2"}


def test_too_few_rounds_make_no_leader() -> None:
    rounds = {0: range(5), 1: range(5)}
    found, standings = stood(raced({0: 0.1, 1: 0.2}, rounds), {0: "interrupted"})
    assert found.leader is None
    assert [one.left for one in standings] == ["interrupted", "too few rounds to compare it"]
