"""The share of calls that are good, in the order in which they came, and whether it is enough.

Bad calls come in bursts: when a queue is long, one late call follows the other. So n calls are
worth fewer, and the interval allows for that by the correlation of neighbours: exact for a series
of two states that forgets all but the state before (a Markov chain), whose share has the variance
of n (1 - rho)/(1 + rho) independent calls.
"""

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from embprof.model import Estimate
from embprof.statistics.independent import wilson
from embprof.statistics.percentiles import neighbour_correlation
from embprof.statistics.quantiles import check_confidence, normal

Word = Literal["enough", "too_few", "undecided"]
_MAX_CORRELATION = 0.99


def share_of_good(
    good: Sequence[bool] | NDArray[np.bool_], *, confidence: float = 0.95
) -> Estimate:
    """The share with Wilson's interval for what the calls are worth; ``good`` in order of time.

    Raises ValueError for no calls.
    """
    check_confidence(confidence)
    series = np.asarray(good, dtype=np.bool_)
    if not series.size:
        raise ValueError("a share needs a call at least")
    rho = min(neighbour_correlation(series), _MAX_CORRELATION)
    worth = max(1.0, series.size * (1 - rho) / (1 + rho))
    basis = f"{series.size} calls, worth {worth:.0f}"
    return wilson(float(series.mean()), worth, n=series.size, basis=basis, confidence=confidence)


def is_enough(share: Estimate, wanted: float) -> Word:
    """Whether the interval lies above the wanted share, or below it."""
    assert share.low is not None, "Wilson's interval has both ends"
    assert share.high is not None, "likewise"
    if share.low >= wanted:
        return "enough"
    return "too_few" if share.high < wanted else "undecided"


def fewest_calls(wanted: float, *, confidence: float = 0.95) -> int:
    """Calls without which even no bad one shows a share of ``wanted``: 381 for 0.99."""
    z = normal((1 + confidence) / 2)
    return math.ceil(z**2 * wanted / (1 - wanted))
