"""A view of runs as MLflow's page saves it: JSON in JSON, in the tag of an experiment.

That form is MLflow's own and not documented; it is that of MLflow 3.17.
"""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from embprof.tracking.entries import SWEEP

ALWAYS = {"0": 73, "attributes.`Run Name`": 260, "runDateAndNestInfo": 150, "duration": 80}
"""Columns that MLflow always shows, and their widths in pixels."""
RUNS = 20
"""Charts are drawn of so many runs, the newest."""
TAG_LENGTH = 20_000
"""Characters; source: ``mlflow.utils.validation.MAX_EXPERIMENT_TAG_VAL_LENGTH``."""
CREATED = 1_767_225_600_000
"""A time for MLflow to sort views by, in milliseconds: 2026-01-01."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a view shows: columns (in MLflow's own names) and charts."""

    name: str
    filter: str
    columns: Sequence[str]
    charts: Sequence[Mapping[str, Any]]


def saved(view: View) -> str:
    """The tag; of charts for which it has no room the last are left out."""
    text = _as_json(view)
    if len(text) > TAG_LENGTH:
        return saved(dataclasses.replace(view, charts=view.charts[:-1]))
    return text


def _as_json(view: View) -> str:
    section = f"{view.name} section"
    charts = [
        {
            "uuid": f"{view.name} {at}",
            "metricSectionId": section,
            "deleted": False,
            "isGenerated": False,
            "runsCountToCompare": RUNS,
            **chart,
        }
        for at, chart in enumerate(view.charts)
    ]
    # Room for the whole heading: some 7 pixels a character, and the margins.
    widths = {column: 40 + 7 * len(column.partition("`")[2]) for column in view.columns}
    state = {
        # Sorted by a param, jobs stand by themselves; by time MLflow hides them below their sweep.
        "searchFilter": view.filter,
        "orderByKey": as_param(SWEEP),
        "orderByAsc": False,
        "startTime": "ALL",
        "lifecycleFilter": "Active",
        "datasetsFilter": [],
        "modelVersionFilter": "All Runs",
        "selectedColumns": list(view.columns),
        "columnOrder": [*ALWAYS, *view.columns],
        "columnWidths": {**ALWAYS, **widths},
        "runsHiddenMode": f"FIRST_{RUNS}_RUNS",
        "compareRunCharts": charts,
        "compareRunSections": [
            {
                "uuid": section,
                "name": view.name,
                "display": True,
                "isReordered": False,
                "deleted": False,
                "isGenerated": False,
            }
        ],
        "viewMaximized": False,
        "runListHidden": False,
        "isAccordionReordered": False,
        "useGroupedValuesInCharts": True,
        "hideEmptyCharts": True,
        "groupBy": None,
        "groupsExpanded": {},
        "globalLineChartConfig": {
            "xAxisKey": "step",
            "lineSmoothness": 0,
            "selectedXAxisMetricKey": "",
        },
    }
    times = {"name": view.name, "createdAt": CREATED, "updatedAt": CREATED}
    return json.dumps({**times, "state": json.dumps(state, separators=(",", ":"))})


def bar(metric: str) -> Mapping[str, Any]:
    """A bar for each run."""
    return {"type": "BAR", "metricKey": metric, "displayName": metric}


def line(metric: str) -> Mapping[str, Any]:
    """A line for each run, over the steps of a series."""
    return {
        "type": "LINE",
        "metricKey": metric,
        "selectedMetricKeys": [metric],
        "displayName": metric,
        "lineSmoothness": 0,
        "xAxisKey": "step",
        "xAxisScaleType": "linear",
        "scaleType": "linear",
        "range": {},
    }


def against(param: str, metric: str) -> Mapping[str, Any]:
    """A dot for each run."""
    return {
        "type": "SCATTER",
        "xaxis": {"key": param, "type": "PARAM"},
        "yaxis": {"key": metric, "type": "METRIC"},
        "displayName": f"{metric} against {param}",
    }


def as_param(name: str) -> str:
    """What MLflow calls a param in filters and columns."""
    return f"params.`{name}`"
