"""A study as a small team would make it: batch sizes at two lengths, and one of each other kind.

Everything about it is fixed, so what is made of it is compared with files byte by byte.
"""

import dataclasses
import functools
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import pytest

from embprof.config.compose import compose
from embprof.config.references import resolve
from embprof.model import (
    Comparison,
    Estimate,
    Figure,
    Run,
    Samples,
    Slice,
    Stamp,
    Status,
    Stored,
    Verdict,
)
from embprof.report.study import Answer, Study
from embprof.tracking.folder import write_comparison, write_run
from embprof.units import unit_of

MakeAnswer = Callable[..., Answer]
SWEEP = "20260101-000000-abcd"
RATES = {8: 527.0, 16: 782.0, 32: 1018.0, 64: 1341.0, 128: 1478.0}
LENGTHS = {10: 1219.0, 100: 830.0, 512: 260.0, 1024: 132.0}
HARD = {"system": "Linux", "cpu_model": "Test CPU", "cpus": 2, "threads": 2, "dtype": "float32"}
SOFT = {"hostname": "here", "python": "3.11.7", "packages": {"embprof": "0.1.0", "torch": "2.13.0"}}
NOTHING: Mapping[str, Any] = {}
BETTER: Mapping[str, Literal["lower", "higher"]] = {"throughput_texts_per_s": "higher"}


@functools.cache
def _config(*overrides: str) -> dict[str, Any]:
    """The configuration of ``embprof OVERRIDES``; not to be changed."""
    composition = compose(list(overrides))
    assert composition.problems == []
    return resolve(composition.jobs[0].config)


@pytest.fixture
def answer(tmp_path: Path) -> MakeAnswer:
    """A run of ``embprof OVERRIDES`` in a folder of a sweep; figures are values, or with half their
    interval.
    """
    return _maker(tmp_path)


def _maker(root: Path) -> MakeAnswer:
    count = 0

    def make(
        *overrides: str,
        figures: Mapping[str, float | tuple[float, float]] = NOTHING,
        slices: tuple[Slice, ...] = (),
        files: Mapping[str, Any] = NOTHING,
        **changes: Any,
    ) -> Answer:
        nonlocal count
        config = _config(*overrides)
        sweep = changes.get("sweep_id", SWEEP)
        fields: dict[str, Any] = {
            "run_id": f"{sweep}/{count}",
            "sweep_id": sweep,
            "number": count,
            "overrides": overrides,
            "config": config,
            "key": f"key{count}",
            "environment": "environment0",
            "status": Status.OK,
            "reason": None,
            "started": f"2026-01-01T00:{count:02}:00.000+00:00",
            "ended": f"2026-01-01T00:{count:02}:30.000+00:00",
            "seconds": {"total": 30.0, "measured": 20.0},
            "figures": tuple(_figure(name, value) for name, value in figures.items()),
            "stamps": (),
            "stop": "precise",
            "steady": True,
            "description": {"items": "texts", "threads": 2, "weights_source": "package"},
        }
        run = Run(**{**fields, **changes})
        folder = root / "mlruns" / "sweeps" / sweep / str(count)
        folder.mkdir(parents=True)
        write_run(folder, run)
        environment = {"hard": HARD, "soft": SOFT}
        for file, content in {
            "environment.json": environment,
            "job.json": {},
            **(files or {}),
        }.items():
            (folder / file).write_text(json.dumps(content))
        lines = (json.dumps(dataclasses.asdict(piece)) + "\n" for piece in slices)
        (folder / "samples.jsonl").write_text("".join(lines))
        count += 1
        return Answer(stored=Stored(run=run, hard=HARD, soft=SOFT, folder=folder))

    return make


def _batches(team: MakeAnswer) -> list[Answer]:
    """Five batch sizes in five restarts, compared with a baseline that was 5 % faster."""
    found = []
    for size, rate in RATES.items():
        figures = {
            "throughput_texts_per_s": (rate, 0.012),
            "latency_p50_ms": (1e3 * size / rate, 0.02),
            "latency_p95_ms": (1.3e3 * size / rate, 0.05),
            "calls": 400.0,
            "cpu_percent": 190.0,
            "peak_rss_mb": 500.0 + size,
            "steady_rss_mb": 490.0,
            "rss_delta_mb": 20.0 + size / 4,
        }
        one = team(f"batch_size={size}", "restarts=5", figures=figures)
        assert one.folder is not None
        write_comparison(one.folder, _comparison(one.run.run_id))
        found.append(one)
    return found


def _lengths(team: MakeAnswer) -> list[Answer]:
    """Four text lengths."""
    return [
        team(
            f"text_length={length}",
            "restarts=5",
            figures={"throughput_texts_per_s": (rate, 0.015), "tokens_per_s": 4.0 * rate},
        )
        for length, rate in LENGTHS.items()
    ]


def _leak(team: MakeAnswer) -> Answer:
    """A leak of 1 kB a call, seen in two processes."""
    return team(
        "measurement=leak",
        figures={"in_use_mb": 390.0, "leak_slope_bytes_per_call": (1024.0, 0.02)},
        outcomes={"leak": "leak", "leak_reason": "grows with the calls"},
        slices=tuple(_leaking(restart, calls) for restart, calls in enumerate((20, 40))),
    )


