"""Which run of a series is best, which cannot be told from it, and where more gains little.

The highest of several noisy figures is partly the luckiest one. So no run is called better than
another unless the interval of their ratio says so at a level that allows for all comparisons with
the best (Bonferroni; Hsu 1996, Multiple Comparisons, ch. 4).
"""

from dataclasses import dataclass, replace

from embprof.report.change import Change, change, rate_of, throughput
from embprof.report.study import Answer, Series

KNEE = 0.05
"""Share of the best throughput that is not worth a larger batch: it costs latency and memory. The
least regression that an embedding service asks to be told of is taken as the least gain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Positions in a series of throughputs. ``alike``: not told from the best, itself left out.

    ``knee``: the first whose value is within KNEE of the best's. ``unbounded``: without interval,
    so nothing can be said of them.
    """

    series: Series
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
        return change(a, b, rate_of(b), comparisons=max(1, len(self.series.values) - 1))


def rank(series: Series) -> Ranking | None:
    """The series by throughput; None where fewer than two runs have one, or of different things."""
    rates = enumerate(map(throughput, series.answers))
    known = {at: rate.estimate for at, rate in rates if rate is not None and rate.estimate}
    if len(known) < 2 or len({rate_of(series.answers[at]) for at in known}) > 1:  # noqa: PLR2004
        return None
    best = max(known, key=lambda at: known[at].value)
    enough = (1 - KNEE) * known[best].value
    knee = next(at for at, rate in known.items() if rate.value >= enough)
    bounded = [at for at, rate in known.items() if rate.low is not None]
    bare = Ranking(series=series, best=best, knee=knee, alike=(), unbounded=())
    changes = {at: bare.change(at, best) for at in bounded if at != best}
    return replace(
        bare,
        alike=tuple(at for at, found in changes.items() if found is None or not found.is_distinct),
        unbounded=tuple(at for at in known if at not in bounded),
    )
