"""``text_length_profile.json``: throughput by the length of texts, and what truncation would do."""

from typing import Literal

from pydantic import Field

from embprof.interface.account import Document
from embprof.interface.finding import Kind
from embprof.report.change import rate_of, unit_of_length
from embprof.report.documents import shapes
from embprof.report.documents.contents import Contents
from embprof.report.documents.shapes import Part
from embprof.report.study import Series
from embprof.statistics.association import elasticity, pearson

RULES = ("text_length", "truncation", "padding")


class Analysis(shapes.Series):
    """Throughput along the length of texts."""

    unit: str = Field(description="Of a length: characters, words or tokens.")
    throughput: list[shapes.Interval | None] = Field(description="In the order of the points.")
    correlation: float | None = Field(
        description="Pearson's r of length and throughput over these lengths; null below three."
    )
    elasticity: shapes.Interval | None = Field(
        description="Percent that throughput changes where length grows by one."
    )


class TextLengthProfile(Part):
    """Speed of an embedding service by the length of its texts."""

    schema_: Literal["embprof/text_length_profile/1"] = Field(
        default="embprof/text_length_profile/1", alias="schema"
    )
    metadata: shapes.Metadata
    text_length_analysis: list[Analysis]
    configurations: list[shapes.Configuration]
    recommendations: list[shapes.Finding]
    facts: list[shapes.Finding]


def document(contents: Contents, generated: str | None) -> TextLengthProfile | None:
    """The document; None where one length alone was measured."""
    study = contents.study
    every = study.series("text_length")
    answers = list({a.run.run_id: a for series in every for a in series.answers}.values())
    if not answers:
        return None
    own = [finding for finding in contents.findings if finding.rule in RULES]
    return TextLengthProfile(
        metadata=shapes.metadata(contents, answers, generated),
        text_length_analysis=[_analysis(series) for series in every],
        configurations=[shapes.configuration(answer) for answer in answers],
        recommendations=shapes.of_kind(own, Kind.ADVICE),
        facts=shapes.of_kind(own, Kind.FACT),
    )


def _analysis(series: Series) -> Analysis:
    rates = [answer.estimate(rate_of(answer)) for answer in series.answers]
    known = [
        (float(value), rate.value)
        for value, rate in zip(series.values, rates, strict=True)
        if isinstance(value, int) and rate is not None
    ]
    lengths, values = [length for length, _ in known], [value for _, value in known]
    return Analysis(
        conditions=dict(series.fixed),
        points=shapes.points(series),
        unit=unit_of_length(series.answers[0]),
        throughput=[shapes.interval(rate) for rate in rates],
        correlation=pearson(lengths, values),
        elasticity=shapes.interval(elasticity(lengths, values)),
    )


DOCUMENT = Document(model=TextLengthProfile, make=document)
