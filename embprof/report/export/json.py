"""A comparison as JSON (its schema: docs/reference/commands.md)."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any

from embprof.comparison.sets import Compared, Row
from embprof.comparison.stored import ALPHA, SHOWN
from embprof.interface.account import Difference
from embprof.model import StoredRuns
from embprof.statistics.verdict import DELTA, THETA
from embprof.tracking.races import each_once, race_of

SCHEMA = "embprof/comparison/1"


def text(compared: Compared, others: Mapping[int, Sequence[Difference]] | None = None) -> str:
    """The whole comparison; what is not finite is null. ``others``: of rows by number."""
    mean = {"ratio": compared.mean, "rows": compared.mean_rows}
    bound = {"bound": compared.bound, "exit_code": compared.exit_code}
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "a": _side(compared.a),
        "b": _side(compared.b),
        "alpha": ALPHA,
        "theta": THETA,
        "delta": DELTA,
        "confidence": SHOWN,
        "rows": [_row(row) for row in compared.rows],
        "geometric_mean": None if compared.mean is None else mean,
        "fail_on_regression": None if compared.bound is None else bound,
        "matched_by": compared.matched_by,
        "only_in_a": compared.only_a,
        "only_in_b": compared.only_b,
        "differences": dataclasses.asdict(compared.differences),
    }
    for number, differences in (others or {}).items():
        for one in differences:
            document.setdefault(one.section, {})[str(number)] = one.as_json()
    finite = json.loads(json.dumps(document), parse_constant=lambda _: None)
    return json.dumps(finite, indent=2, allow_nan=False) + "\n"


def _side(side: StoredRuns) -> dict[str, Any]:
    kept = ((one.run.run_id, one.folder) for one in side.runs)
    races = each_once(race_of(run_id, folder) for run_id, folder in kept if folder is not None)
    told = [dataclasses.asdict(race) for race in races]
    counts = {"sessions": len(side.sessions), "runs": len(side.runs)}
    return {"name": side.name, **counts, **({"races": told} if told else {})}


def _row(row: Row) -> dict[str, Any]:
    compared = row.comparison
    return {
        "number": row.number,
        "axes": row.axes,
        "key": row.pair.b.run.key or row.pair.a.run.key,
        "figure": compared.figure,
        "unit": compared.unit,
        "better": row.better,
        "a": {"run_id": compared.a, "value": compared.a_value, "sessions": row.sessions},
        "b": {"run_id": compared.b, "value": compared.b_value},
        "ratio": compared.ratio,
        "low": compared.low,
        "high": compared.high,
        "verdict": compared.verdict.value,
        "reason": compared.reason,
        "p_value": compared.p_value,
        "smallest_detectable": compared.smallest_detectable,
        "basis": compared.basis,
        "outcome": None if row.outcome is None else row.outcome.value,
    }
