"""A negative control: did a kernel that cannot have changed, change too?

Beside every slice of either arm a small fixed kernel is timed. What differs between the arms in it
cannot be the candidate's doing: one arm ran on a slower core, next to a busier neighbour, at a
lower clock. Its times go through the estimator and the test that judge the arms.

Measured (2,000 gates a case, 24 restart pairs of 14 slice pairs, one reading a slice): between arms
alike 1.0 % of verdicts are voided. Readings that scatter by 3 % show a machine that differed by
1 / 1.5 / 2 % in 89 / 99.8 / 100 % of gates, by 8 % in 13 / 35 / 63 %: a canary must be quieter than
the workload, so let it run for some milliseconds.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from embprof.statistics.pair_effect import Numbers, pair_effects
from embprof.statistics.paired_test import PairedTest, paired_test
from embprof.statistics.verdict import THETA

FALSE_VOID = 0.01
"""How often a canary between arms alike may void a verdict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryCheck:
    """Whether the canary changed too, which voids the verdict; None: too few pairs to tell."""

    changed: bool | None
    test: PairedTest


def check_canary(
    a_slices: Sequence[Sequence[Numbers]],
    b_slices: Sequence[Sequence[Numbers]],
    *,
    theta: float = THETA,
) -> CanaryCheck:
    """Compares the canary's times beside A's slices with those beside B's.

    ``a_slices``, ``b_slices``: per restart pair, per slice, the canary's times in seconds (one or
    more; as many in both arms). It changed if no change at all is rejected at FALSE_VOID and the
    change is at least half of ``theta``: a smaller one, however certain, cannot turn a verdict.
    Raises ValueError as ``pair_effects`` does, and for unequal numbers of restart pairs.
    """
    if len(a_slices) != len(b_slices):
        raise ValueError(f"canary: {len(a_slices)} and {len(b_slices)} restart pairs")
    effects = [pair_effects(a, b) for a, b in zip(a_slices, b_slices, strict=True)]
    test = paired_test(effects, level=FALSE_VOID, theta=theta)
    if test.low is None:
        return CanaryCheck(changed=None, test=test)
    large = abs(math.log(test.estimate.value)) >= math.log1p(theta) / 2
    return CanaryCheck(changed=large and test.p_value <= FALSE_VOID, test=test)
