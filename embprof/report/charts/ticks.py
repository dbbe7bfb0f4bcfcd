"""Values worth naming on an axis."""

import math
from collections.abc import Sequence

STEPS = (1, 2, 2.5, 5, 10)
WANTED = 5
"""Ticks of an axis, about."""


def linear(low: float, high: float) -> list[float]:
    """Round values that cover a range, one step beyond it at most."""
    span = (high - low) or abs(high) or 1.0
    raw = span / WANTED
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in STEPS if power * factor >= raw * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(step * at, 12) for at in range(first, last + 1)]


def logarithmic(low: float, high: float) -> list[float]:
    """1, 2 and 5 of every power of ten in a range, or powers alone where it is wide."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    factors = (1, 2, 5) if len(powers) <= WANTED else (1,)
    return [
        value
        for power in powers
        for factor in factors
        if low <= (value := factor * 10.0**power) <= high
    ]


def thinned(values: Sequence[float], positions: Sequence[float], least: float) -> list[float]:
    """Those of ``values`` whose positions leave ``least`` between them."""
    kept: list[float] = []
    last = -math.inf
    for value, position in zip(values, positions, strict=True):
        if position - last >= least:
            kept.append(value)
            last = position
    return kept
