"""A row that goes well: what is measured in which order, for how long, and what comes of it."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from embprof.model import Samples, Status, Verdict
from embprof.sampling.messages import WorkerSpec
from embprof.statistics.pair_effect import restart_effects

if TYPE_CHECKING:
    from tests.unit.run.gate.conftest import Costs, FakeWorker, MakeRow, Row

A, B = 0.010, 0.0108
LOADING = 0.4
"""Seconds that the workers of a restart pair take to load."""


def noisy(sd: float, seed: int = 0) -> Costs:
    rng = np.random.default_rng(seed)
    return lambda seconds, _: seconds * float(np.exp(rng.normal(0, sd)))


def test_a_known_change_is_each_slice_pairs_effect_and_ends_the_row_at_the_first_look(
    row: Row,
) -> None:
    trial = row.measure()
    assert trial.ending.status == Status.OK
    assert trial.look is not None
    assert trial.look.verdict == Verdict.SLOWER
    assert len(trial.effects) == 13
    for effects in trial.effects:
        assert effects == pytest.approx(math.log(B / A))
    assert trial.look.test.estimate.value == pytest.approx(1.08)


@pytest.mark.parametrize(
    ("a", "b", "verdict"), [(A, A, Verdict.SAME), (B, A, Verdict.FASTER), (A, B, Verdict.SLOWER)]
)
def test_verdicts_are_about_b(row: Row, a: float, b: float, verdict: Verdict) -> None:
    trial = row.measure(a, b)
    assert trial.look is not None
    assert trial.look.verdict == verdict


def test_costs_are_those_of_an_item(row: Row) -> None:
    """Arms may differ in their batches: what a text costs is compared."""
    row.world.items = 7
    trial = row.measure(A, 2 * A)
    assert trial.effects[0] == pytest.approx(math.log(2))


def test_of_what_is_better_when_higher_the_inverse_is_the_cost(row: Row) -> None:
    row.world.better = "higher"
    assert row.measure(A, 2 * A).effects[0] == pytest.approx(math.log(2))


def test_every_two_slice_pairs_are_in_opposite_order(row: Row) -> None:
    trial = row.measure()
    for pair in range(len(trial.effects)):
        arms = "".join(arm for arm, _ in row.slices(pair))
        assert len(arms) >= 4
        fours = {arms[at : at + 4] for at in range(0, len(arms), 4)}
        assert fours <= {"abba", "baab"}


def test_where_every_call_is_a_restart_each_pair_of_restarts_is_one_call_of_each_arm(
    row: Row,
) -> None:
    row.world.restarts_every_call = True
    row.world.odd = {
        (arm, pair): Samples(name="total_load", unit="s", better="lower", values=(seconds,))
        for arm, seconds in (("a", A), ("b", B))
        for pair in range(1, 30)
    }
    trial = row.measure()
    assert trial.look is not None
    assert trial.look.verdict == Verdict.SLOWER
    observed = [calls for _, _, verb, calls in row.world.asked if verb == "observe"]
    assert observed == [1] * 2 * len(trial.effects), "nothing warms up"
    assert {"".join(arm for arm, _ in row.slices(pair)) for pair in range(13)} == {"ab", "ba"}


def test_which_arm_comes_first_is_a_coins_choice(row: Row) -> None:
    row.measure()
    fours = [
        "".join(arm for arm, _ in row.slices(pair))[at : at + 4]
        for pair in range(13)
        for at in range(0, len(row.slices(pair)), 4)
    ]
    share = fours.count("abba") / len(fours)
    assert len(fours) > 60
    assert abs(share - 0.5) < 3.5 * 0.5 / len(fours) ** 0.5
    alternations = sum(one != other for one, other in itertools.pairwise(fours))
    assert abs(alternations / len(fours) - 0.5) < 3.5 * 0.5 / len(fours) ** 0.5


@pytest.mark.parametrize("verb", ["open", "observe"])
def test_which_arm_loads_and_warms_up_first_is_a_coins_choice_too(row: Row, verb: str) -> None:
    row.measure()
    first = [
        next(arm for arm, at, what, _ in row.world.asked if (at, what) == (pair, verb))
        for pair in range(13)
    ]
    assert set(first) == {"a", "b"}


def test_the_order_is_that_of_the_seed(make_row: MakeRow) -> None:
    def order(seed: str) -> list[tuple[str, str]]:
        row = make_row()
        row.measure(seed=seed)
        return [(arm, verb) for arm, _, verb, _ in row.world.asked]

    assert order("1") == order("1")
    assert order("1") != order("2")


@pytest.mark.parametrize(("a", "b"), [(A, B), (0.001, 0.1), (0.5, 0.001)])
def test_both_arms_make_as_many_calls_however_their_costs_differ(
    row: Row, a: float, b: float
) -> None:
    trial = row.measure(a, b)
    for pair in range(len(trial.effects)):
        assert len({calls for _, calls in row.slices(pair)}) == 1
        arms = [arm for arm, _ in row.slices(pair)]
        assert arms.count("a") == arms.count("b")


def test_a_drift_that_both_arms_share_cancels(row: Row) -> None:
    row.world.cost = lambda seconds, now: seconds * math.exp(now / 100)
    trial = row.measure()
    assert restart_effects(trial.effects) == pytest.approx(math.log(B / A), abs=0.002)


def test_slices_are_no_shorter_than_the_canary_allows(row: Row) -> None:
    row.measure(slice_seconds=0.01)
    assert {calls for pair in range(13) for _, calls in row.slices(pair)} == {20}
    assert all(worker.spec.canary for worker in row.world.started)


@pytest.mark.parametrize("after", [10.0, 30.0, 40.0, 48.0])
@pytest.mark.parametrize("times", [2, 4])
def test_a_machine_that_gets_slower_on_the_way_leaves_time_for_as_many_pairs_as_are_needed(
    row: Row, after: float, times: int
) -> None:
    """Eight pairs are the fewest that a verdict can come of: seven are worth nothing."""
    row.world.loading = lambda now: LOADING * (times if now > after else 1)
    row.world.cost = lambda seconds, now: seconds * (times if now > after else 1)
    trial = row.measure(A, 2 * A, seconds=60.0, pairs=8)
    assert len(trial.effects) == 8
    assert trial.look is not None
    assert trial.look.verdict == Verdict.SLOWER
    assert trial.seconds <= 60.0


@pytest.mark.parametrize("seconds", [1.0, 5.0, 12.0, 20.0, 60.0, 180.0])
def test_no_restart_pair_is_begun_that_would_end_too_late(row: Row, seconds: float) -> None:
    row.world.cost = noisy(0.3)
    trial = row.measure(A, A, seconds=seconds)
    assert trial.look is not None
    each = trial.seconds / len(trial.effects)
    assert trial.seconds <= max(seconds, each) * 1.1
    assert trial.seconds == pytest.approx(row.world.clock(), rel=0.3, abs=LOADING)
    if len(trial.effects) < 8:
        assert trial.look.verdict == Verdict.UNCLEAR


def test_a_row_that_stays_unclear_uses_its_time_up(row: Row) -> None:
    row.world.cost = noisy(0.3)
    trial = row.measure(A, 1.02 * A, seconds=60.0)
    assert trial.look is not None
    if trial.look.verdict == Verdict.UNCLEAR:
        assert 50 < trial.seconds < 66


def test_a_slow_first_loading_is_not_the_rows_time(row: Row) -> None:
    ordinary = row.world.start

    def slow_at_first(spec: WorkerSpec) -> FakeWorker:
        row.world.clock.advance(100.0 if not row.world.started else 0.0)
        return ordinary(spec)

    row.world.start = slow_at_first  # type: ignore[method-assign]
    trial = row.measure(seconds=60.0)
    assert len(trial.effects) == 13
    assert trial.seconds < 60


def test_what_it_will_detect_is_told_once_after_four_pairs(row: Row) -> None:
    row.measure()
    assert row.told == [4]
    assert row.phases[:2] == ["restart pair 1 of at most 24", "restart pair 2 of at most 24"]


def test_the_cost_between_both_arms_is_known_of_each_slice_pair_and_what_it_was_read_from(
    row: Row,
) -> None:
    trial = row.measure()
    assert [len(one) for one in trial.middles] == [len(one) for one in trial.effects]
    for middles in trial.middles:
        assert middles == pytest.approx(math.log(math.sqrt(A * B) / row.world.items))
    assert trial.readings == {("call_time_s", row.world.items)}
