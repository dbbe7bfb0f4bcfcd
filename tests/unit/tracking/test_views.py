"""The views that MLflow's page is offered, in the form in which it saves its own."""

import dataclasses
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from embprof.model import Figure, Run
from embprof.tracking import views
from embprof.tracking.series import Course, Point
from embprof.tracking.views import (
    JOBS,
    LAST,
    OFFERED,
    PREFIX,
    Contents,
    contents_of,
    offer,
    offered,
)

MakeRun = Callable[..., Run]
TAG_LENGTH = 20_000
"""Of an experiment's tag; source: mlflow.utils.validation.MAX_EXPERIMENT_TAG_VAL_LENGTH."""
# Keys of a view that was saved in the page of MLflow 3.17.2.
KEYS = """
    searchFilter orderByKey orderByAsc startTime lifecycleFilter datasetsFilter modelVersionFilter
    selectedColumns columnOrder columnWidths runsHiddenMode compareRunCharts compareRunSections
    viewMaximized runListHidden isAccordionReordered useGroupedValuesInCharts hideEmptyCharts
    groupBy groupsExpanded globalLineChartConfig
"""
MEMORY = "embprof.measurements.memory.Memory"
FOREIGN = "acme.footprint.Footprint"
SEEN = Contents(
    firsts=("throughput_texts_per_s", "peak_rss_mb"),
    others=("latency_p50_ms", "peak_rss_mb"),
    plots=(("batch_size", "throughput_texts_per_s"),),
    words=("leak",),
    courses={MEMORY: ("over_time/peak_rss_mb", "over_time/uss_mb")},
)
MANY = Contents(
    firsts=tuple(f"a_first_figure_with_a_long_name_{at}_ms" for at in range(60)),
    plots=tuple(("text_length", f"a_first_figure_with_a_long_name_{at}_ms") for at in range(60)),
)


def views_of(tags: dict[str, str]) -> dict[str, Any]:
    return {
        tag.removeprefix(PREFIX): json.loads(value)
        for tag, value in tags.items()
        if tag.startswith(PREFIX)
    }


def charts(view: dict[str, Any]) -> list[str]:
    return [chart["displayName"] for chart in json.loads(view["state"])["compareRunCharts"]]


@pytest.mark.parametrize("contents", [Contents(), SEEN, MANY])
def test_a_view_is_what_the_page_saves(contents: Contents) -> None:
    for saved in views_of(offer({}, contents, "1")).values():
        assert set(saved) == {"name", "createdAt", "updatedAt", "state"}
        assert list(json.loads(saved["state"])) == KEYS.split()


def test_no_tag_is_longer_than_may_be() -> None:
    assert max(map(len, offer({}, MANY, "1").values())) <= TAG_LENGTH


@pytest.mark.parametrize("contents", [Contents(), SEEN, MANY])
def test_every_chart_of_a_view_has_an_id_of_its_own_and_stands_in_its_section(
    contents: Contents,
) -> None:
    for saved in views_of(offer({}, contents, "1")).values():
        state = json.loads(saved["state"])
        (section,) = state["compareRunSections"]
        ids = [chart["uuid"] for chart in state["compareRunCharts"]]
        assert len(set(ids)) == len(ids)
        found = {chart["metricSectionId"] for chart in state["compareRunCharts"]}
        assert found == {section["uuid"]}


def test_the_jobs_have_charts_of_their_figures_and_against_what_was_swept() -> None:
    made = views_of(offer({}, SEEN, "1"))
    assert charts(made["embprof-jobs"]) == [
        "throughput_texts_per_s",
        "throughput_texts_per_s against batch_size",
        "peak_rss_mb",
        "latency_p50_ms",
        "baseline_ratio",
    ]
    assert "tags.`embprof.leak`" in json.loads(made["embprof-jobs"]["state"])["selectedColumns"]


def test_the_last_sweep_has_one_chart_for_its_question_and_shows_intervals() -> None:
    earlier = offer({}, Contents(firsts=("total_load_s",)), "1")
    made = views_of(offer({**earlier}, SEEN, "2"))
    view = json.loads(made["embprof-last"]["state"])
    assert view["searchFilter"] == "tags.`embprof.kind` = 'job' and params.`sweep` = '2'"
    assert charts(made["embprof-last"]) == [
        "throughput_texts_per_s against batch_size",
        "peak_rss_mb",
        "latency_p50_ms",
        "baseline_ratio",
    ]
    assert view["selectedColumns"][:3] == [
        "metrics.`throughput_texts_per_s`",
        "metrics.`peak_rss_mb`",
        "metrics.`throughput_texts_per_s_low`",
    ]
    assert "total_load_s" in charts(made["embprof-jobs"])


