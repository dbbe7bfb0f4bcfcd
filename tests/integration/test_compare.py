"""``embprof compare`` on sweeps on disk: one was measured, the others are copies with other
values, so that the load of the machine decides nothing."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import Desk, MakeDesk

OLD, NEW, SLOW, ELSEWHERE = (f"2026010{day}-000000-abcd" for day in (1, 2, 3, 4))
NO_HEAVY_IMPORTS = """
import sys
from embprof.cli import main
code = main(["compare", *sys.argv[1:]])
heavy = {"torch", "mlflow", "sentence_transformers"} & set(sys.modules)
print("heavy:", *sorted(heavy), file=sys.stderr)
sys.exit(code)
"""


@pytest.fixture(scope="module")
def desk(make_desk: MakeDesk) -> Desk:
    """A folder with four sweeps of two jobs."""
    made = make_desk("compare")
    words = ("-m", "workload=nap", "batch_size=1,2", "iterations=30", "slice_seconds=0.05")
    measured = made.measure(*words)
    assert measured.done.code == 0
    origin = made.sweep(measured.sweep_id)
    for name in (OLD, NEW):
        copy(origin, name)
    copy(origin, SLOW, factor=0.2)
    copy(origin, ELSEWHERE, cpu="another processor")
    shutil.rmtree(origin)
    return made


def copy(origin: Path, name: str, factor: float = 1.0, cpu: str | None = None) -> None:
    """A copy of a sweep, undisturbed, with its throughputs times ``factor``."""
    target = origin.parent / name
    shutil.copytree(origin, target)
    change(target / "sweep.json", sweep_id=name)
    for folder in target.glob("[0-9]*"):
        answer = json.loads((folder / "run.json").read_text())
        for bound in ("value", "low", "high"):
            answer["figures"][0]["estimate"][bound] *= factor
        run_id = f"{name}/{folder.name}"
        change(folder / "run.json", **{**answer, "run_id": run_id, "sweep_id": name, "stamps": []})
        if cpu is not None:
            environment = json.loads((folder / "environment.json").read_text())
            hard = {**environment["hard"], "cpu_model": cpu}
            change(folder / "environment.json", hard=hard)


def change(file: Path, **content: Any) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **content}))


def test_two_sweeps_are_compared_row_by_row(desk: Desk) -> None:
    done = desk.run("compare", OLD, SLOW)
    assert (done.code, done.err) == (0, "")
    assert "+400 %" in done.row(0)
    assert "slower" in done.row(1)
    assert "batch" in done.out
    assert done.width <= 100
    assert "\x1b" not in done.out


def test_another_machine_is_incomparable_and_says_why(desk: Desk) -> None:
    done = desk.run("compare", OLD, "last")
    assert done.code == 0
    assert "incomparable" in done.row(0)
    assert "/ another processor" in done.text


def test_single_runs_folders_and_prefixes_are_found(desk: Desk) -> None:
    folder = str(desk.sweep(SLOW) / "1")
    done = desk.run("compare", f"{OLD[:8]}/1", folder)
    assert done.code == 0, done.err
    assert "+400 %" in done.row(1)


def test_a_baseline_is_compared_as_its_sessions(desk: Desk) -> None:
    for name in (OLD, NEW):
        assert desk.run("baseline", "set", name, "--name", "steady").code == 0
    done = desk.run("compare", "steady", SLOW, "--json")
    assert done.code == 0, done.err
    assert [row["a"]["sessions"] for row in json.loads(done.out)["rows"]] == [2, 2]


@pytest.mark.parametrize(
    ("a", "b", "code"), [(OLD, SLOW, 3), (OLD, NEW, 4), (OLD, ELSEWHERE, 4), (SLOW, OLD, 0)]
)
def test_a_bound_decides_the_exit_code(desk: Desk, a: str, b: str, code: int) -> None:
    done = desk.run("compare", a, b, "--fail-on-regression", "5%")
    assert done.code == code
    assert ("embprof gate" in done.text) == (code == 4)


def test_reports_for_other_programs_are_written(desk: Desk) -> None:
    words = ("--junit", "junit.xml", "--benchmark-action", "action.json", "--markdown")
    done = desk.run("compare", OLD, SLOW, *words)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"**A: {OLD}, 2 runs**")
    assert len(list(ET.parse(desk.path / "junit.xml").iter("failure"))) == 2
    entries = json.loads((desk.path / "action.json").read_text())
    assert [set(entry) for entry in entries] == [{"name", "unit", "value", "range", "extra"}] * 2


def test_wrong_requests_end_with_2_and_say_all_that_is_wrong(desk: Desk) -> None:
    done = desk.run("compare", "this", "that")
    assert done.code == 2
    assert "2 things are wrong" in done.err
    done = desk.run("compare", OLD, NEW, "--figure", "beauty")
    assert done.code == 2
    assert "they have" in done.err
    assert "latency_p50_ms" in done.err
    assert "Traceback" not in done.err


def test_a_thousand_rows_take_no_library_of_weight(desk: Desk) -> None:
    for name in ("20250101-000000-aaaa", "20250102-000000-bbbb"):
        multiply(desk.sweep(OLD), desk.sweep(name), 1000)
    words = ("20250101", "20250102", "--fail-on-regression", "5%")
    done = desk.call(sys.executable, "-c", NO_HEAVY_IMPORTS, *words)
    assert done.code == 4, done.err
    assert "heavy:\n" in done.err.replace("heavy: \n", "heavy:\n")


def multiply(origin: Path, target: Path, count: int) -> None:
    """A sweep of that many jobs, all like the first of another."""
    target.mkdir()
    shutil.copy(origin / "sweep.json", target)
    change(target / "sweep.json", sweep_id=target.name)
    files = {name: (origin / "0" / f"{name}.json").read_text() for name in ("job", "environment")}
    answer = json.loads((origin / "0" / "run.json").read_text())
    for number in range(count):
        folder = target / str(number)
        folder.mkdir()
        for name, content in files.items():
            (folder / f"{name}.json").write_text(content)
        changed = {
            **answer,
            "run_id": f"{target.name}/{number}",
            "sweep_id": target.name,
            "number": number,
            "key": f"key{number}",
            "config": {**answer["config"], "seed": number},
        }
        (folder / "run.json").write_text(json.dumps(changed))
