"""The table at the end of a sweep: its columns, its width, its marks and reasons."""

import dataclasses
import io
from collections.abc import Callable, Sequence

import pytest
from rich.console import Console

from embprof.config.question import axes, typed
from embprof.machine.validity import MARKS
from embprof.model import Comparison, Estimate, Figure, Job, Run, Stamp, Status, Verdict
from embprof.report.legend import legend, markdown, reasons
from embprof.report.rows import Row
from embprof.report.table import UNLIMITED, results

MakeJob = Callable[..., Job]
MakeRun = Callable[..., Run]

SIZES = (8, 16, 32, 64, 128, 256)
PRECISION = {"restarts": 1, "iterations": None, "precision": 0.02}
SAME = Comparison(
    figure="throughput_texts_per_s",
    a="main 20260101-000000-abcd/0",
    b="20260102-000000-abcd/0",
    ratio=1.004,
    low=0.989,
    high=1.019,
    verdict=Verdict.SAME,
    reason=None,
    smallest_detectable=0.031,
    p_value=0.7,
    basis="the spread of 5 stored sessions",
)


def shown(rows: Sequence[Row]) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=100, color_system=None).print(results(rows))
    return out.getvalue().rstrip("\n").split("\n")


@pytest.fixture
def sweep(job: MakeJob, run: MakeRun) -> list[Row]:
    """Six batch sizes on the CPU, and on a GPU that is not there."""
    rows = []
    for number, (size, device) in enumerate((s, d) for s in SIZES for d in ("cpu", "cuda")):
        asked = (f"batch_size={size}", f"device={device}", "text_length=128")
        skip = "no NVIDIA GPU on this machine" if device == "cuda" else None
        rows.append(
            Row(
                job=job(number, *asked, skip=skip),
                run=None if skip else run(number, *asked, config=PRECISION),
            )
        )
    return rows


def test_the_sweep_of_the_readme_fits_a_hundred_columns(sweep: list[Row]) -> None:
    lines = shown(sweep)
    assert len(lines) == 2 + 12
    assert max(len(line.rstrip()) for line in lines) <= 100
    assert not any("…" in line for line in lines)


def test_every_figure_is_in_the_row_of_its_job(sweep: list[Row]) -> None:
    cells = shown(sweep)[4].split()
    assert cells[:3] == ["2", "16", "cpu"]
    for figure in ("12,346", "1.2", "123", "1,235", "(n<368)", "1,599", "12,346", "B"):
        assert figure in cells


def test_a_skipped_job_says_so_and_has_no_figures(sweep: list[Row]) -> None:
    assert shown(sweep)[3].split() == ["1", "8", "cuda", "skipped"]


def test_columns_are_the_keys_that_differ(sweep: list[Row]) -> None:
    assert axes(row.job for row in sweep) == ["batch_size", "device"]
    heading = shown(sweep)[0]
    assert "batch" in heading
    assert "length" not in heading
    assert "texts/s" in heading


def test_one_job_alone_has_no_axes(job: MakeJob) -> None:
    assert axes([job(0, "batch_size=8", "device=cpu")]) == []


def test_a_value_is_shown_as_it_was_meant(job: MakeJob) -> None:
    asked = ("device=cuda\\:1", "text_length=lognormal\\:128\\:0.5", "question='why, oh why'")
    assert typed(job(0, *asked)) == {
        "device": "cuda:1",
        "text_length": "lognormal:128:0.5",
        "question": "why, oh why",
    }


def test_a_value_in_brackets_is_no_markup(job: MakeJob, run: MakeRun) -> None:
    rows = [
        Row(job=job(n, f"model.path=./[v{n}]/bold"), run=run(n, config=PRECISION)) for n in (0, 1)
    ]
    assert "[v1]" in shown(rows)[3]


def test_the_legend_explains_the_marks_in_use_and_no_others(
    sweep: list[Row], job: MakeJob, run: MakeRun
) -> None:
    rows = [
        *sweep,
        Row(job=job(12), run=run(12, config=PRECISION, stamps=(Stamp(mark="T", detail="x"),))),
    ]
    marks = [line for line in legend(rows) if line[0] in MARKS]
    assert [line.partition(" (")[0] for line in marks] == [f"B {MARKS['B']}", f"T {MARKS['T']}"]
    assert marks[1].endswith("(#12 x)")


def test_equal_reasons_are_told_together(sweep: list[Row], job: MakeJob, run: MakeRun) -> None:
    failed = [
        Row(job=job(n), run=run(n, status=Status.OUT_OF_MEMORY, reason="too large", figures=()))
        for n in (12, 13)
    ]
    assert reasons([*sweep, *failed]) == [
        "#1, #3, #5, #7, #9, #11 skipped: no NVIDIA GPU on this machine",
        "#12, #13 out of memory: too large",
    ]


