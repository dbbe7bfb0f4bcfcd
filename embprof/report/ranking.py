"""Which run of a series is best, which cannot be told from it, and where more gains little.

The highest of several noisy figures is partly the luckiest one. So no run is called better than
another unless the interval of their ratio says so at a level that allows for all comparisons with
the best (Bonferroni; Hsu 1996, Multiple Comparisons, ch. 4).

Runs of one race were compared with each other in the same rounds. Then the race says which is best
and which cannot be told from it, whatever the means of their figures are.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from embprof.model import Figure
from embprof.race import Race
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
    ``race``: the one that all of them were in, if so; the best is then its leader, or of those in
    the series the one that costs least beside it.
    """

    series: Series
    metric: str
    left_out: tuple[object, ...]
    best: int
    knee: int
    alike: tuple[int, ...]
    unbounded: tuple[int, ...]
    race: Race | None = None

    @property
    def first(self) -> str:
        """What a race calls its best: ``fastest``, or ``in front`` where something is open."""
        pairs = (found.pair for at in self.alike if (found := self.change(self.best, at)))
        is_open = any(pair is not None and pair.word == "open" for pair in pairs)
        return "in front" if is_open else "fastest"

    @property
    def are_same(self) -> bool:
        """Whether a race found all of them the same for practical purposes."""
        others = [at for at in range(len(self.series.values)) if at != self.best]
        pairs = [found.pair if (found := self.change(self.best, at)) else None for at in others]
        return all(pair is not None and pair.word == "same" for pair in pairs)

    @property
    def slowest(self) -> int:
        """Where the least throughput is; a run without the figure is less still."""
        places = range(len(self.series.values))
        if self.race is None:
            return min(places, key=lambda at: self.answer(at).value(self.metric) or 0.0)
        ratios = {at: self.change(self.best, at) for at in places if at != self.best}
        known = {at: found.ratio.value for at, found in ratios.items() if found is not None}
        return min(known, key=lambda at: known[at], default=self.best)

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
    if len(known) < 2:  # noqa: PLR2004
        return None
    race = _race_of_all([series.answers[at] for at in known], metric)
    best, knee = _by_values(known)
    bare = Ranking(
        series=series,
        metric=metric,
        left_out=left_out,
        best=best,
        knee=knee,
        alike=(),
        unbounded=(),
        race=race,
    )
    if race is not None:
        best = _leader(race, series, known)
        bare = replace(bare, best=best, knee=_knee(replace(bare, best=best), known))
    changes = {at: bare.change(at, best) for at in known if at != best}
    bounded = [
        at
        for at, one in known.items()
        if _is_bounded(one, changes.get(at)) or (race is not None and at == best)
    ]
    return replace(
        bare,
        alike=tuple(
            at
            for at, found in changes.items()
            if at in bounded and (found is None or not found.is_distinct)
        ),
        unbounded=tuple(at for at in known if at not in bounded),
    )


def _by_values(known: Mapping[int, Figure]) -> tuple[int, int]:
    """The best by its value, and the first within KNEE of it."""
    values = {at: one.estimate.value for at, one in known.items() if one.estimate}
    if any(one.better == "higher" for one in known.values()):
        best = max(values, key=lambda at: values[at])
        return best, next(at for at, one in values.items() if one >= (1 - KNEE) * values[best])
    best = min(values, key=lambda at: values[at])
    return best, next(at for at, one in values.items() if one <= (1 + KNEE) * values[best])


def _race_of_all(answers: Sequence[Answer], metric: str) -> Race | None:
    """The race that compared all of them by this figure and ranked them; None where none did."""
    race = answers[0].race
    if race is None or race.figure != metric:
        return None
    found = (race.standing(answer.run.run_id) for answer in answers)
    are_ranked = all(one is not None and one.ratio is not None for one in found)
    return race if are_ranked else None


def _leader(race: Race, series: Series, known: Mapping[int, Figure]) -> int:
    """The race's leader; where it is not among them, who costs least beside it."""

    def costs(at: int) -> tuple[bool, float]:
        standing = race.standing(series.answers[at].run.run_id)
        assert standing is not None, "it is ranked"
        return standing.run != race.leader, standing.ratio or math.inf

    return min(known, key=costs)


def _knee(ranking: Ranking, known: Mapping[int, Figure]) -> int:
    """The first that is within KNEE of the best by what both did in the same rounds."""
    for at in known:
        found = ranking.change(ranking.best, at) if at != ranking.best else None
        if at == ranking.best or (found is not None and _is_near(found)):
            return at
    return ranking.best


def _is_near(found: Change) -> bool:
    return found.ratio.value >= 1 - KNEE if found.is_rate else found.ratio.value <= 1 + KNEE


def _is_bounded(figure: Figure, found: Change | None) -> bool:
    """Whether there is an interval to judge by: its own, or the one of its race."""
    if found is not None and found.pair is not None:
        return found.ratio.low is not None
    return figure.estimate is not None and figure.estimate.low is not None


def race_costs(answers: Sequence[Answer], metric: str) -> list[float] | None:
    """What each costs beside the leader of the race that compared all of them, if one did."""
    if _race_of_all(answers, metric) is None:
        return None
    return [one.ratio or math.inf for answer in answers if (one := answer.standing) is not None]


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
