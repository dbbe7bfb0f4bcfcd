"""Which text of a pair stands first: a model is trained on one order, and knows less of the other.

Time hardly depends on it, accuracy may: so it takes labels and trained weights to say anything.
"""

from collections.abc import Iterator
from itertools import pairwise

from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding, Level
from embprof.model import Estimate
from embprof.report import phrases
from embprof.report.check_command import command
from embprof.report.rule_findings import advice, fact
from embprof.report.study import Answer, Series, Study
from embprof.workloads.nli.findings import predictions

AXIS = "workload.format"
_Order = tuple[str, Answer, Estimate]


def find(study: Study) -> Iterator[Finding]:
    """A finding for each series of both orders whose accuracy was read."""
    for series in study.series(AXIS):
        known = [
            (value, answer, accuracy)
            for value, answer in zip(series.values, series.answers, strict=True)
            if (accuracy := answer.estimate(predictions.ACCURACY)) is not None
        ]
        ordered = sorted(known, key=lambda one: -one[2].value)
        for better, worse in pairwise(ordered):
            yield _finding(series, better, worse)


def _finding(series: Series, better: _Order, worse: _Order) -> Finding:
    (first, answer, high), (second, other, low) = better, worse
    shares = f"{predictions.share(high)} against {predictions.share(low)}{phrases.of(series)}"
    evidence = [
        f"{phrases.label(one, value)}: accuracy {predictions.share(accuracy)} of "
        f"{accuracy.n:,} pairs, {phrases.rate(one)}"
        for value, one, accuracy in (better, worse)
    ]
    if high.low is None or low.high is None or high.low <= low.high:
        title = f"Accuracy of {first} and {second} cannot be told apart: {shares}"
        return fact(title, evidence, (answer, other), axes=(AXIS,))
    return advice(
        f"Accuracy of {first} is higher than that of {second}: {shares}",
        evidence,
        (answer, other),
        axes=(AXIS,),
        advice=f"Give the model {first.replace('_first', '')} first.",
        effort=Effort.QUICK,
        priority=Level.HIGH,
        risk="The order is that of the model's training data; another model has its own.",
        check=command(answer, {AXIS: series.values}),
    )


RULE = Rule(name="pair_order", find=find)