def test_a_failed_job_shows_its_status_and_the_figures_that_it_has(
    job: MakeJob, run: MakeRun
) -> None:
    failed = run(0, status=Status.TIMEOUT, reason="hung", stop=None, config=PRECISION)
    line = shown([Row(job=job(0), run=failed)])[2]
    assert "12,346" in line
    assert "timeout B" in line


def test_a_job_that_was_never_begun_says_so(job: MakeJob) -> None:
    assert shown([Row(job=job(0, "batch_size=8"), run=None)])[2].split()[-2:] == ["not", "run"]


def test_an_interval_wider_than_asked_for_is_marked_and_explained(
    job: MakeJob, run: MakeRun
) -> None:
    config = {**PRECISION, "precision": 0.001}
    rows = [Row(job=job(0), run=run(0, stop="max_seconds", config=config, stamps=()))]
    assert "~1.2 %" in shown(rows)[2]
    assert [line for line in legend(rows) if line.startswith("~ rough: fewer than 100 calls")]


def test_an_interval_as_narrow_as_asked_for_is_not_marked_whatever_stopped_it(
    job: MakeJob, run: MakeRun
) -> None:
    rows = [Row(job=job(0), run=run(0, stop="max_seconds", config=PRECISION, stamps=()))]
    assert "~" not in shown(rows)[2]
    assert legend(rows) == [
        "± 95 % interval within one process; restarts=5 shows how processes differ"
    ]


def test_a_throughput_without_an_interval_says_so(job: MakeJob, run: MakeRun) -> None:
    alone = Figure(
        name="throughput_texts_per_s",
        better="higher",
        estimate=Estimate(value=10.0, low=None, high=None, n=1, basis="too few readings"),
    )
    rows = [Row(job=job(0), run=run(0, figures=(alone,), config=PRECISION))]
    assert shown(rows)[2].split()[:3] == ["0", "10.0", "n/a"]


def test_a_workload_of_its_own_items_names_the_column(job: MakeJob, run: MakeRun) -> None:
    naps = Figure(
        name="throughput_naps_per_s",
        better="higher",
        estimate=Estimate(value=99.5, low=99.0, high=100.0, n=10, basis="readings"),
    )
    named = run(0, figures=(naps,), description={"items": "naps"}, config=PRECISION)
    lines = shown([Row(job=job(0), run=named)])
    assert "naps/s" in lines[0]
    assert "99.5" in lines[2]


def test_markdown_holds_the_same_cells_and_the_legend(sweep: list[Row]) -> None:
    lines = markdown(sweep).split("\n")
    heading, rule, first, second = lines[:4]
    assert heading == (
        "| # | batch_size | device | texts/s | ± | p50 ms | p95 ms | p99 ms | CPU % | peak MB "
        "| marks |"
    )
    assert rule == "|" + "---|" * 11
    assert first == (
        "| 0 | 8 | cpu | 12,346 | 1.2 % | 123 | 1,235 | n/a (n<368) | 1,599 | 12,346 | B |"
    )
    assert second == "| 1 | 8 | cuda |  |  |  |  |  |  |  | skipped |"
    assert lines[14] == ""
    assert lines[15:] == [f"- {line}" for line in legend(sweep, UNLIMITED)]


def test_a_column_with_a_target_is_never_left_out(sweep: list[Row]) -> None:
    limited = [
        dataclasses.replace(row, run=dataclasses.replace(row.run, config=config))
        if row.run is not None
        and (config := {**row.run.config, "limits": {"latency_p99_ms": 90.0}})
        else row
        for row in sweep
    ]
    out = io.StringIO()
    Console(file=out, width=200).print(results(limited, 30))
    heading = out.getvalue().splitlines()[0]
    assert "p99 ms" in heading
    assert "targets" in heading
    assert "p95 ms" not in heading


def test_what_does_not_fit_is_left_out_by_the_column_and_told(sweep: list[Row]) -> None:
    out = io.StringIO()
    Console(file=out, width=60).print(results(sweep, 60))
    lines = out.getvalue().splitlines()
    assert max(len(line.rstrip()) for line in lines) <= 60
    assert all(word in lines[0] for word in ("#", "batch", "device", "texts/s", "marks"))
    (told,) = [line for line in legend(sweep, 60) if line.startswith("left out")]
    assert "p99 ms, p95 ms" in told
    assert not any(line.startswith("left out") for line in legend(sweep, 200))


