"""Comparing with what was stored, where nothing can be measured again.

Another session means another hour, other neighbours, another place in memory; that noise is in no
interval of a single session and interleaving cannot cancel it. So a new value is held against the
spread of the sessions before it, or, where these are too few, against a floor. Small changes stay
unclear here: that is the truth, and only measuring both sides anew, in turn, does better.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embprof.model import Estimate
from embprof.statistics.quantiles import check_confidence, student_t

ENOUGH_SESSIONS = 3
"""Stored sessions from which their own spread is used."""
SESSION_NOISE = 0.10
"""Standard deviation of a session's log value where too few sessions are stored to tell.

Source: A/A on a 2-core shared VM. Single calls scatter by 8-14 % and neighbouring slices correlate
by 0.35-0.5: what they share is slow, and no number of calls in one session averages it out. With
other work on the machine, restart pairs a minute apart differed with an sd of 11 % (batches of 8,
8 pairs) and 17 % (batches of 32, 5 pairs): a session stamped as busy may stray further than this.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredComparison:
    """New over old with its 1 - alpha interval; None where the stored figures support none.

    ``p_value`` is two-sided, of "no change"; ``basis`` says where the noise was taken from.
    """

    ratio: float
    low: float | None
    high: float | None
    p_value: float | None
    basis: str


def compare_with_sessions(
    session_values: Sequence[float], new_value: float, *, alpha: float = 0.01
) -> StoredComparison:
    """A new session's value against K stored ones of the same question and environment.

    A prediction interval on logs: t = (new - mean)/(s sqrt(1 + 1/K)) with K - 1 degrees of freedom
    for K >= ENOUGH_SESSIONS, else s = SESSION_NOISE, taken as known. Give times: then a ratio
    above 1 is slower, as ``judge`` takes it (for rates, their inverses).
    Raises ValueError for no sessions and for values that are not finite and above zero.
    """
    check_confidence(1 - alpha)
    stored = np.asarray(session_values, dtype=np.float64)
    if not stored.size:
        raise ValueError("no stored session to compare with")
    if not (np.isfinite(stored).all() and (stored > 0).all() and 0 < new_value < math.inf):
        raise ValueError("session values must be finite and above zero")
    count = stored.size
    logs = np.log(stored)
    change = math.log(new_value) - float(logs.mean())
    widening = math.sqrt(1 + 1 / count)
    if count < ENOUGH_SESSIONS:
        basis = f"{count} stored, session noise taken as {SESSION_NOISE:.0%}"
        return _compared(change, SESSION_NOISE * widening, None, alpha, basis)
    spread = float(np.std(logs, ddof=1))
    if spread <= np.finfo(np.float64).eps * count:  # readings copied, not measured
        return _compared(change, None, None, alpha, f"{count} stored sessions do not differ")
    return _compared(change, spread * widening, count - 1, alpha, f"{count} stored sessions")


def compare_runs(a: Estimate, b: Estimate, *, alpha: float = 0.01) -> StoredComparison:
    """Run B against run A: B/A, their errors and the session noise of both added in quadrature.

    The errors are half their intervals on the log scale over the normal quantile. Give estimates of
    times, or swap those of rates. Without an interval, or with one that reaches 0, none comes out.
    Raises ValueError for values that are not finite and above zero.
    """
    check_confidence(1 - alpha)
    if not (0 < a.value < math.inf and 0 < b.value < math.inf):
        raise ValueError("estimates must be finite and above zero")
    change = math.log(b.value / a.value)
    errors = [_log_error(a), _log_error(b)]
    if None in errors:
        return _compared(change, None, None, alpha, "a run without an interval")
    error = math.hypot(*(e or 0.0 for e in errors), SESSION_NOISE * math.sqrt(2))
    basis = f"two stored runs, session noise taken as {SESSION_NOISE:.0%}"
    return _compared(change, error, None, alpha, basis)


def _log_error(estimate: Estimate) -> float | None:
    low, high = estimate.low, estimate.high
    if low is None or high is None or not 0 < low <= high < math.inf:
        return None
    return math.log(high / low) / 2 / _quantile(None, estimate.confidence)


def _compared(
    change: float, error: float | None, degrees: int | None, alpha: float, basis: str
) -> StoredComparison:
    from scipy.special import ndtr, stdtr

    ratio = math.exp(change)
    if error is None:
        return StoredComparison(ratio=ratio, low=None, high=None, p_value=None, basis=basis)
    reach = _quantile(degrees, 1 - alpha) * error
    score = -abs(change) / error
    tail = ndtr(score) if degrees is None else stdtr(degrees, score)
    low, high = math.exp(change - reach), math.exp(change + reach)
    return StoredComparison(ratio=ratio, low=low, high=high, p_value=float(2 * tail), basis=basis)


def _quantile(degrees: int | None, confidence: float) -> float:
    """The two-sided critical value: Student's t, or the normal where the error is known."""
    from scipy.special import ndtri

    if degrees is None:
        return float(ndtri((1 + confidence) / 2))
    return student_t(degrees, confidence)
