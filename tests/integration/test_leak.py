"""Workloads of which is known whether they leak, through the command, each to its verdict."""

from __future__ import annotations

import inspect
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from embprof.testing import LeaksInC, LeaksInPython

if TYPE_CHECKING:
    from tests.integration.conftest import Desk, MakeDesk, Measured

CALLS = 500
LEAKS: dict[str, dict[str, Any]] = {
    "python_1k": {"target": "embprof.testing.LeaksInPython", "bytes_a_call": 1024},
    "c_1k": {"target": "embprof.testing.LeaksInC", "bytes_a_call": 1024},
}
DOSES: dict[str, dict[str, Any]] = {
    "python_256": {"target": "embprof.testing.LeaksInPython", "bytes_a_call": 256},
    "python_16k": {"target": "embprof.testing.LeaksInPython", "bytes_a_call": 16384},
    "c_16k": {"target": "embprof.testing.LeaksInC", "bytes_a_call": 16384},
}
NO_LEAKS: dict[str, dict[str, Any]] = {
    "cycles": {"target": "embprof.testing.Cycles", "bytes_a_call": 4096},
    "bounded": {"target": "embprof.testing.BoundedCache", "bytes_a_call": 4096, "entries": 200},
    "lru": {"target": "embprof.testing.LruFill", "bytes_a_call": 1024, "capacity": 800},
    "lru_filling": {"target": "embprof.testing.LruFill", "bytes_a_call": 1024, "capacity": 9000},
    "steps": {"target": "embprof.testing.ArenaSteps", "first": 130},
    "sawtooth": {"target": "embprof.testing.Sawtooth", "bytes_a_call": 1024, "period": 130},
}


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """A sweep with a job of each workload, by the workload's name."""

    measured: Measured
    names: tuple[str, ...]

    def folder(self, name: str) -> Path:
        number = self.names.index(name)
        return self.measured.desk.sweep(self.measured.sweep_id) / str(number)

    def answer(self, name: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.measured.answer(self.names.index(name))
        return answer


def sweep(desk: Desk, workloads: dict[str, dict[str, Any]]) -> Sweep:
    for name, option in workloads.items():
        desk.option("workload", name, **option)
    words = ("-m", "measurement=leak", f"workload={','.join(workloads)}", f"iterations={CALLS}")
    return Sweep(measured=desk.measure(*words), names=tuple(workloads))


@pytest.fixture(scope="module")
def leaking(make_desk: MakeDesk) -> Sweep:
    return sweep(make_desk("leaks"), LEAKS)


@pytest.fixture(scope="module")
def unplaced(make_desk: MakeDesk) -> Sweep:
    """Leaks of other sizes, where there is no memray."""
    desk = make_desk("doses")
    (desk.path / "memray.py").write_text("raise ModuleNotFoundError('No module named memray')\n")
    return sweep(desk, DOSES)


@pytest.fixture(scope="module")
def stopping(make_desk: MakeDesk) -> Sweep:
    return sweep(make_desk("no-leaks"), NO_LEAKS)


def figure(answer: dict[str, Any], name: str) -> dict[str, float]:
    (found,) = [one for one in answer["figures"] if one["name"] == name]
    estimate: dict[str, float] = found["estimate"]
    return estimate


def assert_found(found: Sweep, name: str, size: int) -> None:
    answer = found.answer(name)
    assert answer["status"] == "ok", found.measured.done.text
    assert answer["outcomes"] == {"leak": "leak"}, found.measured.done.text
    slope = figure(answer, "leak_slope_bytes_per_call")
    assert size - 5 <= slope["low"] <= slope["value"] <= slope["high"] <= size + 150
    assert figure(answer, "leak_calls_to_limit")["value"] > 0
    assert figure(answer, "leak_time_to_limit_h")["value"] > 0


@pytest.mark.parametrize("name", LEAKS)
def test_a_leak_is_found_with_its_size_and_how_long_memory_lasts(leaking: Sweep, name: str) -> None:
    assert_found(leaking, name, LEAKS[name]["bytes_a_call"])


@pytest.mark.parametrize("name", DOSES)
def test_smaller_and_larger_leaks_are_found_with_their_sizes(unplaced: Sweep, name: str) -> None:
    assert_found(unplaced, name, DOSES[name]["bytes_a_call"])


def test_without_memray_the_verdict_stands_and_one_line_says_so(unplaced: Sweep) -> None:
    assert unplaced.measured.done.code == 0
    assert "memray" in unplaced.answer("python_16k")["description"]["follow_up"]
    assert not (unplaced.folder("python_16k") / "leak_places.json").exists()


@pytest.mark.parametrize("name", NO_LEAKS)
def test_what_stops_growing_is_not_called_a_leak(stopping: Sweep, name: str) -> None:
    answer = stopping.answer(name)
    assert answer["status"] == "ok", stopping.measured.done.text
    assert answer["outcomes"]["leak"] in ("no_leak", "growth_unproven")
    assert "leak_place" not in answer["description"], "nobody looked for one"


def test_what_is_back_where_it_was_is_said_to_be_no_leak(stopping: Sweep) -> None:
    for name in ("cycles", "bounded"):
        assert stopping.answer(name)["outcomes"] == {"leak": "no_leak"}


def test_a_cache_that_still_fills_is_named_as_the_reason(stopping: Sweep) -> None:
    answer = stopping.answer("lru_filling")
    assert answer["outcomes"]["leak"] == "growth_unproven"
    assert "bound" in answer["outcomes"]["leak_reason"]
    assert answer["description"]["filling_cache"].startswith("LruFill._cached: ")


def test_the_longer_process_makes_twice_the_calls(stopping: Sweep) -> None:
    calls = [0, 0]
    for piece in stopping.measured.desk.slices(stopping.measured.sweep_id, 0):
        read = [one for one in piece["samples"] if one["name"] == "in_use"]
        calls[piece["restart"]] += sum(sum(one["items"]) for one in read)
    assert calls == [CALLS, 2 * CALLS]


@pytest.mark.parametrize(
    ("name", "workload", "code"),
    [("python_1k", LeaksInPython, "append"), ("c_1k", LeaksInC, "_take")],
)
def test_the_line_that_leaks_is_named(
    leaking: Sweep, name: str, workload: type[LeaksInPython | LeaksInC], code: str
) -> None:
    most = json.loads((leaking.folder(name) / "leak_places.json").read_text())[0]
    lines, first = inspect.getsourcelines(workload.hold)
    (line,) = [first + at for at, text in enumerate(lines) if code in text]
    assert (most["file"], most["line"]) == (inspect.getsourcefile(workload), line)
    assert most["function"] == "hold"
    assert most["bytes_a_call"] == pytest.approx(1024, abs=100)
    assert any("hold" in frame for frame in most["python_stack"])
    assert not all(".py:" in frame for frame in most["native_stack"])
    described = leaking.answer(name)["description"]["leak_place"]
    assert f"{most['file']}:{line} in hold" in described


def test_the_flame_graph_needs_nothing_from_the_network(leaking: Sweep) -> None:
    page = (leaking.folder("python_1k") / "leak_flamegraph.html").read_text()
    assert "<script src=" not in page
    assert not re.search(r"<link[^>]+href=.http", page)
    assert "leaks.py" in page


def test_the_verdict_is_in_the_table_and_in_mlflow(leaking: Sweep, stopping: Sweep) -> None:
    for one in (leaking, stopping):
        for number, name in enumerate(one.names):
            said = one.answer(name)["outcomes"]["leak"]
            assert said.replace("_", " ") in one.measured.done.row(number)
            assert one.measured.children[number].data.tags["embprof.leak"] == said
    logged = leaking.measured.children[leaking.names.index("c_1k")]
    metrics, name = logged.data.metrics, "leak_slope_bytes_per_call"
    assert metrics[f"{name}_low"] <= metrics[name] <= metrics[f"{name}_high"]
    files = leaking.measured.store.artifacts(logged)
    assert {"leak_places.json", "leak_flamegraph.html"} <= files
