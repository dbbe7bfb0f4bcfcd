"""The batch size to use: the smallest whose throughput is within 5 % of the best measured."""

from collections.abc import Iterator

from embprof.interface.account import Rule
from embprof.interface.figures import singular
from embprof.interface.finding import Effort, Finding, Kind, Level
from embprof.race import Race
from embprof.report import phrases, race_phrases
from embprof.report.call import batched, call_of
from embprof.report.change import Change, items_of, priority_of
from embprof.report.check_command import RESTARTS, command
from embprof.report.ranking import KNEE, LITTLE, Ranking, rank
from embprof.report.rule_findings import advice, finding, gap
from embprof.report.study import Answer, Study
from embprof.units import counted, number, percent

SERIES_NAMED = 4
LONGER = 60
"""Seconds of measuring where the usual 20 were not enough."""
"""The most that larger batches may gain, by the upper bound of the interval, to gain nothing."""
AXES = ("batch_size",)
DEFAULT = 32
"""The batch size of a caller who sets none. Source: ``SentenceTransformer.encode(batch_size=32)``,
and ``CrossEncoder.predict`` likewise."""


def find(study: Study) -> Iterator[Finding]:
    """A finding for each series of batch sizes."""
    for series in study.series("batch_size"):
        ranking = rank(series)
        if ranking is not None:
            yield _finding(ranking)


def _finding(ranking: Ranking) -> Finding:
    series = ranking.series
    start = series.values.index(DEFAULT) if DEFAULT in series.values else 0
    found = ranking.change(start, ranking.knee) if start != ranking.knee else None
    if ranking.best in ranking.unbounded or (found is not None and found.ratio.low is None):
        return _unknown(ranking)
    if found is not None and found.is_better:
        return _advice(ranking, start, found)
    return _fact(ranking, start, found)


def _advice(ranking: Ranking, start: int, found: Change) -> Finding:
    knee, was = ranking.answer(ranking.knee), ranking.answer(start)
    size, before = ranking.value(ranking.knee), ranking.value(start)
    gives = f"{_give(ranking)}, {phrases.times(found.ratio)} those of {before}"
    if found.pair is not None:
        gives = f"{_take(found)} than those of {before}{_behind(ranking)}"
    return advice(
        f"Batches of {size} {gives}{_larger(ranking)}"
        f"{_latency(ranking)}{_left_out(ranking)}{phrases.of(ranking.series)}",
        _evidence(ranking, found),
        ranking.series.answers,
        advice=f"{batched(knee)} of {size}{_usual(knee, before)}.",
        improvement=found.improvement,
        effort=Effort.QUICK,
        priority=priority_of(found.improvement),
        risk=f"A batch is only as large as the {items_of(knee)} that are there at once: a caller "
        "with fewer gains nothing.",
        cost="; ".join(_cost(was, knee)) or None,
        axes=AXES,
        check=command(knee, {"batch_size": (before, size), "restarts": RESTARTS}),
    )


def _fact(ranking: Ranking, start: int, found: Change | None) -> Finding:
    """Where the knee is no better than the start, or is it."""
    size, series = ranking.value(ranking.knee), ranking.series
    if len(ranking.alike) == len(series.values) - 1:
        return _none(ranking)
    larger = len(series.values) - 1 - ranking.knee
    is_told = len(_beyond(ranking)) == larger and _most_beyond(ranking) <= LITTLE
    if ranking.knee == start:
        enough = f"are large enough: {_gets(ranking)}" if is_told else _give(ranking)
        title = f"Batches of {size} {enough}{_larger(ranking)}"
    else:
        title = (
            f"Batches of {size} {_give(ranking)}, {_which(found)} those of "
            f"{ranking.value(start)}{_larger(ranking)}"
        )
        if found is not None and found.is_worse:
            less = phrases.more(found.improvement)
            if found.pair is not None:
                less = _take(found)
            title = (
                f"Batches of {size} {_give(ranking)}, {less} than those of "
                f"{ranking.value(start)}{_larger(ranking)}"
            )
    return finding(
        Kind.FACT if is_told else Kind.GAP,
        f"{title}{_latency(ranking)}{_left_out(ranking)}{phrases.of(series)}",
        _evidence(ranking, found),
        series.answers,
        priority=Level.MEDIUM,
        axes=AXES,
        check=None if is_told else _again(ranking),
    )


