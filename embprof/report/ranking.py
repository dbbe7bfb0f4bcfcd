"""Which run of a series is best, which cannot be told from it, and where more gains little.

The highest of several noisy figures is partly the luckiest one. So no run is called better than
another unless the interval of their ratio says so at a level that allows for all comparisons with
the best (Bonferroni; Hsu 1996, Multiple Comparisons, ch. 4).
"""

from dataclasses import dataclass, replace

from embprof.report.change import Change, change, rate_of
from embprof.report.standing import misses, wanted
from embprof.report.study import Answer, Series

KNEE = 0.05
LITTLE = 2 * KNEE
"""Share of the best throughput that is not worth a larger batch: it costs latency and memory. The
least regression that an embedding service asks to be told of is taken as the least gain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Positions in a series of one figure, ``metric``, throughputs where no other was asked for.

    ``alike``: not told from the best, itself left out. ``knee``: the first whose value is within
    KNEE of the best's. ``unbounded``: without interval, so nothing can be said of them.
    ``left_out``: values whose runs miss what else is wanted of them, and are not in the series.
    """

    series: Series
    metric: str
    left_out: tuple[object, ...]
    best: int
    knee: int
    alike: tuple[int, ...]
    unbounded: tuple[int, ...]

    def answer(self, position: int) -> Answer:
        """The run there."""
        return self.series.answers[position]

    def value(self, position: int) -> object:
        """The value of the axis there."""
        return self.series.values[position]

    def change(self, before: int, after: int) -> Change | None:
        """From one to another, at the level of all comparisons with the best."""
        a, b = self.answer(before), self.answer(after)
        return change(a, b, self.metric, comparisons=max(1, len(self.series.values) - 1))


def rank(series: Series, metric: str | None = None) -> Ranking | None:
    """The series by a figure; None where fewer than two runs have it, or it is of different things.

    Runs that miss what else is wanted of them are left out where others do not.
    """
    names = {rate_of(answer) for answer in series.answers} if metric is None else {metric}
    if len(names) > 1:
        return None
    (metric,) = names
    series, left_out = _of_use(series, metric)
    figures = enumerate(answer.run.figure(metric) for answer in series.answers)
    known = {at: one for at, one in figures if one is not None and one.estimate}
    values = {at: one.estimate.value for at, one in known.items() if one.estimate}
    if len(values) < 2:  # noqa: PLR2004
        return None
    if any(one.better == "higher" for one in known.values()):
        best = max(values, key=lambda at: values[at])
        knee = next(at for at, value in values.items() if value >= (1 - KNEE) * values[best])
    else:
        best = min(values, key=lambda at: values[at])
        knee = next(at for at, value in values.items() if value <= (1 + KNEE) * values[best])
    bounded = [at for at, one in known.items() if one.estimate and one.estimate.low is not None]
    bare = Ranking(
        series=series,
        metric=metric,
        left_out=left_out,
        best=best,
        knee=knee,
        alike=(),
        unbounded=(),
    )
    changes = {at: bare.change(at, best) for at in bounded if at != best}
    return replace(
        bare,
        alike=tuple(at for at, found in changes.items() if found is None or not found.is_distinct),
        unbounded=tuple(at for at in known if at not in bounded),
    )


def _of_use(series: Series, metric: str) -> tuple[Series, tuple[object, ...]]:
    """The series without the runs that miss what else is wanted, and the values of those."""
    kept = [at for at, answer in enumerate(series.answers) if not misses(answer, metric)]
    is_one_wish = all(wanted(answer) == wanted(series.answers[0]) for answer in series.answers)
    if not kept or len(kept) == len(series.answers) or not is_one_wish:
        return series, ()
    left_out = tuple(value for at, value in enumerate(series.values) if at not in kept)
    return replace(
        series,
        values=tuple(series.values[at] for at in kept),
        answers=tuple(series.answers[at] for at in kept),
    ), left_out
