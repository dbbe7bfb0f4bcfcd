"""Whether batches were made large enough to see where throughput stops to grow."""

from collections.abc import Iterator

from embprof.interface.account import Rule
from embprof.interface.finding import Finding, Level
from embprof.report import phrases, race_phrases
from embprof.report.change import Change
from embprof.report.check_command import command
from embprof.report.ranking import LITTLE, Ranking, rank
from embprof.report.rule_findings import fact, gap
from embprof.report.study import Study
from embprof.units import percent


def find(study: Study) -> Iterator[Finding]:
    """A finding for each series of batch sizes that shows it."""
    for measured in study.series("batch_size"):
        ranking = rank(measured)
        if ranking is None:
            continue
        series = ranking.series
        last = len(series.values) - 1
        found = ranking.change(last - 1, last)
        if found is None or found.ratio.low is None:
            continue
        if ranking.knee == last and (found.improvement.low or 0) > 0:
            yield _rising(ranking, found)
        elif ranking.knee < last and all(_is_flat(ranking, at) for at in _beyond(ranking)):
            yield _saturated(ranking)


def _beyond(ranking: Ranking) -> range:
    return range(ranking.knee + 1, len(ranking.series.values))


def _is_flat(ranking: Ranking, at: int) -> bool:
    """Whether the interval rules out that much is gained there."""
    found = ranking.change(ranking.knee, at)
    high = None if found is None else found.improvement.high
    return high is not None and high <= LITTLE


def _rising(ranking: Ranking, found: Change) -> Finding:
    series, largest = ranking.series, ranking.value(ranking.knee)
    assert isinstance(largest, int)
    return gap(
        f"Throughput still rises at the largest batch measured: {largest} gives "
        f"{phrases.more(found.improvement)} than {series.values[-2]}{phrases.of(series)}",
        (f"from {series.values[-2]} to {largest}: {phrases.more(found.improvement)}", *found.notes),
        found.answers,
        priority=Level.MEDIUM,
        check=command(
            ranking.answer(ranking.knee), {"batch_size": (largest, 2 * largest, 4 * largest)}
        ),
    )


def _saturated(ranking: Ranking) -> Finding:
    series, knee = ranking.series, ranking.answer(ranking.knee)
    changes = [found for at in _beyond(ranking) if (found := ranking.change(ranking.knee, at))]
    most = max(0.0, *(found.improvement.high or 0.0 for found in changes))
    return fact(
        f"Throughput saturates at batches of {ranking.value(ranking.knee)} with "
        f"{phrases.rate(knee)}: up to {series.values[-1]} {percent(most)} more comes of it at "
        f"most{phrases.of(series)}",
        [
            f"from {ranking.value(ranking.knee)} to {series.values[at]}: "
            f"{phrases.more(found.improvement)}"
            if found.pair is None
            else race_phrases.beside(found, series.values[at], ranking.value(ranking.knee))
            for at, found in zip(_beyond(ranking), changes, strict=True)
        ],
        series.answers[ranking.knee :],
    )


RULE = Rule(name="saturation", find=find)