def _memory(team: MakeAnswer) -> Answer:
    """A process watched for two minutes."""
    return team(
        "measurement=memory",
        "+limits.peak_rss_mb=4000",
        figures={"peak_rss_mb": 657.7, "steady_rss_mb": 630.0, "rss_growth_mb_per_min": (0.1, 0.5)},
        seconds={"total": 130.0, "measured": 120.0},
        slices=tuple(_watched(10.0 * at) for at in range(12)),
    )


def _profile(team: MakeAnswer) -> Answer:
    """A profile of which the network is most."""
    shares = {"tokenize": 11.0, "forward": 83.0, "pooling": 5.6, "to_host": 0.4}
    figures = {f"stage_{name}_percent": value for name, value in shares.items()}
    return team(
        "measurement=profile",
        figures={"throughput_texts_per_s": (1000.0, 0.03), **figures},
        files={"functions.json": _functions(linear=20.0, tokenize=3.0)},
    )


def _start(team: MakeAnswer) -> Answer:
    """A warm start in five processes; its memory target is met, that of its imports is not."""
    return team(
        "measurement=load_time",
        figures={
            "total_load_s": (3.28, 0.04),
            "interpreter_start_s": (0.02, 0.1),
            "import_time_s": (1.82, 0.05),
            "model_init_s": (1.31, 0.06),
            "first_encode_ms": (130.0, 0.08),
            "load_memory_mb": 244.0,
        },
        outcomes={"start": "warm"},
    )


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """All of them as one sweep, one job of which was skipped."""
    team = _maker(tmp_path_factory.mktemp("team"))
    batches, lengths = _batches(team), _lengths(team)
    answers = (*batches, *lengths, _leak(team), _memory(team), _profile(team), _start(team))
    folder = batches[0].folder
    assert folder is not None
    content = {
        "kind": "sweep",
        "started": "2026-01-01T00:00:00.000+00:00",
        "question": "Which batch size?",
        "overrides": ["batch_size=8,16,32,64,128", "note=it's <b>|here|</b>"],
        "multirun": True,
        "tags": {"embprof.git_commit": "0123456789abcdef", "embprof.git_dirty": "true"},
        "jobs": [{"number": 99, "skip": "no NVIDIA GPU on this machine"}],
    }
    (folder.parent / "sweep.json").write_text(json.dumps(content))
    return Study(name=SWEEP, answers=answers, question="Which batch size?")


@pytest.fixture
def batches(study: Study) -> list[Answer]:
    """Its batch sizes."""
    return [answer for answer in study.answers if answer.value("calls") is not None]


@pytest.fixture
def profile(study: Study) -> Answer:
    """Its profile."""
    return study.of("profile")[0]


def _figure(name: str, value: float | tuple[float, float]) -> Figure:
    middle, half = value if isinstance(value, tuple) else (value, None)
    estimate = Estimate(
        value=middle,
        low=None if half is None else middle * (1 - half),
        high=None if half is None else middle * (1 + half),
        n=1 if half is None else 5,
        basis="total" if half is None else "5 restarts",
    )
    return Figure(
        name=name, better=BETTER.get(name, "lower"), estimate=estimate, unit=unit_of(name)
    )


def _comparison(run_id: str) -> Comparison:
    return Comparison(
        figure="throughput_texts_per_s",
        a="main 20251231-000000-abcd/0",
        b=run_id,
        ratio=1.05,
        low=1.03,
        high=1.07,
        verdict=Verdict.SLOWER,
        reason=None,
        smallest_detectable=0.03,
        p_value=0.001,
        basis="5 stored sessions",
    )


def _leaking(restart: int, calls: int) -> Slice:
    values = tuple(390 + 0.001024 * call for call in range(calls))
    return _slice(restart, [("in_use", "MB", values, (1,) * calls)])


def _watched(second: float) -> Slice:
    return _slice(
        0,
        [
            ("peak_rss", "MB", (650.0, 657.7), ()),
            ("steady_rss", "MB", (630.0,), ()),
            ("elapsed", "s", (second,), ()),
        ],
    )


def _slice(
    restart: int, samples: list[tuple[str, str, tuple[float, ...], tuple[int, ...]]]
) -> Slice:
    return Slice(
        restart=restart,
        warmup=False,
        started=0.0,
        seconds=1.0,
        samples=tuple(
            Samples(name=name, unit=unit, better="lower", values=values, items=items)
            for name, unit, values, items in samples
        ),
    )


def _functions(**milliseconds: float) -> dict[str, Any]:
    whole = sum(milliseconds.values())
    return {
        "profiler": "cprofile",
        "call_ms": whole,
        "bare_call_ms": whole,
        "functions": [
            {
                "function": name,
                "file": "torch/nn.py",
                "line": at,
                "self_ms": value,
                "self_percent": 100 * value / whole,
                "cumulative_ms": value,
                "cumulative_percent": 100 * value / whole,
            }
            for at, (name, value) in enumerate(milliseconds.items())
        ],
    }


@pytest.fixture
def disturbed(answer: MakeAnswer) -> Answer:
    """A run that others disturbed, in one process, without an interval."""
    return answer(
        figures={"throughput_texts_per_s": 45.0},
        stamps=(Stamp(mark="B", detail="others used 170 % of a CPU"),),
        stop="max_seconds",
    )
