"""How fast memory grows while a service is watched.

The first half of what was seen is left out: threads, arenas and caches fill in it, ever more
slowly, and their pace says nothing of the hours to come. Neighbouring readings resemble each other,
so the slope is Theil-Sen's (Sen 1968) of the medians of eight blocks of readings: an interval from
the readings themselves would take them for independent and be far too narrow.

What can go wrong: a service that takes longer to settle than half of the time still grows in the
second half. It slows down then, and :func:`is_slowing` sees it; only more time says where it ends.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from embprof.model import Estimate

BLOCKS = 8
FEWEST_READINGS = 2 * BLOCKS
"""One for each block of the second half."""
LEAST_SECONDS = 100.0
"""A growth a minute takes a minute of readings, or nearly so, in the half that is judged."""
Array = NDArray[np.float64]
Readings = Sequence[float] | Array


def growth(seconds: Readings, sizes: Readings) -> Estimate:
    """Growth a minute over the second half, with its 95 % interval.

    ``sizes``: (n,) in any unit, in order of time. Raises ValueError where :func:`why_not` has a
    reason.
    """
    if reason := why_not(seconds):
        raise ValueError(reason)
    from scipy.stats import theilslopes

    blocks = _second_half(seconds, sizes)
    slope, _, low, high = (60 * float(value) for value in theilslopes(blocks[:, 1], blocks[:, 0]))
    return Estimate(
        value=slope, low=low, high=high, n=BLOCKS, basis="blocks of readings, second half"
    )


def why_not(seconds: Readings) -> str | None:
    """Why these readings say nothing of growth, if so: ``n<32``, ``<100 s``."""
    if len(seconds) < FEWEST_READINGS:
        return f"n<{FEWEST_READINGS}"
    if seconds[-1] - seconds[0] < LEAST_SECONDS:
        return f"<{LEAST_SECONDS:.0f} s"
    return None


def is_slowing(seconds: Readings, sizes: Readings) -> bool:
    """Whether the last quarter grew less than the one before it, beyond doubt: no overlap."""
    from scipy.stats import theilslopes

    quarter = max(len(seconds) // 4, 2)
    earlier = theilslopes(sizes[-2 * quarter : -quarter], seconds[-2 * quarter : -quarter])
    later = theilslopes(sizes[-quarter:], seconds[-quarter:])
    return bool(later.high_slope < earlier.low_slope)


def _second_half(seconds: Readings, sizes: Readings) -> Array:
    """(BLOCKS, 2): median time and median size of blocks with as many readings each."""
    half = len(seconds) // 2
    times = np.array_split(np.asarray(seconds[half:], dtype=np.float64), BLOCKS)
    levels = np.array_split(np.asarray(sizes[half:], dtype=np.float64), BLOCKS)
    pairs = zip(times, levels, strict=True)
    return np.array([(np.median(time), np.median(level)) for time, level in pairs])