def _give(ranking: Ranking) -> str:
    """What batches of the knee do; of a race beside the fastest, without the means of figures."""
    if ranking.race is not None:
        return _gets(ranking).removeprefix("they ")
    return f"give {_gets(ranking)}"


def _gets(ranking: Ranking) -> str:
    knee = ranking.answer(ranking.knee)
    if ranking.race is None:
        return phrases.rate(knee)
    if ranking.knee != ranking.best:
        found = ranking.change(ranking.best, ranking.knee)
        assert found is not None, "both are of one race"
        best = f"{ranking.value(ranking.best)}, which are {ranking.first}"
        return f"they {_take(found)} than those of {best}"
    per = f"time per {singular(items_of(knee))}"
    return f"they take no more {per} than any other" if ranking.alike else f"they take least {per}"


def _take(found: Change) -> str:
    return race_phrases.takes(found).replace("takes", "take", 1)


def _behind(ranking: Ranking) -> str:
    """What the knee takes more than the fastest, where it is another."""
    return "" if ranking.knee == ranking.best else f"; {_gets(ranking)}"


def _which(found: Change | None) -> str:
    is_same = found is not None and found.pair is not None and found.pair.word == "same"
    return "the same for practical purposes as" if is_same else "which cannot be told from"


def _none(ranking: Ranking) -> Finding:
    """All are alike: truly so, or because the intervals are wide."""
    series = ranking.series
    gains = [
        found.improvement.high or 0.0
        for at in ranking.alike
        if (found := ranking.change(at, ranking.best)) is not None
    ]
    is_wide = max(gains, default=0.0) > LITTLE
    span = f"{series.values[0]} to {series.values[-1]}"
    title = f"No batch size from {span} can be told from the others"
    if ranking.race is not None and ranking.are_same:
        within = percent(ranking.race.bound)
        title = f"Batches of {span} take the same time for practical purposes, within {within}"
    return finding(
        Kind.GAP if is_wide else Kind.FACT,
        f"{title}: {_first(ranking)}{_left_out(ranking)}{phrases.of(series)}",
        _evidence(ranking, None),
        series.answers,
        priority=Level.HIGH if is_wide else Level.MEDIUM,
        axes=AXES,
        check=_again(ranking) if is_wide else None,
    )


def _first(ranking: Ranking) -> str:
    if ranking.race is not None:
        return f"{ranking.value(ranking.best)} is {ranking.first}"
    return f"{phrases.rate(ranking.answer(ranking.best))} is the highest value"


def _again(ranking: Ranking) -> str:
    sizes = ranking.series.values
    return command(
        ranking.answer(ranking.best),
        {"batch_size": sizes, "restarts": RESTARTS, "max_seconds": LONGER},
    )


def _unknown(ranking: Ranking) -> Finding:
    series = ranking.series
    without = phrases.join([ranking.value(number) for number in ranking.unbounded])
    return gap(
        f"Which batch size is best cannot be told: {without} had too few calls for an "
        f"interval{phrases.of(series)}",
        _evidence(ranking, None),
        series.answers,
        priority=Level.HIGH,
        axes=AXES,
        check=_again(ranking),
    )


def _larger(ranking: Ranking) -> str:
    """What batches larger than the knee do, as far as intervals can tell."""
    knee = ranking.knee
    if knee == len(ranking.series.values) - 1:
        return "" if ranking.left_out else "; larger ones were not measured"
    known = _beyond(ranking)
    if not known:
        return "; of larger ones nothing can be told"
    if all(found.is_worse for found in known.values()):
        return "; larger ones are slower"
    better = [at for at, found in known.items() if found.is_better]
    if better:
        most = max(better, key=lambda at: known[at].improvement.share)
        gain = phrases.more(known[most].improvement)
        return f"; {ranking.value(most)} {'give' if ranking.value(most) != 1 else 'gives'} {gain}"
    most_gained = _most_beyond(ranking)
    if most_gained <= LITTLE:
        return f"; larger ones gain {percent(most_gained)} at most"
    return f"; whether larger ones give more, up to {percent(most_gained)}, cannot be told"


def _beyond(ranking: Ranking) -> dict[int, Change]:
    """From the knee to each larger batch with an interval."""
    places = range(ranking.knee + 1, len(ranking.series.values))
    changes = {at: found for at in places if (found := ranking.change(ranking.knee, at))}
    return {at: found for at, found in changes.items() if found.ratio.low is not None}


def _most_beyond(ranking: Ranking) -> float:
    """The most that larger batches may gain, by the upper bounds of the intervals."""
    gains = (found.improvement.high or 0.0 for found in _beyond(ranking).values())
    return max(0.0, *gains, 0.0)


