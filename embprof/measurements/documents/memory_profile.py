"""``memory_profile.json``: peak, rest and parts by batch size and text length, growth and leaks."""

from typing import Literal

from pydantic import Field

from embprof.interface.account import Document
from embprof.interface.finding import Kind
from embprof.report.documents import shapes
from embprof.report.documents.contents import Contents
from embprof.report.documents.shapes import Part
from embprof.report.study import Answer

RULES = ("memory_budget", "memory_growth", "leak", "failures")
OURS = ("memory", "leak")


class Leak(Part):
    """The verdict of a run on whether memory leaks."""

    run_id: str
    number: int
    verdict: str | None = Field(description="leak, no_leak or growth_unproven.")
    reason: str | None
    slope_bytes_per_call: shapes.Interval | None


class Growth(shapes.Series):
    """Peak memory along one key."""

    axis: str
    peak_rss_mb: list[float | None]


class MemoryProfile(Part):
    """Memory of an embedding service by its settings."""

    schema_: Literal["embprof/memory_profile/1"] = Field(
        default="embprof/memory_profile/1", alias="schema"
    )
    metadata: shapes.Metadata
    process: Literal["fresh", "forked"] = Field(
        description="fresh: figures of a process by itself; forked: they hold pages shared with a "
        "fork server, and only differences between them mean something."
    )
    growth: list[Growth]
    leaks: list[Leak]
    configurations: list[shapes.Configuration] = Field(
        description="phase_… and component_… figures are parts of peak_rss_mb."
    )
    bottlenecks: list[shapes.Bottleneck]
    recommendations: list[shapes.Finding]
    facts: list[shapes.Finding]


def document(contents: Contents, generated: str | None) -> MemoryProfile | None:
    """The document; None where no run read its memory."""
    study = contents.study
    fresh = [answer for answer in study.answers if answer.measurement in OURS]
    forked = [answer for answer in study.answers if answer.value("peak_rss_mb") is not None]
    answers = fresh or forked
    if not answers:
        return None
    own = [finding for finding in contents.findings if finding.rule in RULES]
    kind = "memory" if study.of("memory") else "throughput"
    return MemoryProfile(
        metadata=shapes.metadata(contents, answers, generated),
        process="fresh" if fresh else "forked",
        growth=[
            Growth(
                axis=axis,
                conditions=dict(series.fixed),
                points=shapes.points(series),
                peak_rss_mb=[answer.value("peak_rss_mb") for answer in series.answers],
            )
            for axis in ("batch_size", "text_length")
            for series in study.series(axis, kind)
        ],
        leaks=[_leak(answer) for answer in study.of("leak")],
        configurations=[shapes.configuration(answer) for answer in answers],
        bottlenecks=shapes.bottlenecks(own),
        recommendations=shapes.of_kind(own, Kind.ADVICE),
        facts=shapes.of_kind(own, Kind.FACT),
    )


def _leak(answer: Answer) -> Leak:
    return Leak(
        run_id=answer.run.run_id,
        number=answer.run.number,
        verdict=answer.run.outcomes.get("leak"),
        reason=answer.run.outcomes.get("leak_reason"),
        slope_bytes_per_call=shapes.interval(answer.estimate("leak_slope_bytes_per_call")),
    )


DOCUMENT = Document(model=MemoryProfile, make=document)
