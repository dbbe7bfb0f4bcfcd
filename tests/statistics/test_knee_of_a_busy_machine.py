"""Searches beside a neighbour who makes tries worse and never better."""

from collections.abc import Callable

import numpy as np
import pytest

from embprof.measurements.load import knee
from embprof.measurements.load.knee import Knee, Word

TRUE = 60.0


def searched(
    attempt: Callable[[float, float], Word],
    has_time: knee.HasTime = lambda _rate, _times: True,
    start: float = 30.0,
) -> Knee:
    return knee.search(
        attempt, start=start, lowest=1, highest=1e5, resolution=0.05, has_time=has_time
    )


@pytest.mark.parametrize("chance", [0.1, 0.3, 0.6, 1.0])
@pytest.mark.parametrize("share", [0.5, 0.8])
def test_a_bracket_never_excludes_the_truth_however_often_tries_are_disturbed(
    chance: float, share: float
) -> None:
    """While it is disturbed the service can do that share; beyond the truth nobody is to blame."""
    rng = np.random.default_rng(2)
    widths = []
    for start in rng.uniform(2, 500, size=60):

        def attempt(rate: float, _: float) -> Word:
            if rate > TRUE:
                return "missed"
            return "disturbed" if rate > share * TRUE and rng.random() < chance else "kept"

        found = searched(attempt, start=float(start))
        assert found.ended in ("found", "bracket")
        assert found.kept is not None
        assert found.missed is not None
        assert found.kept <= TRUE < found.missed
        assert found.ended == "bracket" or found.missed <= 1.11 * found.kept
        assert found.ended == "found" or all(
            found.kept <= rate < found.missed for rate in found.doubtful
        )
        widths.append(found.missed / found.kept)
    if chance <= 0.3:
        assert np.median(widths) <= 1.11
    assert max(widths) <= 1.12 / share


def test_a_burst_that_nobody_noticed_costs_tries_and_not_the_truth() -> None:
    """Any one try that is missed for no reason is contradicted by those that follow."""
    for hit in range(12):
        tried: list[float] = []

        def attempt(rate: float, _: float, hit: int = hit, tried: list[float] = tried) -> Word:
            tried.append(rate)
            return "kept" if rate <= TRUE and len(tried) != hit + 1 else "missed"

        found = searched(attempt)
        assert found.ended == "found"
        assert found.kept is not None
        assert found.missed is not None
        assert found.kept <= TRUE < found.missed <= 1.06 * found.kept
        assert len(tried) <= 20


def test_a_rate_that_stays_undecided_is_tried_again_and_then_bracketed() -> None:
    tried: list[float] = []

    def attempt(rate: float, _: float) -> Word:
        tried.append(rate)
        return "kept" if rate <= 40 else "undecided" if rate < 60 else "missed"

    found = searched(attempt, start=20)
    assert found.ended == "bracket"
    assert found.kept is not None
    assert found.missed is not None
    assert found.kept <= 40
    assert 60 <= found.missed <= 64
    assert found.doubtful
    assert all(tried.count(rate) == 2 for rate in found.doubtful)


@pytest.mark.parametrize("allowed", [0, 1, 2, 3, 5, 8, 13])
def test_it_never_takes_longer_than_it_may_and_says_what_is_known_by_then(allowed: int) -> None:
    left = [float(allowed)]

    def attempt(rate: float, times: float) -> Word:
        left[0] -= times
        return "kept" if rate <= TRUE else "missed"

    found = searched(attempt, lambda _, times: left[0] >= times)
    assert left[0] >= 0
    assert found.kept is None or found.kept <= TRUE
    assert found.missed is None or found.missed > TRUE
    assert found.ended in ("found", "bracket", "tries")
    assert found.ended != "bracket" or (found.kept is not None and found.missed is not None)
