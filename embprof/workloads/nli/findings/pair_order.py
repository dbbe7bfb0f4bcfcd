"""Which text of a pair stands first: a model is trained on one order, and knows less of the other.

Time hardly depends on it, accuracy may: so it takes labels and trained weights to say anything.
"""

from collections.abc import Iterator
from itertools import pairwise

from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding, Kind, Level
from embprof.model import Estimate
from embprof.report import phrases
from embprof.report.check_command import command
from embprof.report.study import Answer, Series, Study
from embprof.workloads.nli.findings import predictions

NAME = "pair_order"
AXIS = "workload.format"


def find(study: Study) -> Iterator[Finding]:
    """A finding for each series of both orders whose accuracy was read."""
    for series in study.series(AXIS):
        known = [
            (value, answer, accuracy)
            for value, answer in zip(series.values, series.answers, strict=True)
            if (accuracy := predictions.estimate(answer, predictions.ACCURACY)) is not None
        ]
        ordered = sorted(known, key=lambda one: -one[2].value)
        for better, worse in pairwise(ordered):
            yield _finding(series, better, worse)


_Order = tuple[str, Answer, Estimate]


def _finding(series: Series, better: _Order, worse: _Order) -> Finding:
    (first, answer, high), (second, other, low) = better, worse
    both = f"{predictions.share(high)} against {predictions.share(low)}"
    is_told = high.low is not None and low.high is not None and high.low > low.high
    title = f"Accuracy of {first} is higher than that of {second}: {both}"
    if not is_told:
        title = f"Accuracy of {first} and {second} cannot be told apart: {both}"
    return Finding(
        rule=NAME,
        kind=Kind.ADVICE if is_told else Kind.FACT,
        title=f"{title}{phrases.of(series)}",
        evidence=tuple(
            f"{phrases.label(one, value)}: accuracy {predictions.share(accuracy)} of "
            f"{accuracy.n:,} pairs, {phrases.rate(one)}"
            for value, one, accuracy in (better, worse)
        ),
        runs=(answer.run.run_id, other.run.run_id),
        advice=f"Give the model {first.replace('_first', '')} first." if is_told else None,
        effort=Effort.QUICK if is_told else None,
        priority=Level.HIGH if is_told else Level.LOW,
        risk="The order is that of the model's training data; another model has its own."
        if is_told
        else None,
        check=command(answer, {AXIS: series.values}) if is_told else None,
    )


RULE = Rule(name=NAME, find=find)