def _latency(ranking: Ranking) -> str:
    """What the knee spares who waits, beside the batch with the highest value."""
    places = (ranking.knee, ranking.best)
    knee, best = (ranking.answer(at).estimate("latency_p95_ms") for at in places)
    if knee is None or best is None or ranking.knee == ranking.best:
        return ""
    waits = [phrases.bounded(one, "ms") for one in (knee, best)]
    return f"; p95 {waits[0]}, {waits[1]} with {ranking.value(ranking.best)}"


def _left_out(ranking: Ranking) -> str:
    """Batches that miss what else is wanted."""
    if not ranking.left_out:
        return ""
    miss = "misses" if len(ranking.left_out) == 1 else "miss"
    return f"; {phrases.join(ranking.left_out)} {miss} a target or limit"


def _evidence(ranking: Ranking, found: Change | None) -> Iterator[str]:
    for position, value in enumerate(ranking.series.values):
        yield phrases.run_line(ranking.answer(position), f"batch {value}")
    best = ranking.value(ranking.best)
    if ranking.best in ranking.unbounded:
        yield f"highest value: {best}, which has no interval and may be luck"
        return
    alike = [ranking.value(number) for number in ranking.alike]
    yield from _beside_best(ranking)
    first, sure = "highest value", f"95 % over {_comparisons(ranking)}"
    if ranking.race is not None:
        first, sure = ranking.first, f"error of any of these words: at most {_error(ranking.race)}"
    yield (
        f"{first}: {best}; "
        + (f"not told from {phrases.join(alike)}" if alike else "told from all others")
        + f" ({sure})"
    )
    yield f"{ranking.value(ranking.knee)} is the smallest within {100 * KNEE:.0f} % of it"
    if found is not None:
        sizes = [one.run.config["batch_size"] for one in found.answers]
        yield f"from {sizes[0]} to {sizes[1]}: {phrases.more(found.improvement)}"
        yield from found.notes


def _beside_best(ranking: Ranking) -> Iterator[str]:
    """In a race what each size takes beside the fastest."""
    places = range(len(ranking.series.values)) if ranking.race is not None else ()
    for at in places:
        found = ranking.change(ranking.best, at) if at != ranking.best else None
        if found is not None and found.pair is not None:
            yield race_phrases.beside(found, ranking.value(at), ranking.value(ranking.best))


def _comparisons(ranking: Ranking) -> str:
    return counted(len(ranking.series.values) - 1, "comparison")


def _error(race: Race) -> str:
    return f"{100 * race.alpha:g} %"


def _usual(answer: Answer, before: object) -> str:
    call = call_of(answer)
    if call is None or before != DEFAULT:
        return ""
    return f"; {before} is what {call.name} does if nothing is set"


def _cost(was: Answer, new: Answer) -> Iterator[str]:
    before, after = was.value("latency_p50_ms"), new.value("latency_p50_ms")
    if before is not None and after is not None:
        yield f"a call takes {number(after)} ms (p50) instead of {number(before)}"
    before, after = was.value("peak_rss_mb"), new.value("peak_rss_mb")
    if before is not None and after is not None:
        yield f"peak memory {after:,.0f} MB instead of {before:,.0f}"


def _of_all_series(study: Study, finding: Finding) -> str:
    """The finding's title, and whether it holds for the other series of batch sizes too."""
    if finding.kind is Kind.GAP:
        return finding.title
    ranked = [found for one in study.series("batch_size") if (found := rank(one)) is not None]
    sizes: dict[object, list[str]] = {}
    for ranking in ranked:
        sizes.setdefault(ranking.value(ranking.knee), []).append(ranking.series.title)
    if len(ranked) == 1:
        return finding.title
    if len(sizes) == 1:
        return f"{finding.title}. The same size does in all {len(ranked)} series"
    sizes_in_words = [f"{size} with {phrases.join(titles)}" for size, titles in sizes.items()]
    if len(ranked) > SERIES_NAMED:
        sizes_in_words = [f"{size} in {len(titles)} of them" for size, titles in sizes.items()]
        return f"{finding.title}. It depends, of {len(ranked)} series: {'; '.join(sizes_in_words)}"
    return f"{finding.title}. It depends: {'; '.join(sizes_in_words)}"


RULE = Rule(name="best_batch_size", find=find, headline=10, gap_answers=True, answer=_of_all_series)
