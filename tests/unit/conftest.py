"""Jobs, runs, slices and studies made up on the spot, a saved model of two bytes, no network."""

import functools
import gc
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import pytest
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.types import RunMode
from omegaconf import DictConfig

from embprof.config.compose import compose
from embprof.config.plan import key
from embprof.config.references import resolve
from embprof.model import Estimate, Figure, Job, Run, Samples, Slice, Stamp, Status, Stored
from embprof.models import hub
from embprof.report.study import Answer, Study
from embprof.units import unit_of

MakeJob = Callable[..., Job]
MakeRun = Callable[..., Run]
MakeSlice = Callable[..., Slice]
MakeStored = Callable[..., Stored]
MakeAnswer = Callable[..., Answer]
MakeBatches = Callable[..., list[Answer]]
MakeStudy = Callable[..., Study]
NOTHING: Mapping[str, Any] = {}
MORE_IS_BETTER = ("cosine_min", "_per_s", "_kept_percent", "cosine_mean")
"""How the names of such figures end."""
EMPTY_HEADER = (2).to_bytes(8, "little") + b"{}"
"""How a safetensors file begins that names no tensor."""
CONFIG = '{"model_type": "bert"}'
"""What makes a folder of that type, as far as it is looked at before loading."""
POOLED = json.dumps(
    [
        {"path": "", "type": "sentence_transformers.models.Transformer"},
        {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
    ]
)
"""The ``modules.json`` of a model that says how it pools."""
REFERENCE = {8: 527, 16: 782, 32: 1018, 64: 1341, 128: 1478, 256: 1493}
"""Texts a second by batch size, of the study that embprof was made after."""


def pytest_collection_finish() -> None:
    """Thousands of collected tests are no garbage, and not what tests of memory look for."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub does not answer, and nobody's cache on this machine has anything."""
    monkeypatch.setattr(hub, "why_unreachable", lambda: "no network in tests")
    monkeypatch.setattr(hub, "cached", lambda *_: None)


@pytest.fixture(autouse=True, scope="session")
def _compositions_are_remembered() -> Iterator[None]:
    """Hydra takes 60-130 ms to load a configuration; the same one is loaded once for all tests."""
    remembered: dict[tuple[object, ...], DictConfig] = {}
    load = ConfigLoaderImpl.load_configuration

    def recall(
        self: ConfigLoaderImpl,
        config_name: str | None,
        overrides: list[str],
        run_mode: RunMode,
        **more: Any,
    ) -> DictConfig:
        places = tuple(str(place) for place in self.config_search_path.get_path())
        key = (places, config_name, tuple(overrides), run_mode)
        if more:  # Hydra's own entry points, which change what they get
            return load(self, config_name, overrides, run_mode, **more)
        if key not in remembered:
            remembered[key] = load(self, config_name, overrides, run_mode)
        return remembered[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ConfigLoaderImpl, "load_configuration", recall)
        yield


@pytest.fixture
def model_folder(tmp_path: Path) -> Path:
    """A folder that looks like a saved model."""
    folder = tmp_path / "saved model"
    folder.mkdir()
    (folder / "config.json").write_text(CONFIG)
    (folder / "model.safetensors").write_bytes(EMPTY_HEADER + b"weights")
    (folder / "tokenizer.json").write_bytes(b"tokenizer")
    return folder


@pytest.fixture(scope="session")
def resolved_defaults() -> dict[str, Any]:
    """conf/config.yaml with its default groups, resolved; not to be changed by a test."""
    composition = compose([])
    assert composition.problems == []
    return resolve(composition.jobs[0].config)


@pytest.fixture
def job() -> MakeJob:
    """A job of plain values, with whatever is given."""

    def make(number: int = 0, *overrides: str, **changes: Any) -> Job:
        fields: dict[str, Any] = {
            "number": number,
            "overrides": overrides,
            "config": {
                "restarts": 1,
                "doubling": False,
                "targets": {},
                "limits": {},
                "iterations": None,
                "precision": 0.02,
                "max_seconds": 20,
                "slice_seconds": 0.2,
                "warmup": {"iterations": 0, "seconds": 0, "max_seconds": 15},
                "time_limit": 900,
                "memory_limit_mb": None,
                "isolation": "auto",
                "threads": 1,
                "wait_policy": "passive",
                "allocator": "default",
                "workload": {"_target_": "embprof.testing.Sleep"},
                "measurement": {"_target_": "embprof.measurements.throughput.Throughput"},
            },
            "key": f"key{number}",
            "environment": "environment0",
            "fingerprint": {"cpu_model": "test"},
        }
        return Job(**{**fields, **changes})

    return make


@pytest.fixture
def run() -> MakeRun:
    """A finished run with a throughput, unless told otherwise."""

    def make(number: int = 0, *overrides: str, **changes: Any) -> Run:
        def figure(name: str, value: float, half: float | None = None) -> Figure:
            estimate = _estimate(value, half)
            return Figure(name=name, better="lower", estimate=estimate, unit=unit_of(name))

        sweep_id = str(changes.get("sweep_id", "20260101-000000-abcd"))
        fields: dict[str, Any] = {
            "run_id": f"{sweep_id}/{number}",
            "sweep_id": sweep_id,
            "number": number,
            "overrides": overrides,
            "config": {"restarts": 1, "iterations": None},
            "key": f"key{number}",
            "environment": "environment0",
            "status": Status.OK,
            "reason": None,
            "started": "2026-01-01T00:00:00.000+00:00",
            "ended": "2026-01-01T00:00:12.000+00:00",
            "seconds": {"total": 12.0, "load": 1.0, "warmup": 1.0, "measured": 10.0},
            "figures": (
                figure("throughput_texts_per_s", 12345.6, 0.012),
                figure("latency_p50_ms", 123.456),
                figure("latency_p95_ms", 1234.56),
                Figure(
                    name="latency_p99_ms",
                    better="lower",
                    estimate=None,
                    note="n/a (n<368)",
                    unit="ms",
                ),
                figure("cpu_percent", 1598.7),
                figure("peak_rss_mb", 12345.6),
            ),
            "stamps": (Stamp(mark="B", detail="others used 20 % of a CPU"),),
            "stop": "precise",
            "steady": True,
            "description": {"items": "texts"},
        }
        return Run(**{**fields, **changes})

    return make


@pytest.fixture
def piece() -> MakeSlice:
    """A slice of calls of equal length, with further quantities by name."""

    def make(
        *seconds: float,
        items: int = 10,
        restart: int = 0,
        warmup: bool = False,
        more: tuple[Samples, ...] = (),
    ) -> Slice:
        calls = Samples(
            name="call_time",
            unit="s",
            better="lower",
            values=seconds,
            items=(items,) * len(seconds),
        )
        return Slice(
            restart=restart,
            warmup=warmup,
            started=0.0,
            seconds=sum(seconds),
            samples=(calls, *more),
        )

    return make


@pytest.fixture
def stored(run: MakeRun) -> MakeStored:
    """A stored run of one figure; ``number`` is its row, ``session`` its sweep."""

    def make(
        value: float = 100.0,
        *,
        number: int = 0,
        session: str = "s1",
        half: float | None = 0.01,
        figure: str = "throughput_texts_per_s",
        better: Literal["lower", "higher"] = "higher",
        hard: dict[str, Any] | None = None,
        soft: dict[str, Any] | None = None,
        **changes: Any,
    ) -> Stored:
        size = 8 * 2**number
        fields: dict[str, Any] = {
            "sweep_id": session,
            "started": f"2026-01-01T00:00:00.{session}",
            "stamps": (),
            "figures": (
                Figure(
                    name=figure,
                    better=better,
                    estimate=_estimate(value, half),
                    unit=unit_of(figure),
                ),
            ),
            "config": {
                "device": "cpu",
                "batch_size": size,
                "backend": {"dtype": "float32"},
                "workload": {"_target_": "a.B", "batch_size": size},
                "max_seconds": 20,
            },
        }
        return Stored(
            run=run(number, **{**fields, **changes}),
            hard={"cpu_model": "one", "threads": 2} if hard is None else hard,
            soft=soft or {},
        )

    return make


@pytest.fixture(scope="session")
def configured() -> Callable[..., dict[str, Any]]:
    """The configuration of ``embprof OVERRIDES``, resolved; not to be changed by a test."""

    @functools.cache
    def make(*overrides: str) -> dict[str, Any]:
        composition = compose(list(overrides))
        assert composition.problems == []
        return resolve(composition.jobs[0].config)

    return make


@pytest.fixture
def answer(configured: Callable[..., dict[str, Any]], tmp_path: Path) -> MakeAnswer:
    """A run as ``embprof OVERRIDES`` would store it; figures are values or (value, half width)."""
    number = 0

    def make(
        *overrides: str,
        rate: float | None = None,
        half: float | None = 0.01,
        figures: Mapping[str, float | tuple[float, float | None]] = NOTHING,
        marks: str = "",
        sweep: str = "20260101-000000-aaaa",
        documents: Mapping[str, Any] = NOTHING,
        hard: Mapping[str, Any] = NOTHING,
        description: Mapping[str, Any] = NOTHING,
        **changes: Any,
    ) -> Answer:
        nonlocal number
        config = configured(*overrides)
        made = [_figure("throughput_texts_per_s", rate, half)] if rate is not None else []
        for name, value in figures.items():
            made.append(_figure(name, *(value if isinstance(value, tuple) else (value, None))))
        folder = tmp_path / sweep / str(number)
        folder.mkdir(parents=True)
        for name, content in documents.items():
            (folder / name).write_text(json.dumps(content))
        fields: dict[str, Any] = {
            "run_id": f"{sweep}/{number}",
            "sweep_id": sweep,
            "number": number,
            "overrides": overrides,
            "config": config,
            "key": key(config),
            "environment": "environment0",
            "status": Status.OK,
            "reason": None,
            "started": f"2026-01-01T00:00:{number:02}.000+00:00",
            "ended": f"2026-01-01T00:00:{number:02}.900+00:00",
            "seconds": {"total": 12.0},
            "figures": tuple(made),
            "stamps": tuple(Stamp(mark=mark, detail=f"detail of {mark}") for mark in marks),
            "stop": "precise",
            "steady": True,
            "description": {"items": "texts", "threads": 2, "max_tokens": 256, **description},
        }
        number += 1
        known = {"cpu_model": "one", "batch_size": config["batch_size"], **hard}
        run = Run(**{**fields, **changes})
        return Answer(stored=Stored(run=run, hard=known, soft={}, folder=folder))

    return make


@pytest.fixture
def misnamed() -> Callable[[Iterable[Figure]], list[str]]:
    """Those figures of which the end of the name is not the unit."""

    def find(figures: Iterable[Figure]) -> list[str]:
        return [f"{one.name}: {one.unit}" for one in figures if one.unit != unit_of(one.name)]

    return find


@pytest.fixture
def study() -> MakeStudy:
    """A study of answers, and of lists of them."""

    def make(*answers: Answer | Iterable[Answer], failed: Iterable[Answer] = ()) -> Study:
        flat: list[Answer] = []
        for one in answers:
            flat += [one] if isinstance(one, Answer) else list(one)
        return Study(name="test", answers=tuple(flat), failed=tuple(failed))

    return make


@pytest.fixture
def batches(answer: MakeAnswer) -> MakeBatches:
    """A series of batch sizes; the rates of the reference study if none are given."""

    def make(rates: Mapping[int, float] = REFERENCE, *more: str, **changes: Any) -> list[Answer]:
        return [
            answer(f"batch_size={size}", *more, rate=rate, **_for(changes, size))
            for size, rate in rates.items()
        ]

    return make


def _for(changes: Mapping[str, Any], size: int) -> dict[str, Any]:
    """Changes that are functions are asked for each size."""
    return {name: value(size) if callable(value) else value for name, value in changes.items()}


def _figure(name: str, value: float, half: float | None) -> Figure:
    better: Literal["lower", "higher"] = "higher" if name.endswith(MORE_IS_BETTER) else "lower"
    return Figure(name=name, better=better, estimate=_estimate(value, half), unit=unit_of(name))


def _estimate(value: float, half: float | None) -> Estimate:
    return Estimate(
        value=value,
        low=None if half is None else value * (1 - half),
        high=None if half is None else value * (1 + half),
        n=100,
        basis="readings of one process",
    )
