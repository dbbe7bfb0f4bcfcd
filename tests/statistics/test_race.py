"""Races on machines whose truth is known: what is told is right, and intervals hold it."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom

from embprof.run.race.standings import table
from embprof.statistics.leader import leader_of
from embprof.statistics.paired_costs import Effect, RowCosts, paired_effects, standard_error
from embprof.statistics.race import RaceTest, Terms
from embprof.statistics.selection import widening
from tests.statistics.simulated_races import (
    Machine,
    Raced,
    Rows,
    falsely_same,
    race,
    told,
    wrong,
)

Proved = Callable[[str], None]
CALLS = (0.04, 0.07, 0.13, 0.26, 0.5, 1.0)
MAIN = Rows(costs=(1.37, 1.15, 1.04, 1.0, 1.03, 1.15), calls=CALLS)
"""Six batch sizes on two CPUs: what an item costs beside the best, seconds of a call."""
ALIKE = Rows(costs=(1.0,) * 6, calls=CALLS)
HARD = Machine(bursts=0.33, drift=0.06, waves=0.08)
MANY = 100
MACHINES = {
    "quiet": Machine(),
    "a third": Machine(bursts=0.33),
    "two thirds": Machine(bursts=0.66),
    "hard": HARD,
}


def proof(machine: str) -> Any:
    """The same with more trials, before a release."""
    return pytest.param(machine, 300, marks=pytest.mark.proof)


def most(trials: int) -> int:
    """Wrong races that 1 % allows for: more come once in 500 tests."""
    return int(binom.ppf(0.998, trials, 0.01))


@pytest.mark.parametrize(
    ("machine", "trials"), [("a third", 8), ("hard", 8), *(proof(name) for name in MACHINES)]
)
def test_rows_alike_are_not_told_apart(machine: str, trials: int, proved: Proved) -> None:
    found = [race(MACHINES[machine], ALIKE, seconds=120, seed=seed) for seed in range(trials)]
    errs = sum(wrong(one, ALIKE) for one in found)
    covered = coverage(found, ALIKE)
    proved(
        f"six rows alike, {machine}: {errs} of {trials} races say a wrong word, intervals beside "
        f"the leader hold {100 * covered:.1f} %"
    )
    assert errs <= most(trials)
    assert covered > (0.85 if trials < MANY else 0.93)


@pytest.mark.parametrize(
    ("machine", "trials"), [("quiet", 8), ("two thirds", 8), *(proof(name) for name in MACHINES)]
)
def test_what_is_told_of_rows_that_differ_is_true(
    machine: str, trials: int, proved: Proved
) -> None:
    found = [race(MACHINES[machine], MAIN, seconds=150, seed=seed) for seed in range(trials)]
    errs = sum(wrong(one, MAIN) or falsely_same(one, MAIN) for one in found)
    pairs = float(np.mean([told(one, MAIN, apart=0.1) for one in found]))
    proved(
        f"six batch sizes, {machine}: {errs} of {trials} races say a wrong word; of pairs that "
        f"differ by 10 % {100 * pairs:.1f} % are told; intervals hold "
        f"{100 * coverage(found, MAIN):.1f} %; {np.mean([one.seconds for one in found]):.0f} s"
    )
    assert errs <= most(trials)
    assert coverage(found, MAIN) > (0.8 if trials < MANY else 0.92)
    if machine == "quiet":
        assert pairs > 0.98


@pytest.mark.parametrize(
    ("rows", "seconds", "trials"),
    [
        (Rows(costs=(1.0, 1.0), calls=(0.1, 0.1)), 40, 20),
        (Rows(costs=(1.0,) * 12, calls=(0.05,) * 12, is_heavy=True), 120, 2),
        pytest.param(Rows(costs=(1.0,) * 64, calls=(0.05,) * 64), 640, 10, marks=pytest.mark.proof),
    ],
    ids=["two", "twelve with heavy tails", "sixty-four"],
)
def test_few_rows_and_many(rows: Rows, seconds: float, trials: int, proved: Proved) -> None:
    machine = Machine(bursts=0.2)
    found = [race(machine, rows, seconds=seconds, seed=seed) for seed in range(trials)]
    errs = sum(wrong(one, rows) for one in found)
    proved(f"{len(rows.costs)} rows alike: {errs} of {trials} races say a wrong word")
    assert errs == 0
    assert coverage(found, rows) > 0.85


def test_rows_alike_are_called_the_same_on_a_quiet_machine() -> None:
    rows = Rows(costs=(1.0, 1.0, 1.5), calls=(0.05, 0.05, 0.05), noise=0.03)
    found = race(Machine(), rows, seconds=60, seed=1)
    assert (found.test.word(0, 1), found.test.word(0, 2)) == ("same", "slower")
    assert found.seconds < 60, "it ends once all is clear"
    assert found.left[2] < found.seconds, "the slow one leaves first"


def coverage(found: list[Raced], rows: Rows) -> float:
    """How often the interval beside the leader holds the true ratio."""
    runs = {row: str(row) for row in range(len(rows.costs))}
    held = [
        standing.low <= rows.costs[row] / rows.costs[stands.leader] <= standing.high
        for one in found
        if (stands := table(one.test, runs, {}, seconds=one.seconds)).leader is not None
        for row, standing in enumerate(stands.standings)
        if row != stands.leader and standing.low is not None and standing.high is not None
    ]
    return sum(held) / len(held)


def test_the_widening_for_the_choice_of_a_leader_is_what_simulation_says() -> None:
    rng = np.random.default_rng(3)
    for alike in (2, 6, 20):
        errors = np.sort(rng.normal(size=(20_000, alike)), axis=1)
        behind = errors[:, 1:] - errors[:, :1]
        reach = widening(alike) * 1.96 * math.sqrt(2)
        assert np.mean(behind <= reach) == pytest.approx(0.95, abs=0.005)
    with pytest.raises(ValueError, match="two rows at least"):
        widening(1)


def test_a_known_ratio_is_found_whatever_calls_are_long() -> None:
    quick, slow = RowCosts(), RowCosts()
    for number in range(8):
        quick.add(number, [1.0, 1.0, 1.0, 1.0], 4.0)
        slow.add(number, [1.25], 4.0)
    (found, *_) = paired_effects(quick, slow)
    assert math.exp(found.log_ratio) == pytest.approx(1.25)
    assert (found.error, found.rounds) == (0.0, 8)
    assert paired_effects(slow, quick)[0].log_ratio == -found.log_ratio


def test_a_burst_in_one_slice_changes_nothing_much() -> None:
    rng = np.random.default_rng(0)
    a, b = RowCosts(), RowCosts()
    for number in range(30):
        burst = 2.5 if number % 5 == 0 else 1.0
        a.add(number, list(burst * np.exp(rng.normal(0, 0.02, 10))), 1.0)
        b.add(number, list(1.1 * np.exp(rng.normal(0, 0.02, 10))), 1.1)
    quick = paired_effects(a, b)[0]
    assert math.exp(quick.log_ratio) == pytest.approx(1.1, rel=0.01)


def test_an_end_that_falls_just_short_of_a_gap_is_not_believed() -> None:
    a, b = RowCosts(), RowCosts()
    for number in range(20):  # B met seven quiet moments, and A three
        a.add(number, [1.0 + 0.001 * number if number < 3 else 1.5 + 0.001 * number], 1.0)
        b.add(number, [1.0 + 0.001 * number if number < 7 else 1.5 + 0.001 * number], 1.0)
    quick = paired_effects(a, b, bands=((0.15, 0.35),))[0]
    assert quick.log_ratio < -0.3
    assert quick.error > 0.1, "a few quiet moments more or fewer would have moved it all the way"


def test_a_word_hands_its_share_to_pairs_that_are_open() -> None:
    def bounds(costs: tuple[float, ...]) -> tuple[float, float]:
        test = RaceTest(rows=(0, 1, 2), terms=Terms(alpha=0.01, bound=0.05, theta=0.01))
        for row, cost in enumerate(costs):
            noise = np.random.default_rng(row)
            for number in range(30):
                test.costs[row].add(number, list(cost * np.exp(noise.normal(0, 0.05, 4))), 1.0)
        test.look(1.0, 30)
        return test.bounds(0, 1)

    low, high = bounds((1.0, 1.0, 1.0))
    handed_low, handed_high = bounds((1.0, 1.0, 2.0))  # the third is told slower than both
    assert low < handed_low < handed_high < high


def test_too_few_rounds_say_nothing() -> None:
    a, b = RowCosts(), RowCosts()
    for number in range(5):
        a.add(number, [1.0], 1.0)
        b.add(number, [9.0], 1.0)
    assert paired_effects(a, b) == ()
    test = RaceTest(rows=(0, 1), terms=Terms(alpha=0.01, bound=0.05, theta=0.01))
    test.look(1.0, 5)
    assert (test.leader, test.word(0, 1)) == (None, "open")


@pytest.mark.parametrize("costs", [[], [0.0], [-1.0], [math.inf], [math.nan]])
def test_what_is_no_cost_is_refused(costs: list[float]) -> None:
    with pytest.raises(ValueError, match="above zero"):
        RowCosts().add(0, costs, 1.0)


def test_waves_make_the_error_larger_and_never_smaller() -> None:
    rng = np.random.default_rng(5)
    steps = rng.normal(size=60)
    waves = np.convolve(steps, np.ones(4), mode="same")
    waves -= waves.mean()
    plain = math.sqrt(float(waves @ waves) / 59 / 60)
    assert standard_error(waves) > 1.3 * plain
    back = np.array([1.0, -1.0] * 30)
    assert standard_error(back) == pytest.approx(math.sqrt(60 / 59 / 60))


def test_the_leader_costs_least_by_all_that_is_known() -> None:
    def effect(log_ratio: float, error: float = 0.01) -> Effect:
        return Effect(log_ratio=log_ratio, error=error, rounds=20, degrees=19.0)

    three = {(0, 1): effect(0.2), (0, 2): effect(0.1), (1, 2): effect(-0.1)}
    assert leader_of((0, 1, 2), three) == 0
    assert leader_of((0, 1, 2), {}) is None
    assert leader_of((0, 1, 2, 3), three) == 0, "a row that met nobody leads nothing"
    odd = {**three, (1, 2): effect(-0.5, error=1.0)}
    assert leader_of((0, 1, 2), odd) == 0, "a ratio that is hardly known changes little"
