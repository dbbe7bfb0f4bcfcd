"""When many rows are tested at once, some look changed by chance: p-values that allow for it.

Holm bounds the chance of *any* false alarm and is for gates; Benjamini and Hochberg bound the
*share* of false alarms among the alarms and are for exploring. Neither asks the rows to be alike.
Holm holds however the rows depend on each other; the other where they do so positively, as rows
of one machine do.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values in the order given: reject those <= alpha (Holm 1979, Scand. J. Stat. 6).

    Raises ValueError unless all lie within [0, 1].
    """
    p = _checked(p_values)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1.0)
    return [float(value) for value in adjusted]


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values in the order given: of those <= q, a share q is false on average.

    Raises ValueError unless all lie within [0, 1].
    """
    p = _checked(p_values)
    if p.size < 2:  # noqa: PLR2004  (one alone needs no correction)
        return [float(value) for value in p]
    from scipy.stats import false_discovery_control

    return [float(value) for value in false_discovery_control(p, method="bh")]


def _checked(p_values: Sequence[float]) -> NDArray[np.float64]:
    p = np.asarray(p_values, dtype=np.float64)
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("p-values must lie between 0 and 1; leave out rows that have none")
    return p
