"""Answers made up on the spot: real configurations, figures and marks as a test wants them."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import pytest

from embprof.config.compose import compose
from embprof.config.plan import key
from embprof.config.references import resolve
from embprof.model import Estimate, Figure, Run, Stamp, Status, Stored
from embprof.report.study import Answer, Study
from embprof.units import unit_of

MakeAnswer = Callable[..., Answer]
MakeBatches = Callable[..., list[Answer]]
MakeStudy = Callable[..., Study]
NOTHING: Mapping[str, Any] = {}
RATES = "_per_s"
REFERENCE = {8: 527, 16: 782, 32: 1018, 64: 1341, 128: 1478, 256: 1493}
"""Texts a second by batch size, of the study that embprof was made after."""


def _estimate(value: float, half: float | None) -> Estimate:
    return Estimate(
        value=value,
        low=None if half is None else value * (1 - half),
        high=None if half is None else value * (1 + half),
        n=100,
        basis="readings of one process",
    )


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
    better: Literal["lower", "higher"] = "higher" if name.endswith(RATES) else "lower"
    return Figure(name=name, better=better, estimate=_estimate(value, half), unit=unit_of(name))
