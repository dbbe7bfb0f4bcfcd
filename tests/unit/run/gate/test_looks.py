"""When a gate may decide, and what it says then."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from embprof.model import Verdict
from embprof.run.gate import looks as module
from embprof.run.gate.looks import MOST_LOOKS, Bounds, Looks
from embprof.statistics.sequential import nominal_levels, spent
from embprof.statistics.signed_rank import fewest_units

BOUNDS = Bounds(theta=0.01, delta=0.03, alpha=0.01)
ALPHAS = (0.2, 0.05, 0.01, 0.01 / 8, 1e-6)


def looks(pairs: int = 24, alpha: float = 0.01) -> Looks:
    return Looks(pairs=pairs, bounds=BOUNDS, alpha=alpha)


def effects(*changes: float) -> list[NDArray[np.float64]]:
    """A restart pair of four equal slice pairs for each."""
    return [np.full(4, change) for change in changes]


@pytest.mark.parametrize(("alpha", "fewest"), [(0.01, 8), (0.05, 6), (0.01 / 8, 11), (1.0, 1)])
def test_the_fewest_pairs_are_those_whose_smallest_p_value_is_the_level(
    alpha: float, fewest: int
) -> None:
    assert fewest_units(alpha) == fewest


@pytest.mark.parametrize("alpha", ALPHAS)
def test_the_fewest_pairs_decide_if_all_agree_and_one_fewer_never_does(alpha: float) -> None:
    fewest = fewest_units(alpha)
    enough = looks(1000, alpha).look(effects(*[0.5] * fewest), last=True)
    assert enough is not None
    assert enough.verdict == Verdict.SLOWER
    if fewest > 1:
        one_fewer = looks(1000, alpha).look(effects(*[0.5] * (fewest - 1)), last=True)
        assert one_fewer is not None
        assert (one_fewer.verdict, one_fewer.test.low) == (Verdict.UNCLEAR, None)


def test_the_first_look_at_24_pairs_is_the_13th() -> None:
    assert looks().first == 13
    assert list(looks().planned) == list(range(13, 24))


@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("pairs", [8, 11, 24, 40, 100, 1000])
def test_looks_are_few_and_begin_where_one_could_decide(pairs: int, alpha: float) -> None:
    planned = looks(pairs, alpha).planned
    assert len(planned) <= MOST_LOOKS
    if planned:
        assert 2.0 ** (1 - planned[0]) <= spent(planned[0] / pairs, alpha)
        assert planned[-1] < pairs


@pytest.mark.parametrize("pairs", [8, 24, 1000])
def test_any_plan_can_be_looked_at_from_its_first_look_to_its_last(pairs: int) -> None:
    """Levels far below what floating point tells from zero are of no use to any test."""
    plan = looks(pairs)
    for count in [*plan.planned[:3], pairs]:
        found = plan.look(effects(*np.linspace(-0.01, 0.01, count)), last=count == pairs)
        assert found is not None
        assert 0 < found.test.level <= 0.01


def test_there_is_no_look_between_those_that_were_planned() -> None:
    plan = looks(100)
    looked = [
        count
        for count in range(1, 100)
        if plan.look(effects(*[0.0] * count), last=False) is not None
    ]
    assert looked == list(plan.planned)


def test_a_look_has_the_level_that_spending_gives_it() -> None:
    plan, seen = looks(), []
    for count in range(1, 25):
        found = plan.look(effects(*np.linspace(-0.1, 0.1, count)), last=count == 24)
        seen += [] if found is None else [found.test.level]
    assert seen == pytest.approx(nominal_levels([count / 24 for count in range(13, 25)], 0.01))


@pytest.mark.parametrize("ended", [1, 5, 12, 13, 14, 20, 23, 24])
def test_where_time_runs_out_all_that_is_left_of_the_error_is_spent(ended: int) -> None:
    plan = looks()
    for count in range(1, ended):
        plan.look(effects(*[0.0] * count), last=False)
    found = plan.look(effects(*[0.0] * ended), last=True)
    assert found is not None
    before = [count / 24 for count in range(13, ended)]
    assert found.test.level == pytest.approx(nominal_levels([*before, 1.0], 0.01)[-1])
    assert found.test.level > nominal_levels([*before, ended / 24], 0.01)[-1] or ended == 24


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        (0.0, Verdict.SAME),
        (0.009, Verdict.SAME),
        (-0.009, Verdict.SAME),
        (0.02, Verdict.SLOWER),
        (-0.02, Verdict.FASTER),
    ],
)
def test_readings_without_any_variance_are_judged_by_their_value(
    change: float, verdict: Verdict
) -> None:
    found = looks().look(effects(*[change] * 24), last=True)
    assert found is not None
    assert found.verdict == verdict


def test_one_pair_is_shown_without_an_interval_and_never_decides() -> None:
    found = looks().look(effects(2.0), last=True)
    assert found is not None
    assert found.verdict == Verdict.UNCLEAR
    assert found.test.estimate.value == pytest.approx(np.exp(2.0))
    assert (found.test.estimate.low, found.test.estimate.high) == (None, None)


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), -float("inf")])
def test_effects_that_are_not_finite_are_refused(odd: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        looks().look(effects(*[0.0] * 23, odd), last=True)


def test_looking_again_with_a_larger_share_narrows_the_interval_and_keeps_the_looks() -> None:
    plan = looks(alpha=0.01 / 8)
    rng = np.random.default_rng(0)
    seen = effects(*rng.normal(0.02, 0.02, 24))
    for count in range(1, 24):
        plan.look(seen[:count], last=False)
    first = plan.look(seen, last=True)
    again = plan.look_again(seen, 0.01)
    assert first is not None
    assert first.test.low is not None
    assert again.test.low is not None
    assert again.test.low > first.test.low
    assert again.test.level > first.test.level
    assert plan.look_again(seen, 0.01 / 8) == first, "asking changes nothing"


def test_the_smallest_detectable_change_is_that_of_the_last_planned_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[dict[str, Any]] = []

    def detectable(_: object, pairs: int, **terms: float) -> float:
        asked.append({"pairs": pairs, **terms})
        return 0.03

    monkeypatch.setattr(module, "smallest_detectable_change", detectable)
    seen = effects(0.0, 0.01, -0.01)
    assert looks().smallest_detectable(seen, 24) == 0.03
    assert looks().smallest_detectable(seen, 10) == 0.03
    level = nominal_levels([*(count / 24 for count in range(13, 24)), 1.0], 0.01)[-1]
    assert asked[0] == {"pairs": 24, "alpha": pytest.approx(level), "theta": 0.01}
    assert asked[1] == {"pairs": 10, "alpha": pytest.approx(0.01), "theta": 0.01}


@pytest.mark.parametrize("pairs", [0, 1, 7])
def test_too_few_pairs_detect_nothing(pairs: int) -> None:
    assert looks().smallest_detectable(effects(0.0, 0.01, -0.01, 0.02), pairs) is None
