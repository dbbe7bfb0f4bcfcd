"""The views that MLflow's page is offered, in the form in which it saves its own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from embprof.tracking import views

TAG_LENGTH = 20_000
"""Of an experiment's tag; source: mlflow.utils.validation.MAX_EXPERIMENT_TAG_VAL_LENGTH."""
SAVED = {tag: value for tag, value in views.tags().items() if tag.startswith(views.PREFIX)}
# Keys of a view that was saved in the page of MLflow 3.17.2.
KEYS = """
    searchFilter orderByKey orderByAsc startTime lifecycleFilter datasetsFilter modelVersionFilter
    selectedColumns columnOrder columnWidths runsHiddenMode compareRunCharts compareRunSections
    viewMaximized runListHidden isAccordionReordered useGroupedValuesInCharts hideEmptyCharts
    groupBy groupsExpanded globalLineChartConfig
"""


@pytest.fixture(params=list(SAVED.values()), ids=list(SAVED))
def saved(request: pytest.FixtureRequest) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(request.param)
    return content


def test_a_view_is_what_the_page_saves(saved: dict[str, Any]) -> None:
    assert set(saved) == {"name", "createdAt", "updatedAt", "state"}
    assert list(json.loads(saved["state"])) == KEYS.split()
    assert len(json.dumps(saved)) < TAG_LENGTH


def test_every_chart_of_a_view_has_an_id_of_its_own_and_stands_in_its_section(
    saved: dict[str, Any],
) -> None:
    state = json.loads(saved["state"])
    (section,) = state["compareRunSections"]
    ids = [chart["uuid"] for chart in state["compareRunCharts"]]
    assert len(set(ids)) == len(ids)
    assert {chart["metricSectionId"] for chart in state["compareRunCharts"]} == {section["uuid"]}


def test_the_experiment_says_which_views_it_was_given() -> None:
    assert views.tags()[views.OFFERED] == views.VERSION
