"""What of a run is logged to MLflow, and under which names; MLflow itself is not needed for it."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from embprof.config import override
from embprof.config.question import without_protocol
from embprof.config.references import flatten
from embprof.model import Comparison, Run, Verdict
from embprof.race import Standing

ARM = "embprof.arm"
"""Tag of a gate's runs: ``a`` or ``b``."""
RANK = "embprof.rank"
"""Tag of a run that was measured in rounds: ``1``, ``1?`` where its rank is open."""
SWEEP = "sweep"
"""Param with the sweep's id: MLflow sorts and groups by params, so its jobs stay together."""


def run_name(run: Run, tags: Mapping[str, str], axes: Sequence[str] = ()) -> str:
    """What tells a job from the others of its sweep, of whose ``axes`` it has values.

    Without any, what it asks, but for how precisely: short enough for a column of the runs table.
    """
    arm = f"{tags[ARM].upper()}: " if ARM in tags else ""
    given = map(override.parse, run.overrides)
    differs = [f"{one.key}={one.text}" for one in given if one.key in axes]
    return arm + (" ".join(differs or without_protocol(run.overrides)) or f"job {run.number}")


def judged_name(name: str, comparison: Comparison) -> str:
    """The name of a run that was found to have changed says so: charts show nothing but names."""
    changed = comparison.verdict in (Verdict.SLOWER, Verdict.FASTER)
    return f"{name} ({comparison.verdict.value})" if changed else name


def job_tags(run: Run, parent: str) -> dict[str, str]:
    """What a run is found by."""
    tags = {
        "mlflow.parentRunId": parent,
        "embprof.kind": "job",
        "embprof.run": run.run_id,
        "embprof.sweep_id": run.sweep_id,
        "embprof.key": run.key,
        "embprof.environment": run.environment,
        "embprof.status": run.status.value,
        "embprof.stamps": "".join(stamp.mark for stamp in run.stamps),
    }
    tags |= {f"embprof.{word}": answer for word, answer in run.outcomes.items()}
    if run.alerts:
        tags["embprof.alerts"] = "; ".join(run.alerts)
    if run.reason:
        tags["embprof.reason"] = run.reason
    if dropped := [name for name, value in values(run) if not math.isfinite(value)]:
        tags["embprof.not_finite"] = " ".join(dropped)
    return tags


def note(question: str | None, tables: str) -> str:
    """A sweep's description: what was asked, and its tables in Markdown, which MLflow renders.

    Its page gives the cells of a table no room: without these spaces they run together.
    """
    lines = [
        line.replace(" | ", " &nbsp; | ") if line.startswith("|") else line
        for line in tables.splitlines()
    ]
    return "\n".join([question or "", "", *lines]).strip()


def params(run: Run) -> dict[str, Any]:
    """The configuration, flattened, and as ``actual.…`` what the workload found itself with.

    What the workload's node merely repeats of the rest (``workload.batch_size``) is left out.
    """
    config = dict(run.config)
    config["workload"] = {
        key: value
        for key, value in config["workload"].items()
        if key not in config or config[key] != value
    }
    actual = {f"actual.{key}": value for key, value in run.description.items()}
    return {SWEEP: run.sweep_id, **flatten(config), **actual}


def values(run: Run) -> Iterator[tuple[str, float]]:
    """Every figure with its interval, and the seconds the job took, under their metric names."""
    for figure in run.figures:
        if figure.estimate is None:
            continue
        yield figure.name, figure.estimate.value
        if figure.estimate.low is not None and figure.estimate.high is not None:
            yield f"{figure.name}_low", figure.estimate.low
            yield f"{figure.name}_high", figure.estimate.high
    for part, seconds in run.seconds.items():
        yield f"{part}_s", seconds


def comparison_metrics(comparison: Comparison) -> dict[str, float | None]:
    """What a comparison adds to the metrics of its run."""
    return {
        "baseline_a": comparison.a_value,
        "baseline_b": comparison.b_value,
        "baseline_ratio": comparison.ratio,
        "baseline_ratio_low": comparison.low,
        "baseline_ratio_high": comparison.high,
        "baseline_smallest_detectable_change": comparison.smallest_detectable,
    }


def comparison_tags(comparison: Comparison) -> dict[str, str]:
    """What a comparison adds to the tags of its run."""
    return {
        "embprof.verdict": comparison.verdict.value,
        "embprof.verdict_reason": comparison.reason or "",
        "embprof.compared_with": comparison.a,
    }


def standing_metrics(standing: Standing) -> dict[str, float | None]:
    """What its place in a race adds to the metrics of a run: ratios of costs, 1.28 is 28 % more."""
    return {
        "best_ratio": standing.ratio,
        "best_ratio_low": standing.low,
        "best_ratio_high": standing.high,
    }


def standing_tags(standing: Standing) -> dict[str, str]:
    """What it adds to the tags."""
    return {RANK: rank_text(standing)}


def rank_text(standing: Standing) -> str:
    """``1``, ``1?`` where it is open whether the row is as good; empty of one without a rank."""
    if standing.rank is None:
        return ""
    return f"{standing.rank}{'?' if standing.word == 'open' else ''}"
