"""What two rows of a race cost beside each other, from the rounds that both were in.

A row's typical cost is a trimmed mean (:mod:`embprof.statistics.trimmed_means`). Which quantiles
count is chosen by the error that they leave: quick ones beside a neighbour, the middle where there
is none. The error does not change when two rows are swapped, nor when one is slower throughout, so
the choice favours nobody.

Quick quantiles are kinder to short calls: a call of 40 ms finds a quiet moment that a call of a
second cannot find, and varies more by itself. Two rows are therefore compared over stretches of
equal length: as many calls of the quicker one are taken together as one call of the other lasts.
How many these are depends on how long calls last in general and on no single one of them.

What is known of the error comes from the rounds: how far each moved either row's trimmed mean, and
how far the ratio moves when rounds are drawn anew; the larger of both counts. The order within a
round is drawn, so of two rows that are alike each difference might as well have had the other sign,
whatever the machine did; a row that differs may have waves of its own, which the error allows for.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from embprof.statistics.quantiles import CONFIDENCE, student_t
from embprof.statistics.trimmed_means import BANDS, Band, redrawn_means, trimmed_means

FEWEST_ROUNDS = 6
"""Rounds without which nothing is said of a pair: the error would rest on too few differences."""


@dataclass(slots=True)
class RowCosts:
    """What a row's calls cost, round by round and slice by slice.

    ``slices[r]``: one array a slice of round r, (calls,) in order, of what each call cost. Rounds
    that the row was not in have no entry.
    """

    slices: dict[int, list[NDArray[np.float64]]] = field(default_factory=dict)
    _call_seconds: list[float] = field(default_factory=list)

    def add(self, number: int, costs: Sequence[float], seconds: float) -> None:
        """Adds a slice to a round; ``seconds`` is how long it took.

        Raises ValueError for what are no costs.
        """
        calls = np.asarray(costs, dtype=np.float64)
        if not (calls.size and np.isfinite(calls).all() and (calls > 0).all()):
            raise ValueError("costs must be finite and above zero")
        self.slices.setdefault(number, []).append(calls)
        self._call_seconds.append(seconds / calls.size)

    @property
    def rounds(self) -> set[int]:
        """The rounds that the row was in."""
        return set(self.slices)

    @property
    def call_seconds(self) -> float:
        """How long a call typically lasts."""
        return float(np.median(self._call_seconds))

    def stretches(
        self, rounds: Sequence[int], calls: int
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Log costs of stretches of so many calls, and at which place of ``rounds`` each was."""
        found, places = [], []
        for place, number in enumerate(rounds):
            for costs in self.slices[number]:
                logs = np.log(_stretched(costs, calls))
                found.append(logs)
                places.append(np.full(logs.size, place))
        return np.concatenate(found), np.concatenate(places)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Log ratio of what B costs beside A, its standard error, and over how many rounds.

    ``degrees``: degrees of freedom of the error.
    """

    log_ratio: float
    error: float
    rounds: int
    degrees: float

    def reach(self, level: float = 1 - CONFIDENCE) -> float:
        """How far from the log ratio the truth may lie, at this two-sided level."""
        return student_t(self.degrees, 1 - level) * self.error

    def turned(self) -> "Effect":
        """A beside B."""
        return replace(self, log_ratio=-self.log_ratio)


def paired_effects(
    a: RowCosts, b: RowCosts, bands: Sequence[Band] = BANDS, *, by_call: bool = False
) -> tuple[Effect, ...]:
    """B beside A, by each band; none with fewer than FEWEST_ROUNDS rounds in common.

    ``by_call``: calls are compared as they are, which is what a percentile of service times is
    about.
    """
    rounds = sorted(a.rounds & b.rounds)
    if len(rounds) < FEWEST_ROUNDS:
        return ()
    longer = 1.0 if by_call else a.call_seconds / b.call_seconds
    a_costs = a.stretches(rounds, max(1, round(1 / longer)))
    b_costs = b.stretches(rounds, max(1, round(longer)))
    a_found, b_found = (trimmed_means(*costs, len(rounds), bands) for costs in (a_costs, b_costs))
    a_drawn, b_drawn = (redrawn_means(*costs, len(rounds), bands) for costs in (a_costs, b_costs))
    redrawn = np.std(b_drawn - a_drawn, axis=1) * math.sqrt(len(rounds) / (len(rounds) - 1))
    return tuple(
        Effect(
            log_ratio=b_value - a_value,
            error=max(standard_error(b_moves - a_moves), float(drawn)),
            rounds=len(rounds),
            degrees=_degrees(b_moves - a_moves),
        )
        for (a_value, a_moves), (b_value, b_moves), drawn in zip(
            a_found, b_found, redrawn, strict=True
        )
    )


def standard_error(differences: NDArray[np.float64]) -> float:
    """The standard error of the mean of what rounds differ by, slow waves allowed for.

    ``differences``: (rounds,), their mean is zero. Bartlett's weights (Newey and West 1987) over
    the lags up to the cube root of n; waves that make rounds differ less than by chance are not
    believed.
    """
    n = differences.size
    variance = float(differences @ differences) / (n - 1)
    lags = round(n ** (1 / 3))
    waves = sum(
        2 * (1 - lag / (lags + 1)) * float(differences[lag:] @ differences[:-lag]) / (n - 1)
        for lag in range(1, lags + 1)
    )
    return math.sqrt(max(variance, variance + waves) / n)


def _degrees(differences: NDArray[np.float64]) -> float:
    """Degrees of freedom of their variance: fewer where few rounds make up most of it.

    From the kurtosis of the differences (Satterthwaite 1946); n - 1 where they are normal.
    """
    n = differences.size
    squares = differences**2
    if not squares.any():
        return float(n - 1)
    kurtosis = n * float(squares @ squares) / float(squares.sum()) ** 2
    return min(n - 1.0, max(1.0, 2 * (n - 1) / max(kurtosis - 1, 1e-9)))


def _stretched(costs: NDArray[np.float64], calls: int) -> NDArray[np.float64]:
    """The mean cost of every so many calls.

    What is left over goes with the last stretch, not to be a short one of its own.
    """
    starts = np.arange(max(1, costs.size // calls)) * calls
    lengths = np.diff(np.append(starts, costs.size))
    return np.asarray(np.add.reduceat(costs, starts) / lengths, dtype=np.float64)