def test_a_measurement_that_reads_over_time_has_a_view_of_its_own() -> None:
    more = Contents(courses={FOREIGN: ("over_time/watts",)})
    made = views_of(offer(offer({}, SEEN, "1"), more, "2"))
    assert made["embprof-memory"]["name"] == "embprof: memory over time"
    assert charts(made["embprof-memory"])[:2] == ["over_time/peak_rss_mb", "over_time/uss_mb"]
    foreign = made[f"embprof-{FOREIGN}"]
    assert foreign["name"] == "embprof: Footprint over time"
    assert FOREIGN in json.loads(foreign["state"])["searchFilter"]


def test_what_a_run_has_to_show_are_its_first_figures_in_each_unit_and_what_was_swept(
    run: MakeRun,
) -> None:
    workload = {"_target_": "acme.Search", "rows": 1000, "arguments": {"depth": 2}}
    measurement = {"_target_": MEMORY}
    config = {"batch_size": 8, "device": "cpu", "measurement": measurement, "workload": workload}
    course = Course(points=(Point(name="over_time/uss_mb", value=1.0, timestamp=0, step=0),))
    one = run(config=config, outcomes={"leak": "no_leak"})
    swept = ["batch_size", "device", "workload.rows", "workload.arguments.depth"]
    assert contents_of(one, course, swept) == Contents(
        firsts=("throughput_texts_per_s",),
        others=("latency_p50_ms", "cpu_percent", "peak_rss_mb"),
        plots=tuple(
            (key, "throughput_texts_per_s")
            for key in ("batch_size", "workload.rows", "workload.arguments.depth")
        ),
        words=("leak",),
        courses={MEMORY: ("over_time/uss_mb",)},
    )
    nothing = run(figures=(), config={"batch_size": 8, "workload": workload})
    assert contents_of(nothing, Course(), ["batch_size"]) == Contents()


def test_a_figure_of_another_workload_is_charted_from_its_first_run_on(run: MakeRun) -> None:
    given = offer({}, contents_of(run(), Course(), []), "1")
    pairs = dataclasses.replace(run().figures[0], name="throughput_pairs_per_s", unit="pairs/s")
    more = contents_of(run(figures=(pairs,)), Course(), [])
    again = {**given, **offer(given, more, "1")}
    found = charts(views_of(again)[JOBS])
    assert found[:2] == ["throughput_texts_per_s", "throughput_pairs_per_s"]
    now = offered(again)
    assert now is not None
    assert now.contents | more == now.contents, "it is not new any more"


def test_a_view_that_somebody_changed_or_deleted_stays_as_it_is() -> None:
    given = offer({}, SEEN, "1")
    changed = {**given, PREFIX + JOBS: "mine"}
    del changed[f"{PREFIX}embprof-memory"]
    more = Contents(firsts=("total_load_s",), courses={MEMORY: ("over_time/anonymous_mb",)})
    assert set(offer(changed, more, "1")) == {OFFERED, PREFIX + LAST}
    kept = {**changed, **offer(changed, more, "1")}
    again = offer(kept, Contents(firsts=("another_ms",)), "1")
    assert set(again) == {OFFERED, PREFIX + LAST}, "nor later"


def test_views_of_the_first_version_are_written_anew_unless_they_were_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = {JOBS: "as the first version wrote it"}
    digests = {key: hashlib.sha256(text.encode()).hexdigest() for key, text in old.items()}
    monkeypatch.setattr(views, "FIRST_VERSION", digests | {"embprof-memory": "0" * 64})
    tags = {OFFERED: "1", **{PREFIX + key: text for key, text in old.items()}}
    made = set(offer(tags, SEEN, "1"))
    assert made == {OFFERED, PREFIX + JOBS, PREFIX + LAST}, "the other one was deleted"


def test_a_run_without_figures_is_offered_the_jobs_all_the_same(run: MakeRun) -> None:
    nothing = Figure(name="calls", better="higher", estimate=None, note="n/a")
    made = offer({}, contents_of(run(figures=(nothing,)), Course(), []), "1")
    assert PREFIX + JOBS in made


def test_a_race_brings_its_ratio_and_rank_and_no_other_sweep_has_them() -> None:
    tags = offer({}, SEEN, "s1")
    before = views_of(tags)[LAST]
    assert "best_ratio" not in json.dumps(before)
    tags |= offer(tags, views.RACE, "s1")
    columns = json.loads(views_of(tags)[LAST]["state"])["selectedColumns"]
    assert {"metrics.`best_ratio`", "tags.`embprof.rank`"} <= set(columns)
    assert "best_ratio" in charts(views_of(tags)[LAST])
    tags |= offer(tags, SEEN, "s2")
    assert "best_ratio" not in charts(views_of(tags)[LAST])
