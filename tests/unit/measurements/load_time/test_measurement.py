"""Starts to readings; the started process is the only fake."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from embprof.machine.process_facts import Facts
from embprof.measurements.load_time import LoadTime
from embprof.measurements.load_time.measurement import imports_of
from embprof.measurements.load_time.starts import cold
from embprof.measurements.load_time.starts import start as process
from embprof.measurements.load_time.starts.cold import Evicted
from embprof.measurements.load_time.starts.start import Start
from embprof.model import Samples

LOG = """
embprof stage: import
import time:   1000000 |    1000000 |   sklearn
import time:    500000 |    1500000 | service

embprof stage: load
import time:    250000 |     250000 | late
"""
SERVICE = {"_target_": "service.Service", "size": 3}
MOMENTS = ("bare", "imported", "made", "loaded", "prepared", "first_call", "steady")

Begin = Callable[..., list[tuple[Mapping[str, Any], Sequence[str]]]]


def _start(**changes: Any) -> Start:
    memory = {moment: number * 100_000_000 for number, moment in enumerate(MOMENTS, start=1)}
    fields: dict[str, Any] = {
        "interpreter": 0.5,
        "imports": 2.0,
        "load": 1.0,
        "parts": {"read": 0.25, "build": 0.5},
        "calls": (0.5, 0.2, 0.1, 0.3, 0.1),
        "resident": memory,
        "peak": memory,
        "wall": 6.0,
        "cpu": 5.0,
        "disk_bytes": 0,
        "import_log": LOG,
        "facts": Facts(python="3.11.7", packages={}, code_sha256="abc"),
        "described": {"dimensions": 384},
        "files": ("/lib/torch.so",),
    }
    return Start(**{**fields, **changes})


@pytest.fixture
def begin(monkeypatch: pytest.MonkeyPatch) -> Begin:
    """Makes the next starts these; returns what was asked of them."""

    def make(*starts: Start) -> list[tuple[Mapping[str, Any], Sequence[str]]]:
        asked: list[tuple[Mapping[str, Any], Sequence[str]]] = []
        left = iter(starts)

        def begin(request: Mapping[str, Any], modules: Sequence[str]) -> Start:
            asked.append((request, modules))
            return next(left)

        monkeypatch.setattr(process, "start", begin)
        return asked

    return make


def _measuring(**parameters: Any) -> LoadTime:
    measurement = LoadTime(**parameters)
    measurement.configure(SERVICE, ["/code"])
    return measurement


def _values(samples: Sequence[Samples]) -> dict[str, tuple[float, ...]]:
    return {one.name: one.values for one in samples}


def test_the_total_of_a_start_leaves_out_what_embprof_did(begin: Begin) -> None:
    begin(_start())
    samples = _measuring().observe(1)
    assert samples[0].name == "total_load"
    assert samples[0].values == (4.0,)
    assert _values(samples)["harness"] == pytest.approx((1.3,)), "the later calls are no harness"


def test_every_stage_is_a_reading_in_its_unit(begin: Begin) -> None:
    begin(_start())
    read = _values(_measuring().observe(1))
    assert read["interpreter_start"] == (0.5,)
    assert read["import_time"] == (2.0,)
    assert read["model_init"] == (1.0,)
    assert read["first_encode"] == (500.0,)
    assert read["second_encode"] == (200.0,)
    assert read["steady_encode"] == (100.0,), "the median, which one slow call does not move"
    assert read["late_imports"] == (0.25,)
    assert read["cpu_time"] == (5.0,)


def test_parts_of_model_init_add_up_to_it(begin: Begin) -> None:
    begin(_start())
    read = _values(_measuring().observe(1))
    parts = {name: values for name, values in read.items() if name.startswith("model_init_")}
    assert parts["model_init_other"] == (0.25,)
    assert parts["model_init_tokenizer"] == (0.0,)
    assert sum(values[0] for values in parts.values()) == read["model_init"][0]


def test_memory_that_embprof_took_is_not_the_services(begin: Begin) -> None:
    begin(_start())
    read = _values(_measuring().observe(1))
    assert read["load_memory"] == (300.0,)
    assert read["peak_rss"] == (700.0,)


def test_where_the_system_does_not_tell_there_is_no_memory(begin: Begin) -> None:
    begin(_start(resident={}, peak={}))
    read = _values(_measuring().observe(1))
    assert "load_memory" not in read
    assert "total_load" in read


def test_each_iteration_is_a_start(begin: Begin) -> None:
    asked = begin(_start(), _start(imports=3.0))
    assert _values(_measuring().observe(2))["import_time"] == (2.0, 3.0)
    assert len(asked) == 2


def test_a_warm_start_that_read_from_disk_is_thrown_away_once(begin: Begin) -> None:
    asked = begin(_start(disk_bytes=300_000_000), _start(imports=1.0, disk_bytes=20_000_000))
    read = _values(_measuring().observe(1))
    assert read["import_time"] == (1.0,)
    assert read["throwaway_starts"] == (1.0,)
    assert len(asked) == 2


def test_a_cold_start_says_how_much_had_stayed_in_memory(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = begin(_start(disk_bytes=300_000_000))
    nothing = Evicted(files=frozenset(), named=frozenset(), left={})
    monkeypatch.setattr(cold, "evict", lambda *_: nothing)
    measurement = _measuring(start="cold")
    read = _values(measurement.observe(1))
    assert read["resident_before"] == (0.0,)
    assert "throwaway_starts" not in read
    assert asked[0][0]["files"], "the started process tells which files it read"
    assert "not_cold" not in measurement.description()


def test_a_cold_start_that_cannot_be_verified_is_measured_and_says_so(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(_start())
    unknown = Evicted(files=frozenset(), named=frozenset(), left=None)
    monkeypatch.setattr(cold, "evict", lambda *_: unknown)
    measurement = _measuring(start="cold")
    assert "resident_before" not in _values(measurement.observe(1))
    assert "does not tell" in str(measurement.description()["not_cold"])


def test_a_start_is_described_by_what_ran_in_it(begin: Begin) -> None:
    begin(_start())
    measurement = _measuring()
    measurement.observe(1)
    described = measurement.description()
    assert described["dimensions"] == 384
    assert described["imports"] == "service"
    assert described["lazy_import_candidates"] == "sklearn 1.00 s (for service)"
    assert measurement.facts().code_sha256 == "abc"


def test_the_imports_are_kept_as_files(begin: Begin) -> None:
    begin(_start())
    measurement = _measuring()
    measurement.observe(1)
    as_json, as_text = measurement.close()
    assert json.loads(as_json.read_text())["tree"][0]["module"] == "service"
    assert "sklearn" in as_text.read_text()


def test_modules_given_take_the_place_of_those_the_workload_names(begin: Begin) -> None:
    asked = begin(_start())
    _measuring(imports=["fastapi"]).observe(1)
    assert asked[0][1] == ("fastapi",)


@pytest.mark.parametrize(
    ("target", "modules"),
    [
        ("embprof.workloads.embedding.Embedding", ("torch", "sentence_transformers")),
        ("embprof.testing.Sleep", ()),
        ("my.service.Service", ("my.service",)),
    ],
)
def test_the_workload_names_what_a_service_imports(target: str, modules: tuple[str, ...]) -> None:
    assert imports_of({"_target_": target}) == modules
    assert "my.service" not in sys.modules, "importing it is what is to be measured"


@pytest.mark.parametrize("parameters", [{"start": "hot"}, {"steady_calls": 0}])
def test_parameters_without_sense_are_refused(parameters: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        LoadTime(**parameters)
