"""Recall against speed: what each setting of an index finds, and how fast."""

from collections.abc import Iterator, Sequence

from embprof.interface.chart import MOST_CURVES, Axis, Chart, Curve
from embprof.report.study import Study
from embprof.units import number
from embprof.workloads.vector_search.findings.settings import Choice, choices

FEWEST = 3
"""Settings that make a picture."""
DECADE = 10
"""Times the least rate from which on rates are seen better on logarithms."""


def draw(study: Study) -> Iterator[Chart]:
    """One chart: of each set of vectors the settings that no other beats in both."""
    every = [choice for choice in choices(study) if len(choice.searches) >= FEWEST]
    if not every:
        return
    shown = every[:MOST_CURVES]  # the largest sets, where an index matters most
    first = shown[0].searches[0]
    rates = [one.rate.value for choice in shown for one in choice.front()]
    left_out = len(every) - len(shown)
    more = f" {left_out} smaller sets are in the findings." * (left_out > 0)
    yield Chart(
        name="recall_and_throughput",
        title=_title(shown),
        x=Axis(title=f"{first.judged}: share of the true neighbours found", from_zero=False),
        y=Axis(title="throughput in queries/s", is_log=max(rates) >= DECADE * min(rates)),
        curves=tuple(map(_curve, shown)),
        note="Settings that no other beats in recall and throughput both; bars are 95 % intervals "
        f"of the throughput.{more}",
    )


def _title(shown: Sequence[Choice]) -> str:
    """What the largest set shows."""
    front = shown[0].front()
    fastest, truest = front[0], front[-1]
    if len(front) == 1:
        return f"Among {shown[0].where} {fastest.label} is both fastest and truest"
    return (
        f"Among {shown[0].where} {truest.judged} of {truest.recall.value:.2f} takes "
        f"{number(fastest.rate.value / truest.rate.value)} times as long as "
        f"{fastest.recall.value:.2f}"
    )


def _curve(choice: Choice) -> Curve:
    front = choice.front()
    return Curve(
        name=choice.where,
        x=tuple(one.recall.value for one in front),
        y=tuple(one.rate.value for one in front),
        low=tuple(one.rate.low for one in front),
        high=tuple(one.rate.high for one in front),
        labels=tuple(f"{choice.where}: {one.label}" for one in front),
    )
