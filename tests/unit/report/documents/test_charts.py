"""Pictures: what each study has, that titles say what was found, and that both drawings agree."""

import json
import math
from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest

from embprof.interface.chart import Axis, Chart, Curve, Level, Span
from embprof.report.charts import charts, scale, ticks
from embprof.report.charts.plotly import figure
from embprof.report.charts.svg import svg
from embprof.report.study import Answer, Study

MakeAnswer = Callable[..., Answer]
SVG = "{http://www.w3.org/2000/svg}"


def of(*answers: Answer) -> dict[str, Chart]:
    return {chart.name: chart for chart in charts(Study(name="test", answers=answers))}


def test_a_study_of_everything_has_every_picture(study: Study) -> None:
    found = {chart.name: chart.title for chart in charts(study)}
    assert found == {
        "throughput_by_batch_size": "Fastest with batches of 128: 1,478 texts/s (text_length=128)",
        "throughput_by_text_length": "Texts of 10 characters are encoded at 9.23 times (8.99 "
        "to 9.49) the rate of those of 1,024 (batch_size=32)",
        "latency_by_batch_size": "A call of 128 takes 86.6 ms (p50), one of 8 takes 15.2 ms "
        "(text_length=128)",
        "memory_by_batch_size": "Peak memory is 508 MB with batch size 8 and 628 MB with 128",
        "throughput_and_memory": "Of 5 runs, 5 are such that no other is faster with less memory",
        "memory_over_time": "Memory at rest changes by 0.100 MB/min (0.0500 to 0.150)",
        "stages": "83 % of a call is forward (batch 32, cpu)",
        "load_time": "55 % of a warm start of 3.28 s is imports (batch 32, cpu)",
        "leak": "A leak: 1,024 B/call ± 2.0 % (batch 32, cpu)",
    }


def test_what_others_measured_before_is_drawn_beside(batches: list[Answer]) -> None:
    chart = of(*batches)["throughput_by_batch_size"]
    assert [curve.name for curve in chart.curves] == ["measured", "baseline main"]
    assert chart.curves[1].y[0] == pytest.approx(1.05 * 527)
    assert chart.x.is_log
    assert chart.x.ticks == (8, 16, 32, 64, 128)


def test_two_profiles_are_compared_and_three_are_not(profile: Answer, answer: MakeAnswer) -> None:
    def another(factor: float) -> Answer:
        functions = json.loads((profile.folder / "functions.json").read_text())  # type: ignore[operator]
        for row in functions["functions"]:
            row["self_ms"] *= factor
        functions["call_ms"] *= factor
        return answer(
            "measurement=profile",
            "batch_size=64",
            figures={"throughput_texts_per_s": 500.0},
            files={"functions.json": functions},
            started=f"2027-01-01T00:00:0{factor:.0f}.000+00:00",
        )

    second, third = another(2.0), another(3.0)
    chart = of(profile, second)["profile_difference"]
    assert chart.title.startswith("A call takes 23.0 ms more with batch 64 than with batch 32")
    assert chart.y.names == ("linear", "tokenize")
    assert "profile_difference" not in of(profile, second, third)


def test_axes_of_names_are_bars_the_fastest_first(answer: MakeAnswer) -> None:
    answers = [
        answer(f"device={device}", figures={"throughput_texts_per_s": (rate, 0.01)})
        for device, rate in (("cpu", 100.0), ("cuda", 900.0))
    ]
    chart = of(*answers)["throughput_by_device"]
    assert chart.title == "device: cuda is fastest"
    assert chart.y.names == ("cuda", "cpu")


def test_runs_without_figures_have_no_pictures(answer: MakeAnswer) -> None:
    kinds = ("throughput", "memory", "load_time", "profile", "leak")
    assert of(*(answer(f"measurement={kind}") for kind in kinds)) == {}


def test_both_drawings_and_the_table_have_the_same_points(study: Study) -> None:
    for chart in charts(study):
        headings, rows = chart.table()
        drawn = figure(chart)
        json.dumps(drawn, allow_nan=False)
        points = sum(len(trace["x"]) for trace in drawn["data"])
        assert points == len(rows)
        assert all(len(row) == len(headings) for row in rows)
        tree = ET.fromstring(svg(chart))
        assert tree.findtext(f"{SVG}title") == chart.title
        for element in tree.iter():
            for name in ("x", "y", "width", "height", "x1", "y1", "x2", "y2"):
                assert math.isfinite(float(element.get(name, 0)))


def test_what_is_drawn_stays_on_the_paper(study: Study) -> None:
    for chart in charts(study):
        across = scale.of_x(chart)
        assert all(0 <= across.share(x) <= 1 for curve in chart.curves for x in curve.x)
        if chart.curves:
            upward = scale.of_y(chart)
            assert all(0 <= upward.share(y) <= 1 for curve in chart.curves for y in curve.y)


def test_a_level_far_beyond_the_points_is_not_drawn() -> None:
    def chart(budget: float) -> Chart:
        return Chart(
            name="memory",
            title="memory",
            x=Axis(title="batch size"),
            y=Axis(title="MB"),
            curves=(Curve(name="peak", x=(1.0, 2.0), y=(500.0, 600.0)),),
            levels=(Level(name="wanted", value=budget),),
        )

    assert scale.drawn_levels(chart(700)) != []
    assert scale.drawn_levels(chart(4000)) == []
    assert "wanted" in svg(chart(700))
    assert "wanted" not in svg(chart(4000))


def test_spans_are_named_where_there_is_room_and_the_same_thing_seen_again_once() -> None:
    chart = Chart(
        name="memory",
        title="memory",
        x=Axis(title="seconds"),
        y=Axis(title="MB"),
        curves=tuple(Curve(name=name, x=(0.0, 10.0), y=(1.0, 2.0)) for name in ("a", "b", "a")),
        spans=(
            Span(name="imports", start=0.0, end=5.0),
            Span(name="load", start=5.0, end=5.1),
            Span(name="measured", start=5.1, end=10.0),
        ),
    )
    drawn, still = figure(chart), svg(chart)
    names = [shape["label"]["text"] for shape in drawn["layout"]["shapes"]]
    assert names == ["imports", "", "measured"]
    assert [name in still for name in ("imports", "load", "measured")] == [True, False, True]
    shown = [trace["name"] for trace in drawn["data"] if trace.get("showlegend", True)]
    assert shown == ["a", "b"]
    first, second, again = (trace["line"]["color"] for trace in drawn["data"])
    assert first == again != second


def test_a_note_stands_below_a_picture_that_no_page_is_around() -> None:
    chart = Chart(
        name="memory",
        title="memory",
        x=Axis(title="seconds"),
        y=Axis(title="MB"),
        curves=(Curve(name="peak", x=(0.0, 10.0), y=(1.0, 2.0)),),
        note="far above",
    )
    assert "far above" in svg(chart, is_noted=True)
    assert "far above" not in svg(chart)


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 1234), (-3, 7), (5, 5), (0.001, 0.0017)])
def test_ticks_are_round_and_cover_the_range(low: float, high: float) -> None:
    found = ticks.linear(low, high)
    assert 1 <= len(found) <= 12
    assert found[0] <= low
    assert found[-1] >= high


def test_ticks_that_would_touch_are_left_out() -> None:
    assert ticks.thinned([1, 2, 3, 4], [0, 10, 20, 30], 15) == [1, 3]
