"""What a comparison says, in one word."""

import math

from embprof.model import Verdict

THETA = 0.01
"""A change too small to care about, as a share. Source: a choice, above the 0.5 % that the harness
itself may cost and below what any user has asked to be told of."""
POWER = 0.95
"""How often the smallest change that is called detectable would be found."""
DELTA = 0.03
"""The largest change that still passes for "the same", as a share: the user's bound, by default
what a gate of three minutes can tell apart on a shared machine (docs/explanation/verdicts.md)."""


def judge(
    low: float | None, high: float | None, *, theta: float = THETA, delta: float = DELTA
) -> Verdict:
    """The verdict on an interval for the ratio of times B/A (1.03: B takes 3 % longer).

    ``slower`` if all of it lies above 1 + theta, ``faster`` if below 1/(1 + theta), so that
    swapping the arms swaps the verdict; else ``same`` if it lies within 1/(1 + delta) and
    1 + delta; else ``unclear``. An interval that is missing, not finite, not positive or turned
    round supports no verdict: ``unclear``.
    Raises ValueError unless 0 <= theta <= delta.
    """
    if not 0 <= theta <= delta or not math.isfinite(delta):
        raise ValueError(f"need 0 <= theta <= delta, got theta={theta}, delta={delta}")
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return Verdict.UNCLEAR
    if not 0 < low <= high:
        return Verdict.UNCLEAR
    if low > 1 + theta:
        return Verdict.SLOWER
    if high < 1 / (1 + theta):
        return Verdict.FASTER
    if 1 / (1 + delta) <= low and high <= 1 + delta:
        return Verdict.SAME
    return Verdict.UNCLEAR
