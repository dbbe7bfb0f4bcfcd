"""Reports of a real sweep: the one it leaves, and those that are asked for, from anywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from embprof.report.documents import schemas

if TYPE_CHECKING:
    from tests.integration.conftest import Desk, Measured

    MakeDesk = Callable[..., Desk]

NAP = ("workload=nap", "iterations=20", "warmup.seconds=0", "warmup.iterations=1")


@pytest.fixture(scope="module")
def measured(make_desk: MakeDesk) -> Measured:
    """A sweep of three batch sizes that nap, logged to the folder's own store."""
    desk = make_desk("report")
    del desk.environment["MLFLOW_TRACKING_URI"]
    found = desk.measure("-m", "batch_size=1,2,4", "question='How long?'", *NAP, report=True)
    assert found.done.code == 0, found.done.text
    return found


def test_a_sweep_leaves_its_report_and_mlflow_has_it(measured: Measured) -> None:
    folder = measured.desk.sweep(measured.sweep_id) / "report"
    assert f"report: mlruns/sweeps/{measured.sweep_id}/report/report.html" in measured.done.text
    assert (folder / "report.html").stat().st_size < 6_000_000
    store = type(measured.store)(f"sqlite:///{measured.desk.mlruns / 'mlflow.db'}")
    artifacts = store.artifacts(store.parent(measured.sweep_id))
    assert {f"report/{file.name}" for file in folder.iterdir() if file.is_file()} <= artifacts


def test_the_terminal_ends_with_the_answer_of_the_report(measured: Measured) -> None:
    page = measured.desk.sweep(measured.sweep_id) / "report" / "PROFILING_REPORT.md"
    plain = " ".join(page.read_text().replace("\\", "").split())
    headings = {"answer": "Answer", "holds for": "Holds for", "next": "Next"}
    for name, heading in headings.items():
        (shown,) = re.findall(rf"^{name}: (.*(?:\n  .*)*)", measured.done.out, re.MULTILINE)
        assert " ".join(shown.split()) in plain, heading
    assert measured.done.width <= 100


def test_a_report_can_be_asked_for_by_a_filter_and_from_elsewhere(
    measured: Measured, make_desk: MakeDesk, tmp_path: Path
) -> None:
    other = make_desk("elsewhere")
    uri = f"sqlite:///{measured.desk.mlruns / 'mlflow.db'}"
    filters = f"tags.`embprof.sweep_id` = '{measured.sweep_id}' and params.batch_size != '4'"
    done = other.run("report", filters, "-o", str(tmp_path / "a"), MLFLOW_TRACKING_URI=uri)
    assert done.code == 0, done.text
    assert _runs(tmp_path / "a") == 2
    refused = other.run("report", "tags.nonsense ==== 1", MLFLOW_TRACKING_URI=uri)
    assert refused.code == 2
    assert "MLflow does not take this filter" in refused.text


def test_stored_runs_are_enough_when_mlflow_is_gone(
    measured: Measured, make_desk: MakeDesk, tmp_path: Path
) -> None:
    other = make_desk("without-mlflow")
    kept = tmp_path / "kept"
    measured.desk.sweep(measured.sweep_id).parent.parent.rename(kept)
    try:
        (kept / "mlflow.db").rename(tmp_path / "gone.db")
        done = other.run("report", str(kept), "-o", str(tmp_path / "b"))
        assert done.code == 0, done.text
        assert "How long?" in (tmp_path / "b" / "PROFILING_REPORT.md").read_text()
        for file in (tmp_path / "b").glob("*.json"):
            schemas.models()[file.name].model_validate_json(file.read_text())
        assert _runs(tmp_path / "b") == 3
    finally:
        (tmp_path / "gone.db").rename(kept / "mlflow.db")
        kept.rename(measured.desk.mlruns)


def test_a_sweep_that_is_not_to_have_a_report_has_none(desk: Desk) -> None:
    found = desk.measure("report=false", *NAP)
    assert found.done.code == 0
    assert not (desk.sweep(found.sweep_id) / "report").exists()
    assert "report:" not in found.done.text


def _runs(folder: Path) -> int:
    metadata = json.loads((folder / "embedding_profile.json").read_text())["metadata"]
    return int(metadata["runs"])
