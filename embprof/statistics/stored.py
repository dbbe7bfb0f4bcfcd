"""Comparing with what was stored, where nothing can be measured again.

Another session means another hour, other neighbours, another place in memory; that noise is in no
interval of a single session and interleaving cannot cancel it. So a new value is held against the
spread of the sessions before it, or, where these are too few, against a floor. Small changes stay
unclear here: that is the truth, and only measuring both sides anew, in turn, does better.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embprof.model import Estimate
from embprof.statistics.quantiles import check_confidence, normal, student_t
from embprof.statistics.verdict import POWER, THETA

ENOUGH_SESSIONS = 3
"""Stored sessions from which their own spread is used."""
SESSION_NOISE = 0.10
"""Standard deviation of a session's log value where too few sessions are stored to tell.

Source: A/A on a 2-core shared VM. Single calls scatter by 8-14 % and neighbouring slices correlate
by 0.35-0.5: what they share is slow, and no number of calls in one session averages it out. With
other work on the machine, restart pairs a minute apart differed with an sd of 11 % (batches of 8,
8 pairs) and 17 % (batches of 32, 5 pairs): a session stamped as busy may stray further than this.
"""
RESOLUTION = 1e-6
"""Sessions whose logs spread by less are copies of one another, or of a quantity that moves in
steps. Source: a choice; a millionth is below what clocks and counters resolve over a run."""
_LARGEST_LOG = 700.0  # math.exp overflows at 709.8


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredComparison:
    """New over old on the log scale, and how far that can be trusted.

    ``change`` is ln(new/old), ``error`` its standard deviation; None where the stored figures
    support none, and ``basis`` then says why. ``degrees`` of freedom: None for an error taken as
    known. ``basis`` says where the noise was taken from.
    """

    change: float
    error: float | None
    degrees: int | None
    basis: str

    @property
    def ratio(self) -> float:
        """New over old."""
        return _exp(self.change)

    def interval(self, confidence: float) -> tuple[float, float] | None:
        """The bounds of the ratio; 0 and infinity where they lie beyond all numbers."""
        check_confidence(confidence)
        if self.error is None:
            return None
        reach = self._quantile((1 + confidence) / 2) * self.error
        return _exp(self.change - reach), _exp(self.change + reach)

    def p_beyond(self, theta: float = 0.0) -> float | None:
        """The p-value of "the change is no larger than theta"; with 0 that of "no change".

        Twice the smaller of the one-sided p-values of "at most 1 + theta" and "at least 1/(1 +
        theta)", which is never below the largest that any change within theta gives (Lehmann and
        Romano 2005, ch. 3): conservative, and at most alpha exactly where the 1 - alpha interval
        lies beyond theta, as ``judge`` has it.
        """
        if self.error is None:
            return None
        margin = math.log1p(theta)
        tail = min(
            self._cdf((margin - self.change) / self.error),
            self._cdf((margin + self.change) / self.error),
        )
        return min(1.0, 2 * tail)

    def smallest_detectable(self, *, level: float, theta: float = THETA) -> float | None:
        """The worsening (0.03: 3 %) that a two-sided test at ``level`` finds in 95 % of cases.

        It must lie beyond theta, so the answer is never smaller. Source: the minimum detectable
        effect at a known or estimated error, the sum of both quantiles times the error (Bloom
        1995, Evaluation Review 19).
        """
        check_confidence(1 - level)
        if self.error is None:
            return None
        reach = self._quantile(1 - level / 2) + self._quantile(POWER)
        found = (1 + theta) * _exp(reach * self.error) - 1
        return found if math.isfinite(found) else None

    def _quantile(self, probability: float) -> float:
        if self.degrees is None:
            return normal(probability)
        return student_t(self.degrees, 2 * probability - 1)

    def _cdf(self, score: float) -> float:
        from scipy.special import ndtr, stdtr

        return float(ndtr(score) if self.degrees is None else stdtr(self.degrees, score))


def compare_with_sessions(sessions: Sequence[Estimate], new: Estimate) -> StoredComparison:
    """A new session's value against K stored ones of the same question and environment.

    K >= ENOUGH_SESSIONS: a prediction interval on logs, t = (new - mean)/(s sqrt(1 + 1/K)) with
    K - 1 degrees of freedom; what the new value's own error has beyond that of the stored ones is
    added. Fewer: the error of every value and SESSION_NOISE for each, in quadrature.
    Give times: then a ratio above 1 is slower, as ``judge`` takes it (for rates, their inverses).
    Raises ValueError for no sessions and for values that are not finite and above zero.
    """
    if not sessions:
        raise ValueError("no stored session to compare with")
    values = [estimate.value for estimate in (*sessions, new)]
    if not all(0 < value < math.inf for value in values):
        raise ValueError("session values must be finite and above zero")
    logs = np.log(values[:-1])
    change = math.log(new.value) - float(logs.mean())
    count = len(sessions)
    if count < ENOUGH_SESSIONS:
        error, basis = _taken_as_known(sessions, new)
        return StoredComparison(change=change, error=error, degrees=None, basis=basis)
    spread = float(np.std(logs, ddof=1))
    error, basis = None, f"{count} stored sessions do not differ"
    if spread > RESOLUTION:
        excess = _excess(sessions, new)
        basis = "fewer readings than in the stored sessions"
        if excess is not None:
            error = math.hypot(spread * math.sqrt(1 + 1 / count), excess)
            basis = f"the spread of {count} stored sessions"
    return StoredComparison(change=change, error=error, degrees=count - 1, basis=basis)


def _taken_as_known(sessions: Sequence[Estimate], new: Estimate) -> tuple[float | None, str]:
    """The error of a change against fewer sessions than show a spread, and its basis."""
    count = len(sessions)
    own = [_log_error(estimate) for estimate in sessions]
    newest = _log_error(new)
    known = [error for error in own if error is not None]
    if newest is None or len(known) < count:
        return None, "a run without an interval"
    noise = SESSION_NOISE * math.sqrt(1 + 1 / count)
    error = math.hypot(newest, math.hypot(*known) / count, noise)
    stored = "1 stored session" if count == 1 else f"{count} stored sessions"
    return error, f"{stored}, session noise taken as {100 * SESSION_NOISE:.0f} %"


def _excess(sessions: Sequence[Estimate], new: Estimate) -> float | None:
    """The error that the new value has beyond that of the stored ones, which is in their spread.

    None where it was made of fewer readings, and by how much it is less sure cannot be told.
    """
    newest = _log_error(new)
    known = [error for session in sessions if (error := _log_error(session)) is not None]
    if newest is None:
        return None if known or new.n < min(session.n for session in sessions) else 0.0
    if not known:
        return 0.0
    return math.sqrt(max(0.0, newest**2 - sum(error**2 for error in known) / len(known)))


def _log_error(estimate: Estimate) -> float | None:
    """Half the interval on the log scale over the normal quantile; None without one above zero."""
    low, high = estimate.low, estimate.high
    if low is None or high is None or not 0 < low <= high < math.inf:
        return None
    return math.log(high / low) / 2 / normal((1 + estimate.confidence) / 2)


def _exp(exponent: float) -> float:
    return math.inf if exponent > _LARGEST_LOG else math.exp(exponent)
