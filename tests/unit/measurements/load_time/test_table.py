"""Runs of starts as a document, a picture, an outcome and columns."""

import json
import math
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from embprof.interface.figures import figures
from embprof.measurements.load_time.columns import columns
from embprof.measurements.load_time.figures import start
from embprof.measurements.load_time.picture import draw
from embprof.measurements.load_time.table import document
from embprof.model import Run, Samples, Slice

TOTALS = (4.0, 4.2, 4.4, 4.2, 4.2)


def _slice(restart: int, total: float, **more: float) -> Slice:
    units: dict[str, dict[str, float]] = {"%": {}}
    units["s"] = {"total_load": total, "interpreter_start": 0.2, "import_time": total - 1.4}
    units["s"] |= {"model_init": 1.0, "model_init_read": 0.25, "model_init_to_device": 0.0}
    units["ms"] = {"first_encode": 200.0, "second_encode": 60.0, "steady_encode": 50.0}
    units["MB"] = {"load_memory": 480.0, "disk_read": 0.0}
    for name, value in more.items():
        units["%" if name == "resident_before" else "MB"][name] = value
    return Slice(
        restart=restart,
        warmup=False,
        started=0.0,
        seconds=total,
        samples=tuple(
            Samples(name=name, unit=unit, better="lower", values=(value,))
            for unit, known in units.items()
            for name, value in known.items()
        ),
    )


@pytest.fixture
def slices() -> list[Slice]:
    return [_slice(number, total) for number, total in enumerate(TOTALS)]


@pytest.fixture
def answer(run: Callable[..., Run], slices: list[Slice]) -> Run:
    config: dict[str, Any] = {
        "restarts": 5,
        "device": "cpu",
        "model": {"name": "owner/name"},
        "targets": {"total_load_s": 5.0, "import_time_s": 1.0},
    }
    return run(
        config=config,
        figures=figures(slices, "starts"),
        outcomes={"start": "warm"},
        description={"lazy_import_candidates": "a 1.00 s (for b); c 0.50 s (for a)"},
    )


def test_five_starts_have_a_mean_with_an_interval_on_every_stage(answer: Run) -> None:
    total = answer.figure("total_load_s")
    assert total is not None
    assert answer.primary == total
    assert total.estimate is not None
    assert total.estimate.value == pytest.approx(4.2)
    # t(4) of 95 % is 2.776; on the logarithms, which for so small a spread is all the same.
    reach = 2.776 * 0.1414 / math.sqrt(5)
    assert total.estimate.low == pytest.approx(4.2 - reach, rel=0.01)
    assert total.estimate.high == pytest.approx(4.2 + reach, rel=0.01)
    assert total.estimate.basis == "5 restarts"


def test_the_document_has_every_statistic_of_every_stage(answer: Run, slices: list[Slice]) -> None:
    stages = json.loads(document(answer, slices))["stages"]
    total = stages["total_load_s"]
    assert (total["min"], total["median"], total["max"], total["n"]) == (4.0, 4.2, 4.4, 5)
    assert total["mean"] == pytest.approx(4.2)
    assert total["standard_deviation"] == pytest.approx(0.1414, rel=1e-3)
    assert total["low"] < total["mean"] < total["high"]
    assert {"first_encode_ms", "load_memory_mb", "model_init_read_s"} <= set(stages)
    assert stages["model_init_to_device_s"]["low"] is None, "zeros have no interval"
    assert "disk_read_mb" not in stages


def test_the_document_holds_targets_against_the_figures(answer: Run, slices: list[Slice]) -> None:
    targets = json.loads(document(answer, slices))["targets"]
    assert [(one["metric"], one["met"]) for one in targets] == [
        ("total_load_s", True),
        ("import_time_s", False),
    ]


def test_advice_is_bounded_by_the_figures(answer: Run, slices: list[Slice]) -> None:
    advice = {one["what"]: one for one in json.loads(document(answer, slices))["advice"]}
    assert advice["load in the background"]["hides_s"] == pytest.approx(4.0)
    assert advice["call once before the first request"]["hides_s"] == pytest.approx(0.15)
    assert advice["a lighter or quantised model"]["saves_at_most_s"] == pytest.approx(1.2)
    assert len(advice["import lazily, or not at all"]["candidates"]) == 2


def test_a_run_that_was_cut_off_has_a_document_without_advice(
    run: Callable[..., Run], slices: list[Slice]
) -> None:
    assert document(run(figures=()), []) == ""
    content = json.loads(document(run(figures=()), slices))
    assert content["stages"] == {}
    assert content["advice"] == []


def test_a_single_start_has_no_standard_deviation(
    run: Callable[..., Run], slices: list[Slice]
) -> None:
    answer = run(figures=figures(slices[:1], "starts"))
    total = json.loads(document(answer, slices[:1]))["stages"]["total_load_s"]
    assert total["standard_deviation"] is None
    assert total["low"] is None


def test_the_picture_is_an_svg_that_says_what_takes_the_time(
    answer: Run, slices: list[Slice]
) -> None:
    picture = draw(answer, slices)
    assert ET.fromstring(picture).tag.endswith("svg")
    assert "67 % of a warm start of 4.20 s is imports (cpu)" in picture
    assert "bars at the ends are 95 % intervals" in picture


def test_a_run_that_was_cut_off_has_no_picture(run: Callable[..., Run]) -> None:
    assert draw(run(figures=()), []) == ""


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        ({}, "warm"),
        ({"disk_read": 300.0}, "not_warm"),
        ({"disk_read": 300.0, "resident_before": 0.4}, "cold"),
        ({"disk_read": 300.0, "resident_before": 1.6}, "not_cold"),
    ],
)
def test_a_start_is_called_by_what_it_was(more: dict[str, float], outcome: str) -> None:
    assert start([_slice(0, 4.0), _slice(1, 4.0, **more)]).outcomes == {"start": outcome}


def test_the_table_shows_the_outcome_and_every_stage(answer: Run) -> None:
    shown = {column.heading: column.cell(answer) for column in columns([answer])}
    assert shown["start"] == "warm"
    assert shown["total s"] == "4.20"
    assert shown["import s"] == "2.80"
    assert shown["init s"] == "1.00"
    assert shown["first ms"] == "200"
    assert shown["memory MB"] == "480"
