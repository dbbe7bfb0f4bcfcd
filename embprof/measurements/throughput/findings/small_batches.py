"""What is lost where texts are embedded one at a time, or in batches far below the knee."""

from collections.abc import Iterator

from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding
from embprof.report import phrases
from embprof.report.call import call_of
from embprof.report.change import items_of, priority_of
from embprof.report.check_command import RESTARTS, command
from embprof.report.ranking import rank
from embprof.report.rule_findings import advice
from embprof.report.study import Study
from embprof.units import number

SMALL = 8
"""Largest batch that is called small: what a service gets that embeds texts as they come."""
LOSS = 0.25
"""Share of the knee's throughput whose loss is worth code that collects texts; a choice."""


def find(study: Study) -> Iterator[Finding]:
    """A finding for each series whose smallest batch loses much."""
    for measured in study.series("batch_size"):
        ranking = rank(measured)
        if ranking is None or ranking.knee == 0 or ranking.series.values[0] > SMALL:
            continue
        series = ranking.series
        found = ranking.change(0, ranking.knee)
        if found is None or not found.is_better or 1 - 1 / found.ratio.value < LOSS:
            continue
        few, many = series.answers[0], series.answers[ranking.knee]
        items, call = items_of(few), call_of(few)
        verb = "do" if call is None else call.verb
        size, knee = series.values[0], series.values[ranking.knee]
        rates = [phrases.per_second(one) for one in (few, many)]
        times = few.value("latency_p50_ms"), many.value("latency_p50_ms")
        few_items = f"Single {items}" if size == 1 else f"Batches of {size} {items}"
        yield advice(
            f"{few_items} get {phrases.part(phrases.inverse(found.ratio))} of the throughput "
            f"of batches of {knee}: {rates[0]} against {rates[1]} {items}/s{phrases.of(series)}",
            (
                phrases.run_line(few, f"batch {size}"),
                phrases.run_line(many, f"batch {knee}"),
                f"from {size} to {knee}: {phrases.more(found.improvement)}",
                *found.notes,
            ),
            found.answers,
            advice=f"Where {items} come one by one, collect them for some milliseconds and "
            f"{verb} them together; in bulk work hand over lists.",
            improvement=found.improvement,
            effort=Effort.MEDIUM,
            priority=priority_of(found.improvement),
            risk="Collecting adds waiting where few requests come; bound the time that is waited.",
            cost=None
            if None in times
            else f"each of them is back after {number(times[1] or 0)} ms (the batch's call, p50) "
            f"instead of {number(times[0] or 0)}",
            check=command(many, {"batch_size": (size, knee), "restarts": RESTARTS}),
        )


RULE = Rule(name="small_batches", find=find)
