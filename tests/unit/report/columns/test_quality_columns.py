"""Figures of quality stand in the table, in the workload's order."""

from collections.abc import Callable

from embprof.model import Estimate, Figure, Run
from embprof.report.columns import columns
from embprof.units import unit_of


def figure(name: str, value: float) -> Figure:
    estimate = Estimate(value=value, low=None, high=None, n=1, basis="test")
    return Figure(name=name, better="higher", estimate=estimate, unit=unit_of(name))


def test_each_has_a_column_and_the_first_is_never_left_out(run: Callable[..., Run]) -> None:
    answer = run(
        figures=(
            figure("throughput_queries_per_s", 10),
            figure("index_size_mb", 3),
            figure("recall_at_10", 0.95),
        ),
        description={"items": "queries", "quality": "recall_at_10 index_size_mb"},
    )
    found = columns([answer], "embprof.measurements.throughput.Throughput")
    recall, size = found[-2:]
    assert (recall.heading, recall.cell(answer), recall.spare) == ("recall@10", "0.950", 0)
    assert (size.heading, size.cell(answer)) == ("index size MB", "3.00")
    assert size.spare > 0


def test_a_workload_without_quality_has_no_such_column(run: Callable[..., Run]) -> None:
    answer = run(figures=(figure("throughput_texts_per_s", 10),))
    headings = [column.heading for column in columns([answer], "x.Throughput")]
    assert headings[0] == "texts/s"
    assert not any("@" in heading for heading in headings)


def test_a_quantity_that_is_no_figure_of_its_own_has_no_column(run: Callable[..., Run]) -> None:
    answer = run(
        figures=(figure("throughput_pairs_per_s", 10), figure("agreement_percent", 100)),
        description={"items": "pairs", "quality": "agreement_percent reference_margin"},
    )
    headings = [column.heading for column in columns([answer], "x.Throughput")]
    assert headings[-1] == "agreement %"
