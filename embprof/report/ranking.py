"""Which run of a series is best, which cannot be told from it, and where more gains little.

The highest of several noisy figures is partly the luckiest one. So no run is called better than
another unless the interval of their ratio says so at a level that allows for all comparisons with
the best (Bonferroni; Hsu 1996, Multiple Comparisons, ch. 4).
"""

from dataclasses import dataclass

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
    rates = [throughput(answer) for answer in series.answers]
    known = [
        (number, rate.estimate.value)
        for number, rate in enumerate(rates)
        if rate is not None and rate.estimate is not None
    ]
    if len(known) < 2 or len({rate_of(series.answers[number]) for number, _ in known}) > 1:  # noqa: PLR2004
        return None
    best, highest = max(known, key=lambda pair: pair[1])
    knee = next(number for number, value in known if value >= (1 - KNEE) * highest)
    bare = Ranking(series=series, best=best, knee=knee, alike=(), unbounded=())
    changes = {number: bare.change(number, best) for number, _ in known if number != best}
    has_interval = {
        number: rate.estimate is not None and rate.estimate.low is not None
        for number, rate in enumerate(rates)
        if rate is not None
    }
    return Ranking(
        series=series,
        best=best,
        knee=knee,
        alike=tuple(
            number
            for number, found in changes.items()
            if has_interval[number] and (found is None or not found.is_distinct)
        ),
        unbounded=tuple(number for number, _ in known if not has_interval[number]),
    )
