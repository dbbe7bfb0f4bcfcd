"""How throughput falls with the length of texts, and at which length a character is cheapest.

A call costs something however short its texts are, and beyond that about as much as it has tokens
(attention: more). Texts longer than the model takes are cut, so the curve flattens there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from embprof.interface.account import Rule
from embprof.interface.finding import Finding, Kind, Level
from embprof.model import Estimate
from embprof.report import phrases
from embprof.report.change import change, items_of, rate_of, unit_of_length
from embprof.report.check_command import RESTARTS, command
from embprof.report.ranking import KNEE
from embprof.report.rule_findings import fact, finding
from embprof.report.study import Answer, Series, Study
from embprof.statistics.association import FEWEST, elasticity, pearson
from embprof.units import number, percent

AXES = {"text_length": "texts", "workload.evidence_length": "evidence"}
"""Keys that are lengths, and what it is that has them."""
CUT = 0.98
"""Tokens of a text as a share of what the model takes, from which texts count as cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Point:
    length: int
    rate: float
    answer: Answer

    @property
    def tokens(self) -> float | None:
        """The tokens of a text; None where they were not counted."""
        per_second = self.answer.value("tokens_per_s")
        return None if per_second is None else per_second / self.rate

    @property
    def is_cut(self) -> bool:
        """Whether its texts are longer than the model takes."""
        most = self.answer.run.description.get("max_tokens")
        return bool(most and self.tokens and self.tokens >= CUT * float(most))


def find(study: Study) -> Iterator[Finding]:
    """How throughput goes with length, and the best range, for each series of lengths."""
    for series in [one for axis in AXES for one in study.series(axis)]:
        points = list(_points(series))
        if len(points) >= FEWEST and len({rate_of(point.answer) for point in points}) == 1:
            yield _falls(series, points)
            # A claim is judged with each piece of evidence, so pieces have a cost of their own.
            best = _range(series, points) if series.axis == "text_length" else None
            if best is not None:
                yield best


def _points(series: Series) -> Iterator[_Point]:
    for length, answer in zip(series.values, series.answers, strict=True):
        rate = answer.value(rate_of(answer))
        if isinstance(length, int) and rate is not None and rate > 0:
            yield _Point(length=length, rate=rate, answer=answer)


def _falls(series: Series, points: list[_Point]) -> Finding:
    first, last = points[0], points[-1]
    whole = [point for point in points if not point.is_cut] or points
    slope = elasticity([point.length for point in whole], [point.rate for point in whole])
    together = pearson([point.length for point in points], [point.rate for point in points])
    items, unit, what = items_of(first.answer), unit_of_length(first.answer), AXES[series.axis]
    costs, are = ("cost", "are") if what.endswith("s") else ("costs", "is")
    found = change(first.answer, last.answer, rate_of(last.answer))
    evidence = [_evidence(point, unit) for point in points]
    if together is not None:
        evidence.append(
            f"correlation of length and throughput r = {together:.3f} (Pearson, of these "
            f"{len(points)} lengths)"
        )
    if slope is not None:
        evidence.append(
            f"elasticity {slope.value:.2f} ({slope.low:.2f} to {slope.high:.2f}): for twice the "
            f"length {percent(1 - 2**slope.value)} fewer {items}/s; {slope.basis}"
            + (f", {what} that {are} cut left out" if len(whole) < len(points) else "")
        )
    if found is not None:
        evidence += found.notes
    rates = f"{number(last.rate)} {items}/s at {last.length} {unit}, {number(first.rate)} at "
    rates += f"{first.length}"
    is_told = found is not None and found.is_distinct
    strength = "" if together is None else f" (r = {together:.2f})"
    return finding(
        Kind.FACT if is_told else Kind.GAP,
        f"Longer {what} {costs} throughput: {rates}{strength}{phrases.of(series)}"
        if is_told
        else f"How throughput goes with the length of {what} cannot be told: {rates}, and these "
        f"cannot be told apart{phrases.of(series)}",
        evidence,
        [point.answer for point in points],
        axes=(series.axis,),
        priority=Level.MEDIUM,
        check=None
        if is_told
        else command(series.answers[-1], {series.axis: series.values, "restarts": RESTARTS}),
    )


def _range(series: Series, points: list[_Point]) -> Finding | None:
    """Where the most text a second is embedded; None where no two lengths are told apart."""
    unit = unit_of_length(points[0].answer)
    whole = [point for point in points if not point.is_cut] or points
    best = max(whole, key=lambda point: point.length * point.rate)
    slower: list[_Point] = []
    alike: list[_Point] = []
    for point in whole:
        found = change(point.answer, best.answer, rate_of(best.answer), comparisons=len(whole) - 1)
        low = found.ratio.low if found is not None else None
        is_less = low is not None and low * best.length / point.length > 1
        is_near = point.length * point.rate >= (1 - KNEE) * best.length * best.rate
        (slower if is_less and not is_near else alike).append(point)
    estimate = best.answer.estimate(rate_of(best.answer))
    if not slower or estimate is None or estimate.low is None:
        return None
    span = [point.length for point in alike]
    places = [whole.index(point) for point in alike]
    is_range = places == list(range(places[0], places[-1] + 1))
    pieces = phrases.join(span, "or")
    if is_range:
        pieces = f"{span[0]} to {span[-1]}" if len(span) > 1 else f"{span[0]}"
    speed = best.length * best.rate
    share = phrases.part(_share_of(slower[0], best))
    evidence = [
        f"{phrases.label(point.answer, f'{point.length} {unit}')}: "
        f"{number(point.length * point.rate)} {unit}/s"
        for point in whole
    ]
    evidence.append(f"within 5 % of the highest, or not told from it: {phrases.join(span)} {unit}")
    if cut := [point.length for point in points if point.is_cut]:
        most = points[-1].answer.run.description.get("max_tokens")
        evidence.append(
            f"texts of {phrases.join(cut)} {unit} are cut at {most} tokens: what is beyond is "
            "not in the embedding"
        )
    lost = slower[0]
    return fact(
        f"Text is embedded fastest in pieces of {pieces} {unit}: {number(speed)} "
        f"{unit}/s; in pieces of {lost.length} at {share} of that{phrases.of(series)}",
        evidence,
        [point.answer for point in points],
    )


def _share_of(less: _Point, best: _Point) -> Estimate:
    """What is embedded there as a share of the most, in lengths of text."""
    found = change(best.answer, less.answer, rate_of(best.answer))
    assert found is not None, "both were compared before"
    scale = less.length / best.length
    low, high = found.ratio.low, found.ratio.high
    return replace(
        found.ratio,
        value=scale * found.ratio.value,
        low=None if low is None else scale * low,
        high=None if high is None else scale * high,
    )


def _evidence(point: _Point, unit: str) -> str:
    tokens = "" if point.tokens is None else f", {number(point.tokens)} tokens each"
    place = phrases.run_line(point.answer, f"{point.length} {unit}")
    return f"{place}{tokens}{', cut' if point.is_cut else ''}"


RULE = Rule(name="text_length", find=find, headline=120)
