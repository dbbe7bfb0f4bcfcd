"""``load_time.json``: every stage of a start with its spread, targets, and what could be saved."""

import json
import statistics
from collections.abc import Iterator, Sequence
from typing import Any

from embprof.model import Figure, Run, Slice
from embprof.report.targets import check

STAGES = (
    "total_load_s",
    "interpreter_start_s",
    "import_time_s",
    "model_init_s",
    "first_encode_ms",
    "second_encode_ms",
    "steady_encode_ms",
    "load_memory_mb",
)
PARTS = "model_init_"


def of_starts(run: Run, slices: Sequence[Slice]) -> str:
    """The JSON text; empty where nothing was started."""
    has_started = any(piece.values("import_time") for piece in slices)
    return document(run, slices) if has_started else ""


def document(run: Run, slices: Sequence[Slice]) -> str:
    """The JSON text."""
    readings = _readings(slices)
    stages = {
        figure.name: _spread(figure, readings[quantity])
        for figure in run.figures
        if (quantity := _quantity(figure.name, readings)) is not None
    }
    content = {
        "start": run.outcomes.get("start"),
        "not_cold": run.description.get("not_cold"),
        "model": run.config.get("model", {}).get("name"),
        "device": run.config.get("device"),
        "stages": stages,
        "targets": [
            {"metric": one.metric, "wanted": one.wanted, "value": one.value, "met": one.met}
            for one in check(run.config.get("targets", {}), run.figures)
        ],
        "advice": list(_advice(run)),
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _readings(slices: Sequence[Slice]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for piece in slices:
        if not piece.warmup:
            for samples in piece.samples:
                found.setdefault(samples.name, []).extend(samples.values)
    return found


def _quantity(metric: str, readings: dict[str, list[float]]) -> str | None:
    """The quantity behind a stage's metric: its name without the unit."""
    name = metric.rpartition("_")[0]
    is_stage = metric in STAGES or metric.startswith(PARTS)
    return name if is_stage and name in readings else None


def _spread(figure: Figure, values: Sequence[float]) -> dict[str, Any]:
    estimate = figure.estimate
    return {
        "mean": statistics.fmean(values),
        "low": None if estimate is None else estimate.low,
        "high": None if estimate is None else estimate.high,
        "median": statistics.median(values),
        "standard_deviation": statistics.stdev(values) if len(values) > 1 else None,
        "min": min(values),
        "max": max(values),
        "n": len(values),
    }


def _advice(run: Run) -> Iterator[dict[str, Any]]:
    """What would shorten the start, as data: an upper bound each, for whoever can judge it."""
    total, interpreter = run.value("total_load_s"), run.value("interpreter_start_s")
    first, steady = run.value("first_encode_ms"), run.value("steady_encode_ms")
    init = run.value("model_init_s")
    if None in (total, interpreter, first, steady, init):
        return
    assert total and interpreter and first and steady and init  # noqa: PT018  (for the checker)
    yield {
        "what": "load in the background",
        "hides_s": total - interpreter,
        "because": "a service can listen when its interpreter is up; answers still wait for it",
    }
    yield {
        "what": "call once before the first request",
        "hides_s": max(0.0, first - steady) / 1e3,
        "because": "the first call takes longer than a later one",
    }
    yield {
        "what": "a lighter or quantised model",
        "saves_at_most_s": init + first / 1e3,
        "because": "no model is faster to load and to call than none",
    }
    candidates = str(run.description.get("lazy_import_candidates") or "")
    if candidates:
        yield {
            "what": "import lazily, or not at all",
            "candidates": candidates.split("; "),
            "because": "one library imports another; saves at most these, and nothing where the "
            "first call needs them (imports.json has more)",
        }
