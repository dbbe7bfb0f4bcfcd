"""B's figures for github-action-benchmark: a JSON list of name, unit, value, range and extra.

The action reads a file as ``customBiggerIsBetter`` or as ``customSmallerIsBetter``, so all rows of
one must be of one kind. The kind is that of the figure that was compared.
Source: https://github.com/benchmark-action/github-action-benchmark
"""

import json
from collections import Counter
from typing import Any

from embprof.comparison.sets import Compared, Row
from embprof.errors import RequestError
from embprof.report.comparison_phrases import change
from embprof.units import percent

TOOLS = {"higher": "customBiggerIsBetter", "lower": "customSmallerIsBetter"}


def tool(compared: Compared) -> str:
    """What to call the file in the workflow; raises RequestError if its rows are of both kinds."""
    kinds = {row.better for row in compared.rows if row.comparison.b_value is not None}
    if len(kinds) > 1:
        problem = "--benchmark-action: more is better of some rows, less of others"
        raise RequestError([f"{problem}; choose with --figure NAME"])
    return TOOLS[kinds.pop() if kinds else "higher"]


def text(compared: Compared) -> str:
    """An entry for each row of which B has the figure; raises as :func:`tool` does."""
    tool(compared)
    rows = [row for row in compared.rows if row.comparison.b_value is not None]
    names = [f"{row.comparison.figure} {row.label}".strip() for row in rows]
    twice = {name for name, count in Counter(names).items() if count > 1}
    entries = [
        _entry(row, f"{name} {row.pair.b.run.run_id}" if name in twice else name)
        for row, name in zip(rows, names, strict=True)
    ]
    return json.dumps(entries, indent=2, allow_nan=False) + "\n"


def _entry(row: Row, name: str) -> dict[str, Any]:
    found = row.comparison
    entry: dict[str, Any] = {"name": name, "unit": found.unit, "value": found.b_value}
    estimate = row.pair.b.run.estimate(found.figure)
    if estimate is not None and estimate.half_width is not None:
        entry["range"] = f"± {percent(estimate.half_width)}"
    of_cost = change(found) and f"change of the cost {change(found)}"
    entry["extra"] = "\n".join(filter(None, (found.verdict.value, of_cost, found.reason)))
    return entry
