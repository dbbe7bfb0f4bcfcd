"""A number beside each vector, for filters that let a known share of the rows through."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CATEGORY = 0x63_6174
"""Keeps these numbers apart from others of the same seed: the letters ``cat``."""


def categories(rows: int, seed: int) -> NDArray[np.float64]:
    """Uniform in [0, 1), (N,) float64; those of fewer rows are the beginning of those of more."""
    import numpy as np

    return np.random.default_rng((seed, CATEGORY)).random(rows)
