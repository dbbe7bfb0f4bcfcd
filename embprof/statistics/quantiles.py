"""The distribution functions that intervals need, imported only when first called.

``scipy.special`` takes about 0.1 s to import: a command that computes no interval does not pay it.
"""

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.95
"""That of every interval that is shown."""


def student_t(degrees: float, confidence: float = CONFIDENCE) -> float:
    """The two-sided critical value of Student's t: 12.7 for 1 degree of freedom at 0.95."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, (1 + confidence) / 2))


def normal(probability: float) -> float:
    """The quantile of the standard normal distribution: 1.96 for 0.975."""
    from scipy.special import ndtri

    return float(ndtri(probability))


def binomial_cdf(trials: int, probability: float) -> NDArray[np.float64]:
    """P(X <= k) for k = 0 ... trials of a binomial X. Shape: (trials + 1,)."""
    from scipy.special import bdtr

    counts = np.arange(trials + 1, dtype=np.float64)
    return np.asarray(bdtr(counts, trials, probability), dtype=np.float64)


def check_confidence(confidence: float) -> None:
    """Raise ValueError unless ``confidence`` lies strictly between 0 and 1."""
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, got {confidence}")
