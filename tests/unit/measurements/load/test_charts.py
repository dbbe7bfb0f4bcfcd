"""Pictures of calls under load: what titles say, and that both drawings can be made."""

from collections.abc import Callable
from xml.etree import ElementTree as ET

from embprof.interface.chart import Chart
from embprof.report.charts import charts
from embprof.report.charts.plotly import figure
from embprof.report.charts.svg import svg
from embprof.report.study import Answer, Study

MakeAnswer = Callable[..., Answer]
TARGET = "measurement.latency_target_ms=200"


def of(*answers: Answer) -> dict[str, Chart]:
    found = {chart.name: chart for chart in charts(Study(name="test", answers=answers))}
    for chart in found.values():
        ET.fromstring(svg(chart))
        assert figure(chart)
    return found


def test_callers_have_their_throughput_and_what_each_waits(answer: MakeAnswer) -> None:
    found = of(
        *(
            answer(
                *("measurement=closed_loop", f"measurement.concurrency={count}", TARGET),
                figures={
                    "throughput_texts_per_s": (rate, 0.01),
                    "latency_p50_ms": 10.0 * count,
                    "latency_p95_ms": 12.0 * count,
                },
            )
            for count, rate in ((1, 100.0), (2, 199.0), (4, 200.0))
        )
    )
    assert found["throughput_by_concurrency"].title == (
        "2 callers get 199 texts/s, of all that were tried 200 is most"
    )
    latency = found["latency_by_concurrency"]
    assert latency.title == "A call takes 40.0 ms (p50) with 4 callers"
    assert [curve.name for curve in latency.curves] == ["p50", "p95"]
    assert [level.value for level in latency.levels] == [200.0]


def test_rates_that_pile_up_do_not_hide_the_others(answer: MakeAnswer) -> None:
    found = of(
        *(
            answer(
                *("measurement=open_loop", f"measurement.rate={rate}"),
                figures={"response_p50_ms": p50},
                outcomes={"load": load},
            )
            for rate, p50, load in ((20, 12.0, "kept"), (40, 14.0, "kept"), (80, 4e3, "overloaded"))
        )
    )
    chart = found["response_by_rate"]
    assert chart.title == "A call takes 4,000 ms (p50) with 80 calls/s, where calls pile up"
    assert chart.y.is_log


def test_a_search_is_drawn_try_by_try(answer: MakeAnswer) -> None:
    tries = [
        {"rate": 100.0, "good": 0.2, "word": "missed"},
        {"rate": 50.0, "good": 1.0, "word": "kept"},
        {"rate": 75.0, "good": 0.995, "word": "late"},
    ]
    searched = answer(
        "measurement=capacity",
        TARGET,
        figures={"capacity_calls_per_s": 50.0},
        documents={"capacity.json": {"searches": [{"probes": tries}]}},
    )
    chart = of(searched)["good_by_rate"]
    assert chart.title == "99 % of calls within 200 ms: 50.0 calls/s are kept"
    assert chart.curves[0].x == (50.0, 100.0)
    assert chart.curves[0].y == (100.0, 20.0)


def test_one_run_alone_has_no_curve(answer: MakeAnswer) -> None:
    alone = answer("measurement=closed_loop", figures={"throughput_texts_per_s": 100.0})
    assert of(alone) == {}
    assert of(answer("measurement=capacity", TARGET)) == {}
