"""What the JSON documents have in common, as models that publish their own schema.

Every number comes with its interval where it has one; a metric's name ends with its unit
(docs/reference/metrics.md). Keys are only ever added within a version.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

from embprof.config import subject
from embprof.interface.finding import Finding as Found
from embprof.interface.finding import Kind
from embprof.model import Estimate
from embprof.report.documents import environment
from embprof.report.documents.contents import Contents
from embprof.report.study import Answer
from embprof.report.study import Series as Swept
from embprof.tracking.races import each_once

ITEMS = "calls"


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


Finite = Annotated[float | None, BeforeValidator(_finite)]
"""A number; null too where it is none that JSON has."""


class Part(BaseModel):
    """A mapping with these keys and no other; made of keywords, or of a noun with these fields."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, from_attributes=True
    )


class Interval(Part):
    """A figure; the bounds are null where the readings support no interval."""

    value: float
    low: Finite
    high: Finite
    confidence: float = Field(description="Of the interval: 0.95 is 95 %.")
    n: int = Field(description="How many of what basis says.")
    basis: str = Field(description="What the figure, and its interval, rest on.")


class Metadata(Part):
    """What the document is about, when and where it was measured."""

    timestamp: str = Field(description="When the newest run ended, UTC, ISO 8601.")
    generated: str | None = Field(description="When this document was made.")
    embprof: str | None = Field(description="Version that measured; null if several did.")
    name: str = Field(description="What the report was asked for.")
    question: str | None
    device: list[str]
    model: list[str]
    test_size: int | None = Field(
        description="Items of all measured calls together; null if unknown."
    )
    runs: int
    sweeps: list[str] = Field(description="Ids of the sweeps that the runs are of.")
    commands: list[str] = Field(description="What was typed for them.")
    system: dict[str, Any] = Field(description="What holds for all runs.")
    system_differs: dict[str, list[Any]] = Field(description="What does not, with its values.")


class Comparison(Part):
    """A run beside its baseline, or arm B of a gate beside arm A."""

    figure: str
    compared_with: str = Field(validation_alias=AliasChoices("compared_with", "a"))
    a_value: Finite = Field(
        default=None, description="The figure of the other side that the ratio is of."
    )
    b_value: Finite = Field(
        default=None,
        description="The run's; of a gate what calls typically gave, which is not its mean.",
    )
    ratio: Finite = Field(description="Of costs: 1.03 is 3 % worse.")
    low: Finite
    high: Finite
    verdict: str
    reason: str | None
    smallest_detectable: Finite


class Configuration(Part):
    """One run."""

    run_id: str
    number: int = Field(description="As in the report's table.")
    measurement: str
    device: str | None
    model: str | None
    batch_size: int | None
    text_length: int | str | None
    figures: dict[str, Interval] = Field(description="By metric name.")
    not_available: dict[str, str] = Field(description="Figures without a value, and why.")
    outcomes: dict[str, str] = Field(description="Answers that are words.")
    marks: list[str] = Field(description="What a reader must know: docs/explanation/measuring.md.")
    stop: str | None = Field(description="Why measuring ended.")
    comparison: Comparison | None


class Point(Part):
    """A value of the axis and the run that belongs to it."""

    value: int | float | str | None
    run_id: str
    number: int


class Standing(Part):
    """How a row of a race stands beside its leader."""

    run: str = Field(description="Its run id.")
    word: str | None = Field(description="fastest, same, slower or open; null if not ranked.")
    rank: int | None = Field(description="1 + rows that are told faster.")
    ratio: Finite = Field(description="Of costs: 1.28 is 28 % more than the leader.")
    low: Finite
    high: Finite
    rounds: int = Field(description="Rounds that it was in.")
    left: str | None = Field(description="Why, and when, it was measured no longer.")


class Pair(Part):
    """What row b costs beside row a by the rounds that both were in."""

    a: str = Field(description="A run id, as b.")
    b: str
    ratio: Finite = Field(description="Of costs: 1.03 is 3 % more.")
    low: Finite = Field(description="Interval of the pair by itself.")
    high: Finite
    sure_low: Finite = Field(description="Interval that allows for all pairs and looks.")
    sure_high: Finite
    word: str = Field(description="slower, faster, same or open: what that says of b.")
    rounds: int
    more_seconds: Finite = Field(description="About what an open pair would take.")


