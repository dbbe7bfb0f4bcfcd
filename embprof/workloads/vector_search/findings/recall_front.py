"""Recall against speed: the settings that are worth a choice, and which of them cannot be told.

A setting that another beats in both is never worth it. What is left is the front (Pareto): more
recall costs speed along it, and how much is enough is not for these figures to say.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from embprof.interface.account import Rule
from embprof.interface.finding import Finding, Level
from embprof.report import phrases
from embprof.report.rule_findings import fact
from embprof.report.study import Study
from embprof.units import number
from embprof.workloads.vector_search.findings.settings import AXES, Choice, Search, choices, ends

FEWEST = 3
"""Settings of which it is worth to say which are best."""


def find(study: Study) -> Iterator[Finding]:
    """A finding for each set of vectors of which several settings were measured."""
    for choice in choices(study):
        if len(choice.searches) >= FEWEST:
            yield _front(choice)


def _front(choice: Choice) -> Finding:
    front = choice.front()
    fastest, truest = front[0], front[-1]
    title = (
        f"Among {choice.where} {len(front)} of {len(choice.searches)} settings are worth a choice: "
        f"from {fastest.judged} {ends(fastest.recall)} at {_rate(fastest)} to "
        f"{ends(truest.recall)} at {_rate(truest)}"
    )
    if len(front) == 1:
        title = f"Among {choice.where} {fastest.label} is both fastest and truest"
    evidence = (*map(line, front), *_alike(front))
    return fact(title, evidence, choice.answers, axes=AXES, priority=Level.MEDIUM)


def line(search: Search) -> str:
    """A setting with its figures: recall, rate, latency."""
    setting = phrases.label(search.answer, search.label)
    latencies = [
        f"{percentile} {number(value)} ms"
        for percentile in ("p50", "p95")
        if (value := search.answer.value(f"latency_{percentile}_ms")) is not None
    ]
    return ", ".join([f"{setting}: {search.recall_text}", phrases.rate(search.answer), *latencies])


def _alike(front: Sequence[Search]) -> Iterator[str]:
    """Neighbours on the front whose recall may well be the same."""
    for faster, truer in pairwise(front):
        high = faster.recall.high
        low = truer.recall.value if truer.looks_at_all else truer.recall.low
        if high is not None and low is not None and high >= low:
            yield (
                f"the recall of {faster.label} is not told from that of {truer.label}: their "
                "intervals overlap"
            )


def _rate(search: Search) -> str:
    return f"{number(search.rate.value)} queries/s"


RULE = Rule(name="recall_front", find=find, headline=110)
