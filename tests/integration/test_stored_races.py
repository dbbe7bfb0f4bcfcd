"""A stored sweep with a race: what is typed later shows it, and MLflow gets it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from embprof.tracking.races import add_race
from tests.unit.races import race_of

if TYPE_CHECKING:
    from tests.integration.conftest import Desk, MakeDesk, Measured

CLOSED = "http://127.0.0.1:9"
"""Port 9 (discard) is served nowhere any more."""
SWEEP = (
    *("-m", "workload=service", "batch_size=1,2", "iterations=20", "slice_seconds=0.05"),
    *("warmup.iterations=0", "warmup.seconds=0", "report=false"),
)
FIGURE = "throughput_naps_per_s"


@pytest.fixture(scope="module")
def desk(make_desk: MakeDesk) -> Desk:
    """A folder with a workload that sleeps."""
    made = make_desk("races")
    made.option("workload", "service", target="embprof.testing.Sleep", batch_size="${batch_size}")
    return made


def add(desk: Desk, sweep_id: str) -> None:
    """A race in which the second job leads, as the engine would have written it."""
    costs = {f"{sweep_id}/0": 1.22, f"{sweep_id}/1": 1.0}
    add_race(desk.sweep(sweep_id), race_of(costs, figure=FIGURE))


def places(measured: Measured) -> list[tuple[str | None, float | None]]:
    tags_and_metrics = ((run.data.tags, run.data.metrics) for run in measured.children)
    return [(tags.get("embprof.rank"), known.get("best_ratio")) for tags, known in tags_and_metrics]


def test_a_race_is_shown_listed_reported_and_logged_when_its_sweep_ends_again(
    desk: Desk,
) -> None:
    measured = desk.measure(*SWEEP)
    assert measured.done.code == 0, measured.done.text
    assert "vs best" not in measured.done.out
    assert places(measured) == [(None, None)] * 2
    add(desk, measured.sweep_id)
    shown = desk.run("show", measured.sweep_id)
    assert "vs best" in shown.out
    assert "best" in shown.row(1).split()
    assert "batch_size=2 is fastest; 1 is slower (it takes 22 % more time per nap)" in " ".join(
        shown.out.split()
    )
    assert "#1" in desk.run("list").out
    assert desk.run("report", measured.sweep_id, "-o", "report").code == 0
    page = (desk.path / "report" / "report.html").read_text(encoding="utf-8")
    assert "Rows measured in rounds" in page
    again = desk.run("-m", f"resume={measured.sweep_id}")
    assert again.code == 0, again.text
    assert sorted(places(measured)) == [("1", 1.0), ("2", pytest.approx(1.22))]


def test_what_a_dead_server_missed_of_a_race_is_synced(desk: Desk) -> None:
    measured = desk.measure(*SWEEP, MLFLOW_TRACKING_URI=CLOSED, MLFLOW_HTTP_REQUEST_MAX_RETRIES="0")
    add(desk, measured.sweep_id)
    synced = desk.run("sync")
    assert synced.code == 0, synced.text
    assert sorted(places(measured)) == [("1", 1.0), ("2", pytest.approx(1.22))]
