"""The search for the highest rate that is kept, with tries that are sure and with luck."""

import numpy as np
import pytest

from embprof.measurements.load import knee
from embprof.measurements.load.knee import Word


class Server:
    """Keeps every rate up to its knee; keeps a list of what was tried."""

    def __init__(self, true: float) -> None:
        self.true = true
        self.tried: list[tuple[float, float]] = []

    def __call__(self, rate: float, times: float) -> Word:
        self.tried.append((rate, times))
        return "kept" if rate <= self.true else "missed"


@pytest.mark.parametrize("true", [0.7, 3.0, 47.0, 512.0, 9000.0])
@pytest.mark.parametrize("start", [1.0, 40.0, 4000.0])
def test_the_knee_lies_between_what_is_found(true: float, start: float) -> None:
    server = Server(true)
    found = knee.search(server, start=start, lowest=0.1, highest=1e5, resolution=0.05)
    assert found.ended == "found"
    assert found.kept is not None
    assert found.missed is not None
    assert found.kept <= true < found.missed <= 1.05 * found.kept * (1 + 1e-9)


def test_both_ends_of_what_is_found_are_tried_once_more_the_lower_for_longer() -> None:
    server = Server(47.0)
    found = knee.search(server, start=20, lowest=0.1, highest=1e5, resolution=0.05)
    assert server.tried[-2:] == [(found.kept, knee.CONFIRMED), (found.missed, 1.0)]
    assert [times for _, times in server.tried[:-2]] == [1.0] * (len(server.tried) - 2)


def test_what_was_luck_is_given_up_for_the_rate_below() -> None:
    def lucky(rate: float, times: float) -> Word:
        return "kept" if rate <= (50 if times == 1 else 40) else "missed"

    found = knee.search(lucky, start=20, lowest=0.1, highest=1e5, resolution=0.05)
    assert found.kept is not None
    assert found.missed is not None
    assert 38 <= found.kept <= 40 < found.missed <= 42


def test_what_is_undecided_is_not_claimed() -> None:
    def vague(rate: float, _: float) -> Word:
        return "kept" if rate <= 40 else "undecided" if rate < 60 else "missed"

    found = knee.search(vague, start=20, lowest=0.1, highest=1e5, resolution=0.05)
    assert found.kept is not None
    assert 38 <= found.kept <= 40


def test_a_server_that_keeps_nothing_ends_the_search_below() -> None:
    found = knee.search(Server(0.0), start=20, lowest=1, highest=1e5, resolution=0.05)
    assert (found.kept, found.ended) == (None, "below")


def test_a_server_that_keeps_everything_ends_it_above() -> None:
    found = knee.search(Server(1e9), start=20, lowest=1, highest=1e5, resolution=0.05)
    assert found.ended == "above"
    assert found.kept is not None
    assert found.kept > 5e4


def test_a_generator_that_is_late_twice_ends_it_with_what_was_kept() -> None:
    tried: list[float] = []

    def late(rate: float, _: float) -> Word:
        tried.append(rate)
        return "kept" if rate <= 100 else "late"

    found = knee.search(late, start=50, lowest=1, highest=1e5, resolution=0.05)
    assert (found.kept, found.missed, found.ended) == (100, None, "late")
    assert tried == [50, 100, 200, 200]


def test_a_generator_that_is_late_once_is_asked_again() -> None:
    tried: list[float] = []

    def late_once(rate: float, _: float) -> Word:
        tried.append(rate)
        if len(tried) == 1:
            return "late"
        return "kept" if rate <= 100 else "missed"

    assert knee.search(late_once, start=50, lowest=1, highest=1e5, resolution=0.05).ended == "found"


def test_a_search_that_never_ends_is_ended() -> None:
    rng = np.random.default_rng(0)

    def fickle(_: float, times: float) -> Word:
        return "missed" if times > 1 else ("kept" if rng.random() < 0.5 else "missed")

    found = knee.search(fickle, start=50, lowest=1e-9, highest=1e9, resolution=0.01)
    assert found.ended in ("tries", "below", "bracket")


@pytest.mark.parametrize(("start", "lowest"), [(0.5, 1.0), (20.0, 0.0), (2e5, 1.0)])
def test_a_start_out_of_bounds_is_refused(start: float, lowest: float) -> None:
    with pytest.raises(ValueError, match="must lie between"):
        knee.search(Server(1.0), start=start, lowest=lowest, highest=1e5, resolution=0.05)


def test_with_luck_in_every_try_the_knee_is_missed_by_little() -> None:
    """Tries decided by 600 calls, of which the share that is good falls steeply at the knee."""
    rng = np.random.default_rng(1)
    true, wanted = 100.0, 0.99
    found = []
    for _ in range(100):

        def attempt(rate: float, times: float) -> Word:
            calls = round(600 * times)
            bad = 0.01 * np.exp(20 * (rate / true - 1))
            share = 1 - rng.binomial(calls, min(bad, 1.0)) / calls
            return "kept" if share >= wanted else "missed"

        searched = knee.search(attempt, start=30, lowest=1, highest=1e5, resolution=0.05)
        assert searched.kept is not None
        found.append(searched.kept)
    assert 0.93 * true <= np.mean(found) <= 1.02 * true
    assert np.std(found) <= 0.05 * true
