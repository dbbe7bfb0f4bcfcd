"""A sweep over measurements: a table for each, targets beside the figures."""

import io
from collections.abc import Callable

import pytest
from rich.console import Console

from embprof.config.question import axes
from embprof.model import Estimate, Figure, Job, Run, Status
from embprof.report.legend import legend, markdown
from embprof.report.rows import Row, by_measurement
from embprof.report.table import results

MakeJob = Callable[..., Job]
MakeRun = Callable[..., Run]

DICE = {"measurement": {"_target_": "my.dice.Dice"}}
MINE = {"measurement": {"_target_": "my.thermometer.Thermometer"}}


def figure(name: str, value: float) -> Figure:
    estimate = Estimate(value=value, low=None, high=None, n=1, basis="test")
    return Figure(name=name, better="lower", estimate=estimate)


def shown(rows: list[Row]) -> str:
    out = io.StringIO()
    Console(file=out, width=100, color_system=None).print(results(rows))
    return out.getvalue()


@pytest.fixture
def mixed(job: MakeJob, run: MakeRun) -> list[Row]:
    rows = []
    for number, (size, config) in enumerate((s, c) for s in (8, 16) for c in (DICE, MINE)):
        name = config["measurement"]["_target_"].rpartition(".")[0].rpartition(".")[2]
        asked = (f"measurement={name}", f"batch_size={size}")
        figures = (figure(f"{name}_k", 200.0 + number),)
        answer = run(number, *asked, config={"restarts": 1, **config}, figures=figures)
        rows.append(Row(job=job(number, *asked, config=config), run=answer))
    return rows


def test_each_measurement_of_a_sweep_has_a_table_of_its_own(mixed: list[Row]) -> None:
    assert [part.name for part in by_measurement(mixed)] == ["dice", "thermometer"]
    dice, thermometer = shown(mixed).split("thermometer\n", 1)
    assert "dice_k" in dice
    assert "thermometer_k" not in dice
    assert "thermometer_k" in thermometer
    assert axes(row.job for row in mixed) == ["measurement", "batch_size"]
    assert "measurement" not in dice, "it is the title"


def test_markdown_has_each_table_under_its_name(mixed: list[Row]) -> None:
    text = markdown(mixed)
    assert text.index("**dice**") < text.index("| dice_k |") < text.index("**thermometer**")
    assert text.count("\n|---|") == 2


def test_one_measurement_needs_no_title(mixed: list[Row]) -> None:
    assert not shown(mixed[::2]).startswith("dice\n")


def test_targets_are_counted_in_the_row_and_told_below(job: MakeJob, run: MakeRun) -> None:
    config = {
        "restarts": 1,
        "targets": {"load_s": 5.0, "first_ms": 200.0},
        "limits": {"peak_mb": 100.0},
    }

    def row(number: int, load: float, peak: float, alerts: tuple[str, ...] = ()) -> Row:
        figures = (figure("load_s", load), figure("first_ms", 20.0), figure("peak_mb", peak))
        answer = run(number, config=config, figures=figures, alerts=alerts)
        return Row(job=job(number, config=DICE), run=answer)

    alert = "peak_mb 150, wanted at most 100"
    rows = [row(0, 4.0, 50.0), row(1, 7.0, 50.0), row(2, 7.0, 150.0, (alert,))]
    lines = [line for line in shown(rows).splitlines() if line[:1].isdigit()]
    assert ["✓ 3/3" in lines[0], "⚠ 2/3" in lines[1], "⚠ 1/3" in lines[2]] == [True] * 3
    told = legend(rows)
    assert f"ALERT #2 {alert}" in told
    assert "⚠ #1, #2 load_s 7.00, wanted at most 5.00" in told
    assert sum("peak_mb" in line for line in told) == 1


def test_a_job_that_failed_misses_no_target(job: MakeJob, run: MakeRun) -> None:
    config = {"restarts": 1, "targets": {"load_s": 5.0}}
    failed = run(0, status=Status.FAILED, reason="no", figures=(), config=config)
    row = Row(job=job(0, config=DICE), run=failed)
    assert "⚠" not in shown([row]) + " ".join(legend([row]))
