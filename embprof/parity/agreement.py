"""How far vectors of one service agree with those of another, text by text.

Three questions, from the strictest to the one that matters to a search: is it the same vector
(cosine), has a text the same neighbours (nearest, top 10), are all texts ordered alike as seen from
it (rank correlation)? A rotation of all vectors leaves the last two as they are.

What can go wrong. *Ties*: of texts that repeat each is as near as the other
(:mod:`embprof.parity.similarities`). *Density*: among more texts neighbours lie closer together and
change more easily, so shares hold for as many texts as were compared. *The worst text*: the least
cosine of more texts is lower; it has no interval, the first percentile has. *Dependence*: a text is
a neighbour of others as much as it has neighbours of its own, so that the means of neighbours and
ranks are known less well than those of as many independent readings.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from embprof.interface.figure import figure, plain, too_few
from embprof.model import Estimate, Figure, Samples
from embprof.parity.names import COSINE, NEAREST, RANKS, TOP
from embprof.parity.similarities import kept
from embprof.statistics import independent, neighbours
from embprof.statistics.independent import within
from embprof.statistics.percentiles import percentile, smallest_sample
from embprof.units import metric_name

TEN = 10
LOW = 0.01
"""The quantile of cosines that stands for the worst texts."""
STRETCH = 2.0
"""How much wider the interval is of a mean over texts that are each other's neighbours.

What a mean over pairs varies by is twice what the means of its rows do (Hoeffding 1948, Annals of
Mathematical Statistics 19, 293-325: 4 zeta / n). Simulated, 300 draws of 150 texts: the spread of
the nearest's share is 1.1-1.2 times what independent texts would have, of the top ten's 1.4-1.5, of
the rank correlation's 1.8."""
UNITS = "texts"
OTHER_DIMENSIONS = "n/a (other dimensions)"
TWO_TEXTS = too_few(3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """One reading a text, (N,) each.

    ``cosine`` to the reference's vector, None where dimensions differ; ``nearest`` kept, 0 or 1;
    ``top10``, the share kept; ``ranks``, the correlation, None of two texts.
    """

    cosine: NDArray[np.float64] | None
    nearest: NDArray[np.float64]
    top10: NDArray[np.float64]
    ranks: NDArray[np.float64] | None


def agreement(reference: NDArray[np.floating], own: NDArray[np.floating]) -> Agreement:
    """How vectors agree with the reference's of the same texts: (N, D') and (N, D).

    Lengths do not count. Raises ValueError for fewer than two texts, for another number of them,
    and for vectors that are no finite numbers.
    """
    if not (np.isfinite(reference).all() and np.isfinite(own).all()):
        raise ValueError("vectors must be finite numbers")
    before, after = neighbours.unit_length(reference), neighbours.unit_length(own)
    found = kept(before, after, top=TEN)
    is_same_space = before.shape[1] == after.shape[1]
    return Agreement(
        cosine=cosines(before, after) if is_same_space else None,
        nearest=found.nearest,
        top10=found.top,
        ranks=found.ranks,
    )


def samples(found: Agreement) -> list[Samples]:
    """One reading per text, the strictest quantity first; shares are percent."""
    readings = [] if found.cosine is None else [_readings(COSINE, "1", found.cosine)]
    readings += [
        _readings(NEAREST, "%", 100 * found.nearest),
        _readings(TOP, "%", 100 * found.top10),
    ]
    return readings if found.ranks is None else [*readings, _readings(RANKS, "1", found.ranks)]


def figures(found: Agreement) -> tuple[Figure, ...]:
    """Mean, first percentile and least cosine, and the means of the others, with intervals.

    The texts are the units of inference.
    """
    texts = len(found.nearest)
    basis = f"{texts} {UNITS}"
    worth = texts / STRETCH**2
    return (
        *_cosine_figures(found.cosine),
        _percent(NEAREST, independent.wilson(found.nearest.mean(), worth, n=texts, basis=basis)),
        _percent(TOP, _stretched(found.top10)),
        figure(
            RANKS,
            "",
            None if found.ranks is None else _stretched(found.ranks),
            better="higher",
            note=TWO_TEXTS if found.ranks is None else None,
        ),
    )


def _cosine_figures(cosines: NDArray[np.float64] | None) -> tuple[Figure, ...]:
    mean, low, least = f"{COSINE}_mean", f"{COSINE}_p01", f"{COSINE}_min"
    if cosines is None:
        return tuple(
            figure(name, "", None, better="higher", note=OTHER_DIMENSIONS)
            for name in (mean, low, least)
        )
    found = percentile(cosines, LOW, correlated=False)
    note = None if found else too_few(smallest_sample(LOW))
    return (
        figure(mean, "", within(independent.mean(cosines, units=UNITS), high=1.0), better="higher"),
        figure(low, "", found, better="higher", note=note),
        plain(least, "", cosines.min(), f"least of {len(cosines)} {UNITS}", better="higher"),
    )


def cosines(before: neighbours.Vectors, after: neighbours.Vectors) -> NDArray[np.float64]:
    """Those of rows of length 1, (N,).

    Exactly 1 of equal rows, which a product of rounded numbers is not: by their distance.
    """
    distances = before - after
    return np.asarray(1.0 - np.einsum("nd,nd->n", distances, distances) / 2)


def _percent(name: str, share: Estimate) -> Figure:
    return figure(metric_name(name, "%"), "%", share.scaled(100), better="higher")


def _stretched(values: NDArray[np.float64]) -> Estimate:
    """The mean over texts that are each other's neighbours, its interval STRETCH times as wide."""
    found = independent.mean(values, units=UNITS)
    if found.bounds is None:
        return found
    low, high = (found.value + STRETCH * (bound - found.value) for bound in found.bounds)
    return within(replace(found, low=low, high=high), high=1.0)


def _readings(name: str, unit: str, values: NDArray[np.float64]) -> Samples:
    return Samples(name=name, unit=unit, better="higher", values=tuple(map(float, values)))