def test_an_interval_that_is_wide_is_shown_by_its_ends(job: MakeJob, run: MakeRun) -> None:
    estimate = Estimate(value=175.0, low=75.0, high=407.0, n=200, basis="readings")
    figure = Figure(name="throughput_texts_per_s", better="higher", estimate=estimate)
    rows = [Row(job=job(0), run=run(0, config=PRECISION, figures=(figure,), stamps=()))]
    assert "75.0–407" in shown(rows)[2]


def test_own_quantities_are_shown_even_if_the_first_job_failed(job: MakeJob, run: MakeRun) -> None:
    estimate = Estimate(value=3.0, low=None, high=None, n=1, basis="mean")
    energy = Figure(name="energy_j", better="lower", estimate=estimate)
    failed = run(0, config=PRECISION, status=Status.FAILED, reason="x", figures=(), stamps=())
    rows = [
        Row(job=job(0), run=failed),
        Row(job=job(1), run=run(1, config=PRECISION, figures=(energy,), stamps=())),
    ]
    assert "energy_j" in shown(rows)[0]
    assert "3.00" in shown(rows)[3]


def compared(sweep: list[Row], *comparisons: Comparison) -> list[Row]:
    """The sweep whose measured rows have these comparisons, the last of them again and again."""
    measured = [row for row in sweep if row.run is not None]
    padded = [*comparisons, *comparisons[-1:] * len(measured)]
    found = {row.job.number: one for row, one in zip(measured, padded, strict=False)}
    return [dataclasses.replace(row, comparison=found.get(row.job.number)) for row in sweep]


def test_a_sweep_without_comparisons_has_no_columns_for_them(sweep: list[Row]) -> None:
    assert "verdict" not in shown(sweep)[0]
    assert not any(line.startswith("change") for line in legend(sweep))


def test_each_row_says_how_it_compares(sweep: list[Row]) -> None:
    slower = dataclasses.replace(
        SAME, ratio=1.05, low=1.04, high=1.06, verdict=Verdict.SLOWER, smallest_detectable=0.012
    )
    heading, _, first, skipped, second, *_ = shown(compared(sweep, SAME, slower))
    for word in ("change", "detects", "verdict"):
        assert word in heading
    assert "+0.4 %" in first
    assert "-1.1 … +1.9 %" in first
    assert "+3.1 %" in first
    assert first.split()[-2:] == ["same", "B"]
    assert "+5.0 %" in second
    assert second.split()[-2:] == ["slower", "B"]
    assert skipped.split() == ["1", "8", "cuda", "skipped"]


def test_the_table_with_comparisons_fits_a_hundred_columns(sweep: list[Row]) -> None:
    widest = dataclasses.replace(
        SAME,
        ratio=1234.5,
        low=0.0001,
        high=99999.0,
        smallest_detectable=1234.5,
        verdict=Verdict.INCOMPARABLE,
        reason="another machine",
    )
    rows = compared(sweep, SAME, widest)
    lines = shown(rows)
    assert len(lines) == 2 + 12
    assert max(len(line.rstrip()) for line in lines) <= 100
    assert not any("…" in line.replace(" … ", "") for line in lines)
    assert all(word in lines[0] for word in ("batch", "device", "texts/s", "verdict", "marks"))
    (told,) = [line for line in legend(rows) if line.startswith("left out")]
    assert "p99 ms" in told


def test_a_comparison_without_figures_leaves_its_cells_empty(sweep: list[Row]) -> None:
    nothing = dataclasses.replace(
        SAME,
        ratio=None,
        low=None,
        high=None,
        smallest_detectable=None,
        verdict=Verdict.INCOMPARABLE,
        reason="cpu_model differs",
    )
    assert shown(compared(sweep, nothing))[2].split()[-2:] == ["incomparable", "B"]


def test_the_legend_says_against_what_and_why_there_is_no_verdict(sweep: list[Row]) -> None:
    unclear = dataclasses.replace(SAME, verdict=Verdict.UNCLEAR, reason="a run without an interval")
    lines = legend(compared(sweep, SAME, unclear))
    assert "change: of the time an item takes, or of another cost; + is worse" in lines
    assert "#0 against main; noise: the spread of 5 stored sessions" in lines
    assert "#2, #4, #6, #8, #10 unclear: a run without an interval" in lines
    assert any("embprof gate" in line for line in lines)


def test_where_every_row_has_a_verdict_nobody_is_sent_to_the_gate(sweep: list[Row]) -> None:
    assert not any("embprof gate" in line for line in legend(compared(sweep, SAME)))


def test_markdown_has_the_comparisons_too(sweep: list[Row]) -> None:
    heading, _, first, *_ = markdown(compared(sweep, SAME)).split("\n")
    assert heading.endswith("| change | 95 % interval | detects | verdict | marks |")
    assert first.endswith("| +0.4 % | -1.1 … +1.9 % | +3.1 % | same | B |")
