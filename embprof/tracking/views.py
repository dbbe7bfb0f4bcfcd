"""Views of the runs that MLflow's page offers in its list *Views*: columns and charts made ready.

By itself MLflow shows of a new experiment the sweeps and no figure, and charts in alphabetical
order. A view is a tag of the experiment, as MLflow 3.17 writes it when a view is saved in its page
(``mlflow.sharedViewState.ID``: name, times, and the state of the page as JSON in JSON). That form
is MLflow's own and not documented: a version that does not know it has no such views, and is
otherwise as it was. They are written once, so that whoever deletes or changes them keeps that.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from embprof.tracking.entries import SWEEP
from embprof.tracking.series import GROUP

PREFIX = "mlflow.sharedViewState."
VERSION = "1"
OFFERED = "embprof.views"
"""Tag of the experiment: the version of the views that it was given."""
JOBS = "embprof-jobs"
MEMORY = "embprof-memory"
JOBS_IN_CHARTS = f"viewStateShareKey={JOBS}&compareRunsMode=CHART"
"""What follows the address of an experiment's runs to open a view."""
JOB = "tags.`embprof.kind` = 'job'"
ITEMS = ("texts", "pairs", "queries", "items")
"""What the workloads of embprof work on; a chart without figures is not shown."""
ALWAYS = {"0": 73, "attributes.`Run Name`": 260, "runDateAndNestInfo": 150, "duration": 80}
"""Columns that MLflow always shows, and their widths in pixels."""
RUNS = 20
CREATED = 1_767_225_600_000
"""A time for MLflow to sort views by, in milliseconds: 2026-01-01."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """What a view shows: columns (in MLflow's own names) and charts."""

    name: str
    filter: str
    columns: Sequence[str]
    charts: Sequence[Mapping[str, Any]]


def tags() -> dict[str, str]:
    """The tags that offer every view, and say so."""
    every = {JOBS: _jobs(), MEMORY: _memory()}
    return {**{f"{PREFIX}{key}": _saved(view) for key, view in every.items()}, OFFERED: VERSION}


def _jobs() -> _View:
    throughputs = [f"throughput_{items}_per_s" for items in ITEMS]
    memory = [_bar("peak_rss_mb"), _bar("total_load_s"), _bar("baseline_ratio")]
    return _View(
        name="embprof: jobs",
        filter=JOB,
        columns=[
            *map(_metric, (throughputs[0], "latency_p50_ms", "peak_rss_mb")),
            *(_tag(f"embprof.{name}") for name in ("verdict", "baseline", "stamps")),
        ],
        charts=[
            *map(_bar, throughputs),
            _against("batch_size", throughputs[0]),
            _against("text_length", throughputs[0]),
            *map(_bar, ("latency_p50_ms", "latency_p95_ms")),
            _against("batch_size", "peak_rss_mb"),
            *memory,
        ],
    )


def _memory() -> _View:
    courses = ("peak_rss_mb", "steady_rss_mb", "anonymous_mb", "uss_mb", "heap_in_use_mb")
    return _View(
        name="embprof: memory over time",
        filter=f"{JOB} and {_metric(GROUP + courses[0])} > 0",
        columns=[
            *map(_metric, ("peak_rss_mb", "steady_rss_mb", "rss_delta_mb")),
            *(_tag(f"embprof.{name}") for name in ("leak", "alerts")),
        ],
        charts=[
            *(_line(f"{GROUP}{name}") for name in courses),
            *map(_bar, ("peak_rss_mb", "rss_delta_mb")),
        ],
    )


def _saved(view: _View) -> str:
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
    state = {
        # Sorted by a param, jobs stand by themselves; by time MLflow hides them below their sweep.
        "searchFilter": view.filter,
        "orderByKey": _param(SWEEP),
        "orderByAsc": False,
        "startTime": "ALL",
        "lifecycleFilter": "Active",
        "datasetsFilter": [],
        "modelVersionFilter": "All Runs",
        "selectedColumns": list(view.columns),
        "columnOrder": [*ALWAYS, *view.columns],
        "columnWidths": {**ALWAYS, **{column: _width(column) for column in view.columns}},
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
    saved = {"name": view.name, "createdAt": CREATED, "updatedAt": CREATED}
    return json.dumps({**saved, "state": json.dumps(state, separators=(",", ":"))})


def _bar(metric: str) -> Mapping[str, Any]:
    return {"type": "BAR", "metricKey": metric, "displayName": metric}


def _line(metric: str) -> Mapping[str, Any]:
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


def _against(param: str, metric: str) -> Mapping[str, Any]:
    return {
        "type": "SCATTER",
        "xaxis": {"key": param, "type": "PARAM"},
        "yaxis": {"key": metric, "type": "METRIC"},
        "displayName": f"{metric} against {param}",
    }


def _width(column: str) -> int:
    """Room for the whole heading: some 7 pixels a character, and the margins."""
    return 40 + 7 * len(column.partition("`")[2])


def _param(name: str) -> str:
    return f"params.`{name}`"


def _metric(name: str) -> str:
    return f"metrics.`{name}`"


def _tag(name: str) -> str:
    return f"tags.`{name}`"
