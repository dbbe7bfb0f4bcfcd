"""``load_time.json``: every stage of a start with its spread, targets, and what could be saved."""

import json
import statistics
from collections.abc import Iterator, Sequence
from typing import Any

from embprof.interface.readings import values
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


def document(run: Run, slices: Sequence[Slice]) -> str:
    """The JSON text; empty where nothing was started."""
    if not any(piece.values("import_time") for piece in slices):
        return ""
    measured = [piece for piece in slices if not piece.warmup]
    # The quantity behind a stage's metric is its name without the unit.
    stages = {
        figure.name: _spread(figure, read)
        for figure in run.figures
        if (figure.name in STAGES or figure.name.startswith(PARTS))
        and (read := values(measured, figure.name.rpartition("_")[0]))
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


def _spread(figure: Figure, read: Sequence[float]) -> dict[str, Any]:
    estimate = figure.estimate
    return {
        "mean": statistics.fmean(read),
        "low": None if estimate is None else estimate.low,
        "high": None if estimate is None else estimate.high,
        "median": statistics.median(read),
        "standard_deviation": statistics.stdev(read) if len(read) > 1 else None,
        "min": min(read),
        "max": max(read),
        "n": len(read),
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
