"""``embedding_profile.json``: throughput and latency by settings, bottlenecks, advice."""

from typing import Literal

from pydantic import Field

from embprof.interface.account import Document
from embprof.interface.finding import Kind
from embprof.report.documents import shapes
from embprof.report.documents.contents import Contents
from embprof.report.documents.shapes import Part
from embprof.report.ranking import rank

MEASUREMENTS = ("throughput", "profile", "load_time")


class Best(Part):
    """The highest throughput of a series, and the smallest size within 5 % of it."""

    highest: int | float | str | None
    smallest_within_5_percent: int | float | str | None
    not_told_from_highest: list[int | float | str | None]
    without_interval: list[int | float | str | None]


class Analysis(shapes.Series):
    """Throughput along one key; ``best`` is null where too little is known."""

    axis: str
    best: Best | None


class EmbeddingProfile(Part):
    """Speed of an embedding service by its settings."""

    schema_: Literal["embprof/embedding_profile/1"] = Field(
        default="embprof/embedding_profile/1", alias="schema"
    )
    metadata: shapes.Metadata
    batch_size_analysis: list[Analysis]
    other_axes: list[Analysis] = Field(description="Device, model, threads, ….")
    races: list[shapes.Race] = Field(description="Rows that were measured in rounds.")
    configurations: list[shapes.Configuration]
    bottlenecks: list[shapes.Bottleneck]
    recommendations: list[shapes.Finding]
    facts: list[shapes.Finding]
    gaps: list[shapes.Finding]
    contradictions: list[shapes.Finding]


AXES = ("device", "model", "threads", "backend", "wait_policy", "truncation")


def document(contents: Contents, generated: str | None) -> EmbeddingProfile | None:
    """The document; None where the speed of nothing was measured."""
    study = contents.study
    answers = [answer for answer in study.answers if answer.measurement in MEASUREMENTS]
    if not answers:
        return None
    return EmbeddingProfile(
        metadata=shapes.metadata(contents, answers, generated),
        batch_size_analysis=_analyses(contents, "batch_size"),
        other_axes=[found for axis in AXES for found in _analyses(contents, axis)],
        races=shapes.races(answers),
        configurations=[shapes.configuration(answer) for answer in answers],
        bottlenecks=shapes.bottlenecks(contents.findings),
        recommendations=shapes.of_kind(contents.findings, Kind.ADVICE),
        facts=shapes.of_kind(contents.findings, Kind.FACT),
        gaps=shapes.of_kind(contents.findings, Kind.GAP),
        contradictions=shapes.of_kind(contents.findings, Kind.CONTRADICTION),
    )


def _analyses(contents: Contents, axis: str) -> list[Analysis]:
    found = []
    for series in contents.study.series(axis):
        ranking = rank(series)
        best = None
        if ranking is not None:
            values = ranking.series.values  # without those that miss a target or limit
            best = Best(
                highest=values[ranking.best],
                smallest_within_5_percent=values[ranking.knee],
                not_told_from_highest=[values[at] for at in ranking.alike],
                without_interval=[values[at] for at in ranking.unbounded],
            )
        found.append(
            Analysis(
                axis=axis, conditions=dict(series.fixed), points=shapes.points(series), best=best
            )
        )
    return found


DOCUMENT = Document(model=EmbeddingProfile, make=document)
