"""Throughput and how far it can be trusted."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from embprof.model import Estimate
from embprof.statistics.correlated_mean import MIN_READINGS, mean_interval
from embprof.statistics.quantiles import student_t

Readings = Sequence[Sequence[float] | NDArray[np.float64]]


def rate(items: Readings, seconds: Readings) -> Estimate:
    """Items per second over all readings, with an interval whose unit is the process restart.

    ``items``, ``seconds``: one sequence per restart, each one number per reading in order of time;
    a reading is one call of the workload. The value is total items over total seconds, which is
    what a bare loop would report.

    Two or more restarts: a t interval over the log rates of the restarts. One restart: an interval
    from its correlated readings, which knows nothing of how restarts differ; ``low`` and ``high``
    are None below MIN_READINGS readings. Both are built on the log scale: neither reaches zero.

    Raises ValueError for empty, unequal, non-finite or non-positive input.
    """
    runs = _checked(items, seconds)
    return _across_restarts(runs) if len(runs) > 1 else _within_restart(*runs[0])


def _within_restart(items: NDArray[np.float64], seconds: NDArray[np.float64]) -> Estimate:
    n = seconds.size
    total = float(seconds.sum())
    value = float(items.sum()) / total
    if n < MIN_READINGS:
        basis = f"too few readings (n<{MIN_READINGS})"
        return Estimate(value=value, low=None, high=None, n=n, basis=basis)
    # The linearised error of a ratio of totals: what each reading took beyond its share.
    deviations = (seconds - items / value) * (n / total)
    less, more = mean_interval(deviations)
    return Estimate(
        value=value,
        low=value * math.exp(-more),  # more seconds an item are fewer items a second
        high=value * math.exp(-less),
        n=n,
        basis="readings of one process",
    )


def _across_restarts(runs: list[tuple[NDArray[np.float64], NDArray[np.float64]]]) -> Estimate:
    count = len(runs)
    totals = np.array([(items.sum(), seconds.sum()) for items, seconds in runs])
    value = float(totals[:, 0].sum() / totals[:, 1].sum())
    spread = float(np.std(np.log(totals[:, 0] / totals[:, 1]), ddof=1))
    # The value weighs each restart by its seconds, so its error does too; for restarts of equal
    # length this is spread / sqrt(count). Centred on the value, the interval always holds it.
    weights = totals[:, 1] / totals[:, 1].sum()
    error = spread * math.sqrt(float(weights @ weights))
    reach = student_t(count - 1) * error
    return Estimate(
        value=value,
        low=value * math.exp(-reach),
        high=value * math.exp(reach),
        n=count,
        basis=f"{count} restarts",
    )


def _checked(
    items: Readings, seconds: Readings
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """The restarts as pairs of (n,) arrays; ValueError names the restart that is wrong."""
    if len(items) != len(seconds):
        raise ValueError(f"items has {len(items)} restarts, seconds has {len(seconds)}")
    if not len(seconds):
        raise ValueError("no restarts: a rate needs at least one reading")
    runs = []
    for number, (some_items, some_seconds) in enumerate(zip(items, seconds, strict=True), start=1):
        pair = np.asarray(some_items, dtype=np.float64), np.asarray(some_seconds, dtype=np.float64)
        if pair[0].shape != pair[1].shape or pair[1].ndim != 1:
            shapes = f"items {pair[0].shape} and seconds {pair[1].shape}"
            raise ValueError(f"restart {number}: {shapes} do not match")
        if not pair[1].size:
            raise ValueError(f"restart {number} has no readings")
        for name, values in zip(("items", "seconds"), pair, strict=True):
            if not (np.isfinite(values).all() and (values > 0).all()):
                raise ValueError(f"restart {number}: {name} must be finite and above zero")
        runs.append(pair)
    return runs
