"""Raw readings to figures: a pure function of what a run's folder holds.

Every figure is derived here and nowhere else, from the measured slices alone (warm-up is left out):
``call_time`` gives throughput and service time percentiles; totals give rates and shares; what
else was read says itself what of many readings is the figure (:class:`embprof.model.Samples`), so
that another's measurement needs no change in embprof.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Literal

from embprof.measurements.load import capacity_figures
from embprof.measurements.load import figures as load
from embprof.measurements.truncation_loss import figures as truncation_loss
from embprof.model import Estimate, Figure, Slice
from embprof.statistics.percentiles import percentile, smallest_sample
from embprof.statistics.rate import rate
from embprof.statistics.stopping import MIN_READINGS_TO_STOP
from embprof.units import metric_name
from embprof.workloads.nli import figures as agreement
from embprof.workloads.pipeline import figures as tail
from embprof.workloads.vector_search import figures as recall

PERCENTILES = (0.50, 0.95, 0.99)
PARTS = (
    *("cpu_time", "tokens", "padded_tokens", "canary", "elapsed", "phase_ends"),
    *truncation_loss.READ,
    *agreement.READ,
    *recall.READ,
    load.ROUND,
    *load.READ,
    *capacity_figures.READ,
    tail.STEP,
)
"""Readings that only appear in figures made of several of them, or in none."""


def figures(slices: Iterable[Slice], items: str) -> tuple[Figure, ...]:
    """All figures of a run; ``items`` is what the workload calls its items ("texts")."""
    measured = [piece for piece in slices if not piece.warmup]
    if not measured:
        return ()
    found: list[Figure] = []
    names = dict.fromkeys(samples.name for piece in measured for samples in piece.samples)
    if "call_time" in names:
        found += _of_calls(measured, items)
    if load.ROUND in names:
        found.append(_of_rounds(measured, items))
    for name in names:
        if name != "call_time" and name not in PARTS:
            found.append(_of_quantity(name, measured))
    return tuple(found)


def seconds_spent(slices: Iterable[Slice]) -> dict[str, float]:
    """Seconds of all slices, warming up and measuring apart."""
    spent = {"warmup": 0.0, "measured": 0.0}
    for piece in slices:
        spent["warmup" if piece.warmup else "measured"] += piece.seconds
    return spent


def _of_calls(measured: Sequence[Slice], items: str) -> list[Figure]:
    restarts = _restarts(measured)
    seconds = [[t for piece in pieces for t in piece.values("call_time")] for pieces in restarts]
    done = [[i for piece in pieces for i in _items_of_calls(piece)] for pieces in restarts]
    every_second = [t for restart in seconds for t in restart]
    every_item = [i for restart in done for i in restart]
    total_seconds = sum(every_second)
    name = f"throughput_{items}_per_s"
    if min(every_item) <= 0 or min(every_second) <= 0:
        note = "n/a (a call did no items, or took no time)"
        return [Figure(name=name, better="higher", estimate=None, note=note)]
    per_item = [t / i for t, i in zip(every_second, every_item, strict=True)]
    found = [_figure(name, "higher", rate(done, seconds))]
    found += _percentiles("latency", every_second)
    found += _percentiles(f"latency_per_{_singular(items)}", per_item)
    found.append(_plain("calls", "higher", len(every_second), "count"))
    if cpu := _all("cpu_time", measured):
        found.append(_plain("cpu_percent", "lower", 100 * sum(cpu) / total_seconds, "total"))
    if tokens := _all("tokens", measured):
        padded = sum(_all("padded_tokens", measured))
        found.append(_plain("tokens_per_s", "higher", sum(tokens) / total_seconds, "total"))
        if padded:
            share = 100 * (1 - sum(tokens) / padded)
            found.append(_plain("padding_percent", "lower", share, "total"))
    return found


def _of_rounds(measured: Sequence[Slice], items: str) -> Figure:
    """Throughput of several callers, whose rounds are wall time of them all."""
    restarts = [
        [samples for piece in pieces for samples in piece.samples if samples.name == load.ROUND]
        for pieces in _restarts(measured)
    ]
    seconds = [[value for one in restart for value in one.values] for restart in restarts]
    done = [[count for one in restart for count in one.items] for restart in restarts]
    return _figure(f"throughput_{items}_per_s", "higher", rate(done, seconds))


def _of_quantity(name: str, measured: Sequence[Slice]) -> Figure:
    samples = next(s for piece in measured for s in piece.samples if s.name == name)
    values = _all(name, measured)
    full_name = metric_name(name, samples.unit)
    if samples.summary == "largest":
        return _plain(full_name, samples.better, max(values), "largest")
    if samples.summary == "last":
        return _plain(full_name, samples.better, values[-1], "last reading")
    if samples.summary == "total":
        return _plain(full_name, samples.better, sum(values), "total")
    if not all(math.isfinite(value) and value > 0 for value in values):
        return _plain(full_name, samples.better, sum(values) / len(values), "mean")
    # The mean of positive values is their total over their count: a rate per reading. Of one
    # process it has an interval only where rare large ones cannot spoil it
    # (docs/explanation/intervals.md).
    # Not every process need have read it: of several operations in turn, say, some were not called.
    restarts = [read for pieces in _restarts(measured) if (read := _all(name, pieces))]
    if len(restarts) == 1 and len(values) < MIN_READINGS_TO_STOP:
        return _plain(full_name, samples.better, sum(values) / len(values), "mean of few readings")
    counts = [[1.0] * len(restart) for restart in restarts]
    return _figure(full_name, samples.better, rate(restarts, counts))


def _restarts(measured: Sequence[Slice]) -> list[list[Slice]]:
    return [list(pieces) for _, pieces in groupby(measured, key=lambda piece: piece.restart)]


def _singular(items: str) -> str:
    return f"{items[:-3]}y" if items.endswith("ies") else items.removesuffix("s")


def _percentiles(name: str, values: Sequence[float]) -> list[Figure]:
    found = []
    for q in PERCENTILES:
        full_name = f"{name}_p{100 * q:.0f}_ms"
        estimate = percentile([1e3 * value for value in values], q)
        note = None if estimate else f"n/a (n<{smallest_sample(q)})"
        found.append(Figure(name=full_name, better="lower", estimate=estimate, note=note))
    return found


def _figure(name: str, better: Literal["lower", "higher"], estimate: Estimate) -> Figure:
    return Figure(name=name, better=better, estimate=estimate)


def _plain(name: str, better: Literal["lower", "higher"], value: float, basis: str) -> Figure:
    estimate = Estimate(value=float(value), low=None, high=None, n=1, basis=basis)
    return Figure(name=name, better=better, estimate=estimate)


def _items_of_calls(piece: Slice) -> tuple[int, ...]:
    """Items of each call; one each where the measurement does not count them."""
    calls = next((samples for samples in piece.samples if samples.name == "call_time"), None)
    return () if calls is None else calls.items or (1,) * len(calls.values)


def _all(name: str, slices: Iterable[Slice]) -> list[float]:
    return [value for piece in slices for value in piece.values(name)]
