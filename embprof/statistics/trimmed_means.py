"""Trimmed means of what a row cost, and how far they might lie elsewhere.

A busy machine adds time in bursts of a second, which meet one row's slice and not the other's. A
mean drowns in them, and so does a gate's power mean once they fill a third of the time: it depends
on how large a share of the calls was disturbed. So a row's typical cost is a trimmed mean of log
costs (an L-estimator: Huber and Ronchetti 2009, Robust Statistics, section 3.3), over all rounds at
once.

Its error is looked at in two ways. The influence function says how far each round moved it, in the
order of the rounds, so that slow waves can be allowed for. But it knows of the costs near the ends
of a band only. Where quiet calls and disturbed ones lie apart, and an end falls just short of the
gap, it believes in an error near zero, while a few quiet calls more or fewer would move the mean by
all of the gap. Rounds drawn anew (a bootstrap: Efron and Tibshirani 1993) see that.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Band = tuple[float, float]
BANDS: tuple[Band, ...] = ((0.05, 0.2), (0.05, 0.35), (0.15, 0.5), (0.3, 0.7), (0.1, 0.9))
"""Quantiles between which costs may count; the band that is known best is taken.

Source: spread in percent of the log ratio of two rows, calls of 70 ms against 260 ms, 90 s in all
between four rows, 60 simulations a case: noise of 3 % / of 3 % with a twentieth of the calls 1.5-3
times as long / bursts of about a second that make calls 1.3-2.2 times as long during 33 % / 66 % of
the time. Mean 0.4 / 3.8 / 5.9 / 6.3; power mean of order -6 0.4 / 1.0 / 2.2 / 4.3, of order -12
0.4 / 0.7 / 1.3 / 2.8; lower quartile 0.5 / 0.5 / 0.6 / 4.6; fastest half 0.4 / 0.3 / 0.6 / 6.0,
fastest third 0.5 / 0.5 / 0.6 / 2.6. Six rows, calls of 40 and 70 ms among them, bursts during 66 %
of 150 s: the first band 3.3, the second 7.2, the last 7.6. On a shared machine without a neighbour,
where some moments are a fifth faster than most, the middle is known best: standard error of a pair
2.8 % with 5 to 35 %, 2.1 with 15 to 50, 1.8 with 30 to 70, 2.5 with 10 to 90 (six batch sizes,
120 s).
"""
DRAWS = 60
"""Times that rounds are drawn anew: an error from so many is itself known to 9 %."""
_BINS = 400  # into which many costs are gathered: rounds are drawn anew in milliseconds


def trimmed_means(
    logs: NDArray[np.float64], places: NDArray[np.int64], rounds: int, bands: Sequence[Band]
) -> list[tuple[float, NDArray[np.float64]]]:
    """By each band the mean of the log costs, and how far each round moved it, times the rounds.

    ``places``: at which round each cost was. The second is the influence function of a trimmed
    mean: the winsorised costs about their mean, over the share that counts. Shape: (rounds,).
    """
    ends = np.quantile(logs, np.asarray(bands))
    found = []
    for (first, last), (low, high) in zip(bands, ends, strict=True):
        inner = logs[(logs >= low) & (logs <= high)]
        value = float(inner.mean()) if inner.size else float(low)
        winsorised = np.clip(logs, low, high)
        scores = (winsorised - winsorised.mean()) / (last - first)
        moves = np.bincount(places, weights=scores, minlength=rounds)
        found.append((value, np.asarray(moves * (rounds / logs.size), dtype=np.float64)))
    return found


def redrawn_means(
    logs: NDArray[np.float64], places: NDArray[np.int64], rounds: int, bands: Sequence[Band]
) -> NDArray[np.float64]:
    """How far below the highest cost the means lay, had other rounds been met.

    Shape: (bands, DRAWS). Two rows with as many rounds meet the same draws, so that their
    differences are of pairs.
    """
    order = np.argsort(logs)
    bins = np.arange(logs.size) * min(logs.size, _BINS) // logs.size
    costs = np.bincount(bins, weights=logs[order]) / np.bincount(bins)
    cells = np.bincount(places[order] * costs.size + bins, minlength=rounds * costs.size)
    upto = np.cumsum(_draws(rounds) @ cells.reshape(rounds, -1), axis=1)
    upto /= upto[:, -1:]
    steps = np.diff(costs)

    def below(quantile: float) -> NDArray[np.float64]:
        """The integral of the quantile function up to there, from the highest cost."""
        return np.asarray(-(np.minimum(upto[:, :-1], quantile) @ steps))

    return np.array([(below(last) - below(first)) / (last - first) for first, last in bands])


@lru_cache(maxsize=64)
def _draws(rounds: int) -> NDArray[np.float64]:
    """How often each round was drawn, the same whenever it is asked. Shape: (DRAWS, rounds)."""
    counts = np.random.default_rng(0).multinomial(rounds, np.full(rounds, 1 / rounds), size=DRAWS)
    drawn = counts.astype(np.float64)
    drawn.setflags(write=False)  # shared by all callers
    return drawn
