"""What the table says of stages that were read call by call."""

from collections.abc import Callable

from embprof.model import Estimate, Figure, Run
from embprof.report.columns import columns

MakeRun = Callable[..., Run]
THROUGHPUT = "embprof.measurements.throughput.Throughput"
PIPELINE = {"workload": {"_target_": "embprof.workloads.pipeline.Pipeline"}}


def figure(name: str, value: float) -> Figure:
    estimate = Estimate(value=value, low=None, high=None, n=100, basis="readings of one process")
    return Figure(name=name, better="lower", estimate=estimate)


def test_stages_have_their_time_and_the_run_the_stage_that_bounds_its_tail(run: MakeRun) -> None:
    figures = (
        figure("throughput_texts_per_s", 18.0),
        figure("stage_embed_ms", 12.3),
        figure("stage_nli_ms", 40.5),
        figure("stage_verdict_ms", 0.02),
        figure("stage_embed_percent", 23.0),
        figure("stage_nli_percent", 76.0),
        figure("stage_verdict_percent", 0.04),
        figure("stage_nli_p95_ms", 80.0),
    )
    one = run(figures=figures, outcomes={"tail": "nli_or_embed"}, config=PIPELINE)
    row = {column.heading: column.cell(one) for column in columns([one], THROUGHPUT)}
    assert (row["embed ms"], row["nli ms"], row["tail"]) == ("12.3", "40.5", "nli or embed")
    assert not [heading for heading in row if heading.startswith(("verdict", "nli p95"))]


def test_runs_whose_stages_were_not_read_have_no_such_columns(run: MakeRun) -> None:
    assert "tail" not in {column.heading for column in columns([run(config=PIPELINE)], THROUGHPUT)}


def test_hits_of_a_cache_have_a_column_where_there_was_one(run: MakeRun) -> None:
    throughput, hits = figure("throughput_texts_per_s", 1.0), figure("cache_hit_percent", 61.3)
    runs = [run(figures=given, config=PIPELINE) for given in ((throughput, hits), (throughput,))]
    cells = {
        column.heading: [column.cell(one) for one in runs] for column in columns(runs, THROUGHPUT)
    }
    assert cells["hits %"] == ["61.3", ""]
