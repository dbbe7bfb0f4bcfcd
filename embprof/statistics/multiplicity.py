"""When many rows are tested at once, some look changed by chance: p-values that allow for it.

Benjamini and Hochberg bound the *share* of false alarms among the alarms, which is for exploring; a
gate bounds the chance of *any* (:mod:`embprof.run.gate.judging`). The rows need not be alike, but
may depend on each other only positively, as rows of one machine do.
"""

from collections.abc import Sequence

import numpy as np


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values in the order given: of those <= q, a share q is false on average.

    Raises ValueError unless all lie within [0, 1].
    """
    p = np.asarray(p_values, dtype=np.float64)
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("p-values must lie between 0 and 1; leave out rows that have none")
    if p.size < 2:  # noqa: PLR2004  (one alone needs no correction)
        return [float(value) for value in p]
    from scipy.stats import false_discovery_control

    return [float(value) for value in false_discovery_control(p, method="bh")]
