"""Scenarios, options, workloads and measurements of the user's own, in a folder of theirs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import Desk, MakeDesk, Measured

MODULE = '''
"""A workload and a measurement that embprof knows nothing of."""

import os
import sys
import tempfile
from pathlib import Path

from embprof.model import Samples

print("chatter at import")


class Dice:
    items = "throws"

    def __init__(self, sides):
        self.sides = sides

    def load(self):
        pass

    def step(self):
        return 1

    def close(self):
        pass

    def description(self):
        return {
            "sides": self.sides,
            "parent": Path(f"/proc/{os.getppid()}/cmdline").read_text().replace("\\0", " "),
            "has_mlflow": "mlflow" in sys.modules,
            "has_torch": "torch" in sys.modules,
            "set": os.environ.get("DICE"),
        }


class Thermometer:
    isolation = "fresh"

    def __init__(self, offset):
        self.offset = offset
        self.readings = 0

    def open(self, workload):
        self.workload = workload

    def observe(self, iterations):
        numbers = range(self.readings, self.readings + iterations)
        self.readings += iterations
        for _ in numbers:
            self.workload.step()
        return (
            Samples(
                name="temperature",
                unit="K",
                better="lower",
                values=tuple(self.offset + 10.0 * (number % 3) for number in numbers),
            ),
            Samples(
                name="imbalance",
                unit="1",
                better="lower",
                values=tuple(float(number % 3 - 1) for number in numbers),
            ),
        )

    def close(self):
        file = Path(tempfile.mkdtemp(dir=os.environ.get("NOTES"))) / "notes.txt"
        file.write_text("measured by hand")
        return [file]
'''
SCENARIO = """\
# @package _global_
question: How warm do dice get?
defaults:
  - override /workload: dice
  - override /measurement: thermometer
iterations: 120
warmup: {iterations: 0, seconds: 0}
hydra:
  mode: MULTIRUN
  sweeper:
    params:
      workload.sides: 6,20
  job:
    env_set:
      DICE: loaded
"""


@pytest.fixture(scope="module")
def dice(make_desk: MakeDesk, tmp_path_factory: pytest.TempPathFactory) -> Measured:
    """A scenario of the user's own, of a workload and a measurement of the user's own."""
    desk = make_desk("own-parts")
    (desk.path / "my_parts.py").write_text(MODULE)
    desk.option("workload", "dice", target="my_parts.Dice", sides=6)
    desk.option("measurement", "thermometer", target="my_parts.Thermometer", offset=290)
    (desk.path / "experiments").mkdir()
    (desk.path / "experiments" / "throws.yaml").write_text(SCENARIO)
    (desk.path / "experiments" / "quick.yaml").write_text(
        SCENARIO.replace("6,20", "1,2,3,4,5").replace("dice get", "my dice get")
    )
    return desk.measure("experiment=throws", NOTES=str(tmp_path_factory.mktemp("notes")))


def test_a_scenario_of_the_users_own_runs_its_sweep(dice: Measured) -> None:
    assert dice.done.code == 0, dice.done.text
    assert "How warm do dice get?" in dice.done.text
    assert [run.data.params["workload.sides"] for run in dice.children] == ["6", "20"]


def test_a_workload_of_the_users_own_describes_itself(dice: Measured) -> None:
    assert [dice.answer(job)["description"]["sides"] for job in (0, 1)] == [6, 20]
    assert dice.answer(0)["description"]["items"] == "throws"
    assert dice.answer(1)["description"]["set"] == "loaded", "by hydra.job.env_set"


def test_the_mean_of_a_quantity_of_the_users_own_lands_in_mlflow(dice: Measured) -> None:
    for run in dice.children:
        metrics = run.data.metrics
        assert metrics["temperature_k"] == pytest.approx(300)
        assert metrics["temperature_k_low"] < 300 < metrics["temperature_k_high"]
        assert metrics["imbalance"] == pytest.approx(0, abs=1e-12)


def test_iterations_are_exact_for_a_measurement_of_the_users_own(dice: Measured) -> None:
    assert len(dice.readings(0).values("temperature")) == 120


def test_a_measurement_that_wants_a_fresh_process_gets_one(dice: Measured) -> None:
    parent = dice.answer(0)["description"]["parent"]
    assert " -m embprof experiment=throws" in parent, "a forked one's is the server it is forked of"


def test_a_worker_imports_neither_mlflow_nor_what_its_workload_does_without(
    dice: Measured,
) -> None:
    description = dice.answer(0)["description"]
    assert description["has_mlflow"] is False
    assert description["has_torch"] is False


def test_files_of_a_measurement_are_kept_with_the_run(dice: Measured, tmp_path: Path) -> None:
    for run in dice.children:
        names = {Path(path).name: path for path in dice.store.artifacts(run)}
        assert "notes.txt" in names
        kept = dice.store.download(run, names["notes.txt"], tmp_path)
        assert kept.read_text() == "measured by hand"


def test_what_a_module_prints_at_import_stays_off_the_terminal(dice: Measured) -> None:
    assert "chatter" not in dice.done.text
    log = dice.desk.sweep(dice.sweep_id) / "0" / "worker.log"
    assert "chatter at import" in log.read_text()


def test_a_scenario_of_the_users_own_comes_before_one_of_the_same_name(dice: Measured) -> None:
    planned = dice.desk.run("plan", "experiment=quick")
    assert planned.code == 0
    assert "5 jobs" in planned.text
    assert [planned.row(job).split()[2] for job in range(5)] == ["1", "2", "3", "4", "5"]


def test_help_lists_options_and_scenarios_of_the_users_own(dice: Measured) -> None:
    page = dice.desk.run("--help").text
    assert "thermometer" in page
    assert "dice" in page
    assert "throws How warm do dice get?" in page
    assert "quick How warm do my dice get?" in page


def test_a_key_that_a_workload_does_not_use_is_noted_once_and_is_no_error(desk: Desk) -> None:
    protocol = ("iterations=10", "warmup.iterations=0", "warmup.seconds=0", "report=false")
    done = desk.run("-m", "workload=nap", "batch_size=2", "text_length=5,10", *protocol)
    assert done.code == 0, done.text
    note = "note: text_length changes nothing here, the workload Sleep does not use it"
    assert done.text.count("note:") == done.text.count(note) == 1
    assert done.out.index(note) < done.out.index("[1/2]"), "before anything is measured"
    assert [desk.answer(done.sweep_id, job)["status"] for job in (0, 1)] == ["ok", "ok"]