class Race(Part):
    """Rows that were measured in rounds and compared with each other."""

    figure: str = Field(description="What they were compared in.")
    leader: str | None
    standings: list[Standing]
    pairs: list[Pair]
    rounds: int
    seconds: float
    alpha: float = Field(description="Chance that any of the words is wrong, at most.")
    bound: float = Field(description="Rows are the same within this share.")
    theta: float = Field(description="A difference too small to be called one.")
    seed: str = Field(description="What the order of slices was drawn from.")
    notes: list[str]
    confidence: float = Field(description="Of low and high.")


class Series(Part):
    """Runs that differ in one key alone."""

    conditions: dict[str, Any] = Field(description="What else was swept, as it is here.")
    points: list[Point]


class Improvement(Part):
    """A share: 0.25 is 25 % better."""

    metric: str
    share: float
    low: Finite
    high: Finite


class Finding(Part):
    """What the figures show, and what could be done about it."""

    rule: str
    kind: str
    title: str
    evidence: list[str]
    runs: list[str]
    advice: str | None
    expected_improvement: Improvement | None = Field(
        validation_alias=AliasChoices("expected_improvement", "improvement")
    )
    effort: str | None
    priority: str
    risk: str | None
    cost: str | None
    check: str | None = Field(description="The command that would show it.")


class Bottleneck(Part):
    """A part that much of the time, or of the memory, goes to."""

    component: str
    share: float | None = Field(description="Of the time of a call or a start: 0.4 is 40 %.")
    severity: str
    evidence: list[str]
    suggestions: list[str]
    runs: list[str]


def metadata(contents: Contents, answers: Sequence[Answer], generated: str | None) -> Metadata:
    """The metadata of a document that is about these runs."""
    common, differing = environment.system(contents.study)
    configs = [answer.run.config for answer in answers]
    return Metadata(
        timestamp=contents.timestamp,
        generated=generated,
        embprof=common.get("packages.embprof"),
        name=contents.study.name,
        question=contents.study.question,
        device=_several(config.get("device") for config in configs),
        model=_several(name for config in configs for name in subject.models(config)),
        test_size=_items(answers),
        runs=len(answers),
        sweeps=[sweep.sweep_id for sweep in contents.sweeps],
        commands=[sweep.command for sweep in contents.sweeps],
        system=common,
        system_differs=differing,
    )


def configuration(answer: Answer) -> Configuration:
    """A run in full."""
    run, comparison = answer.run, answer.comparison
    figures = {f.name: known for f in run.figures if (known := interval(f.estimate)) is not None}
    return Configuration(
        run_id=run.run_id,
        number=run.number,
        measurement=answer.measurement,
        device=run.config.get("device"),
        model=", ".join(subject.models(run.config)) or None,
        batch_size=subject.used(run.config, "batch_size"),
        text_length=subject.used(run.config, "text_length"),
        figures=figures,
        not_available={
            f.name: f.note or "not finite" for f in run.figures if f.name not in figures
        },
        outcomes=dict(run.outcomes),
        marks=[stamp.mark for stamp in run.stamps],
        stop=run.stop,
        comparison=None if comparison is None else Comparison.model_validate(comparison),
    )


def interval(estimate: Estimate | None) -> Interval | None:
    """The estimate; None where there is none that is finite."""
    if estimate is None or not math.isfinite(estimate.value):
        return None
    return Interval.model_validate(estimate)


def races(answers: Sequence[Answer]) -> list[Race]:
    """The races that these runs were in, each once."""
    return [Race.model_validate(race) for race in each_once(one.race for one in answers)]


def points(series: Swept) -> list[Point]:
    """The runs of a series by their values."""
    return [
        Point(value=value, run_id=answer.run.run_id, number=answer.run.number)
        for value, answer in zip(series.values, series.answers, strict=True)
    ]


def bottlenecks(found: Iterable[Found]) -> list[Bottleneck]:
    """The findings that are about a part."""
    return [
        Bottleneck(
            component=one.component,
            share=one.time_share,
            severity=one.priority.value,
            evidence=[one.title, *one.evidence],
            suggestions=[one.advice] if one.advice else [],
            runs=list(one.runs),
        )
        for one in found
        if one.component is not None
    ]


def of_kind(found: Iterable[Found], *kinds: Kind) -> list[Finding]:
    """Those of some kinds, in their order."""
    return [Finding.model_validate(one) for one in found if one.kind in kinds]


def _items(answers: Sequence[Answer]) -> int | None:
    """Measured calls times what each was handed."""
    total = 0
    for answer in answers:
        each = subject.items_of_a_call(answer.run.config)
        calls = answer.value(ITEMS)
        if each is None or calls is None:
            return None
        total += int(calls) * int(each)
    return total


def _several(values: Iterable[Any]) -> list[str]:
    return [str(value) for value in dict.fromkeys(values) if value is not None]
