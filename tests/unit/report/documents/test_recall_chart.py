"""The picture of recall and throughput."""

from collections.abc import Callable

from embprof.report.charts import charts
from embprof.report.study import Answer, Study

MakeAnswer = Callable[..., Answer]


def search(answer: MakeAnswer, size: int, ef_search: int, rate: float, recall: float) -> Answer:
    return answer(
        *("workload=vector_search", f"workload.corpus_size={size}"),
        f"workload.ef_search={ef_search}",
        figures={"throughput_queries_per_s": rate, "recall_at_10": recall},
        description={"items": "queries", "rows": size},
    )


def test_each_set_of_vectors_has_its_front_and_the_largest_the_title(answer: MakeAnswer) -> None:
    settings = ((10, 400.0, 0.8), (40, 200.0, 0.97), (50, 150.0, 0.96), (100, 100.0, 0.99))
    runs = [
        search(answer, size, ef_search, rate, recall)
        for size in (1000, 5000)
        for ef_search, rate, recall in settings
    ]
    charted = {chart.name: chart for chart in charts(Study(name="test", answers=tuple(runs)))}
    chart = charted["recall_and_throughput"]
    assert chart.title == "Among 5,000 vectors recall@10 of 0.99 takes 4.00 times as long as 0.80"
    assert [curve.name for curve in chart.curves] == ["5,000 vectors", "1,000 vectors"]
    assert chart.curves[0].x == (0.8, 0.97, 0.99)
    assert chart.curves[0].y == (400.0, 200.0, 100.0)
    assert chart.curves[0].labels[0].startswith("5,000 vectors: hnsw m=16")


def test_two_settings_make_no_picture(answer: MakeAnswer) -> None:
    runs = [search(answer, 1000, ef_search, 100.0, 0.9) for ef_search in (10, 40)]
    drawn = {chart.name for chart in charts(Study(name="test", answers=tuple(runs)))}
    assert "recall_and_throughput" not in drawn
