"""Cells of what cutting costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from embprof.model import Estimate, Figure, Run
from embprof.report.columns import columns

if TYPE_CHECKING:
    from tests.unit.conftest import MakeRun

TARGET = "embprof.measurements.truncation_loss.TruncationLoss"


def _figure(name: str, value: float, low: float | None = None, high: float | None = None) -> Figure:
    estimate = Estimate(value=value, low=low, high=high, n=1420, basis="1,420 texts")
    return Figure(name=name, better="higher", estimate=estimate)


def _cells(run: Run) -> dict[str, str]:
    return {column.heading: column.cell(run) for column in columns([run], TARGET)}


def test_shares_stand_with_their_bounds_and_cosines_are_not_rounded_up(run: MakeRun) -> None:
    found = _cells(
        run(
            figures=(
                _figure("cosine_to_full", 0.99996, 0.9999, 1.0),
                _figure("cosine_to_full_p05", 1.0),
                _figure("neighbour_changed_percent", 4.26, 3.3, 5.44),
                _figure("neighbour_changed_mixed_percent", 2.0),
                _figure("top10_kept_percent", 96.21),
                _figure("texts_cut_percent", 20.0),
                _figure("tokens_kept_percent", 91.0),
            )
        )
    )
    assert found == {
        "cut %": "20.0",
        "tokens kept %": "91.0",
        "cosine": "0.9999",
        "cosine p05": "1.0000",
        "new nearest %": "4.3 (3.3–5.4)",
        "mixed %": "2.0",
        "top 10 kept %": "96.2",
        "texts": "1,420",
    }


def test_what_cannot_be_said_is_said_so(run: MakeRun) -> None:
    note = Figure(name="cosine_to_full_p05", better="higher", estimate=None, note="n/a (n<72)")
    found = _cells(run(figures=(_figure("neighbour_changed_percent", 5.0), note)))
    assert found["cosine p05"] == "n/a (n<72)"
    assert found["new nearest %"] == "5.0"
    assert found["cosine"] == ""
