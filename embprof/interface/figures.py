"""Raw readings to figures: a pure function of what a run's folder holds.

Figures of single quantities are derived here and nowhere else, from the measured slices alone
(warm-up is left out): ``call_time`` gives throughput and service time percentiles; what else was
read says itself what of many readings is the figure (:class:`embprof.model.Samples`), so that
nobody's measurement needs a change in embprof. Figures of several quantities are for the account
of the subject that read them (:mod:`embprof.interface.conclusions`).
"""

import math
from collections.abc import Collection, Iterable, Iterator, Sequence

from embprof.interface.figure import figure, plain, throughput, too_few
from embprof.interface.readings import by_restart, restarts, values
from embprof.interface.summaries import CALL_TIME, TAKEN, items_of, mean
from embprof.model import Estimate, Figure, Slice
from embprof.statistics.percentiles import percentile, smallest_sample
from embprof.statistics.rate import rate
from embprof.statistics.stopping import MIN_READINGS_TO_STOP
from embprof.units import metric_name

PERCENTILES = (0.50, 0.95, 0.99)
WITH_CALLS = ("cpu_time", "tokens", "padded_tokens")
"""Counted beside calls and shown as shares and rates of their time."""
OF_CALLS = frozenset(
    {
        *("throughput_*_per_s", "calls", "cpu_percent", "tokens_per_s", "padding_percent"),
        *(f"latency_{kind}p{100 * q:.0f}_ms" for kind in ("", "per_*_") for q in PERCENTILES),
    }
)
"""The names of all figures that calls give; ``*`` is what the workload calls its items."""
OF_EMBPROF = "embprof."
"""What the name of every quantity begins with that embprof itself reads beside a subject's."""


def figures(
    slices: Iterable[Slice], items: str, supporting: Collection[str] = ()
) -> tuple[Figure, ...]:
    """All figures of single quantities; ``items`` is what the workload calls its items ("texts").

    ``supporting`` are quantities that the accounts of the run's subjects make figures of.
    """
    measured = [piece for piece in slices if not piece.warmup]
    names = dict.fromkeys(samples.name for piece in measured for samples in piece.samples)
    left_out = set(supporting)
    found: list[Figure] = []
    if CALL_TIME in names and CALL_TIME not in left_out:
        left_out |= {CALL_TIME, *WITH_CALLS}
        found += _of_calls(measured, items)
    read = [
        _of_quantity(name, measured, items)
        for name in names
        if name not in left_out and not name.startswith(OF_EMBPROF)
    ]
    # What a subject reads itself stands for what would be made of its calls.
    own = {one.name for one in read}
    return (*(one for one in found if one.name not in own), *read)


def in_words_of(items: str | None, name: str) -> str:
    """A name of ``OF_CALLS`` for a workload that calls its items so: ``*`` made a word."""
    if items is None:
        return name
    filled = name.replace("latency_per_*", f"latency_per_{singular(items)}")
    return filled.replace("throughput_*", f"throughput_{items}")


def seconds_spent(slices: Iterable[Slice]) -> dict[str, float]:
    """Seconds of all slices, warming up and measuring apart."""
    spent = {"warmup": 0.0, "measured": 0.0}
    for piece in slices:
        spent["warmup" if piece.warmup else "measured"] += piece.seconds
    return spent


def _of_calls(measured: Sequence[Slice], items: str) -> Iterator[Figure]:
    processes = restarts(measured)
    seconds = [values(pieces, CALL_TIME) for pieces in processes]
    done = [[i for piece in pieces for i in _items_of_calls(piece)] for pieces in processes]
    every_second = [t for restart in seconds for t in restart]
    every_item = [i for restart in done for i in restart]
    total_seconds = sum(every_second)
    if min(every_item) <= 0 or min(every_second) <= 0:
        yield throughput(items, None, note="n/a (a call did no items, or took no time)")
        return
    per_item = [t / i for t, i in zip(every_second, every_item, strict=True)]
    yield throughput(items, rate(done, seconds))
    yield from _percentiles("latency", every_second)
    yield from _percentiles(f"latency_per_{singular(items)}", per_item)
    yield plain("calls", "", len(every_second), "count", better="higher")
    if cpu := values(measured, "cpu_time"):
        yield plain("cpu_percent", "%", 100 * sum(cpu) / total_seconds, "total")
    if tokens := values(measured, "tokens"):
        per_second = sum(tokens) / total_seconds
        yield plain("tokens_per_s", "tokens/s", per_second, "total", better="higher")
        if padded := sum(values(measured, "padded_tokens")):
            yield plain("padding_percent", "%", 100 * (1 - sum(tokens) / padded), "total")


def _of_quantity(name: str, measured: Sequence[Slice], items: str) -> Figure:
    samples = next(s for piece in measured for s in piece.samples if s.name == name)
    read, better = values(measured, name), samples.better
    unit = "" if samples.unit == "1" else samples.unit
    metric = metric_name(name, samples.unit)
    if not read:
        return figure(metric, unit, None, better=better, note="n/a (nothing was read)")
    if samples.summary == "rate":
        return throughput(items, _rate_of(name, measured))
    is_positive = all(math.isfinite(value) and value > 0 for value in read)
    if samples.summary != "mean" or not is_positive:
        take, basis = TAKEN[samples.summary]
        return plain(metric, unit, take(read), basis, better=better)
    # The mean of positive values is their total over their count: a rate per reading. Of one
    # process it has an interval only where rare large ones cannot spoil it
    # (docs/explanation/intervals.md).
    # Not every process need have read it: of several operations in turn, say, some were not called.
    processes = [one for one in by_restart(measured, name) if one]
    if len(processes) == 1 and len(read) < MIN_READINGS_TO_STOP:
        return plain(metric, unit, mean(read), "mean of few readings", better=better)
    counts = [[1.0] * len(process) for process in processes]
    return figure(metric, unit, rate(processes, counts), better=better)


def _rate_of(name: str, measured: Sequence[Slice]) -> Estimate:
    """Items over seconds, where readings need not be of one call: rounds of several callers."""
    found = [
        [samples for piece in pieces for samples in piece.samples if samples.name == name]
        for pieces in restarts(measured)
    ]
    seconds = [[value for samples in process for value in samples.values] for process in found]
    done = [[count for samples in process for count in samples.items] for process in found]
    return rate(done, seconds)


def singular(items: str) -> str:
    """One of the items: ``query`` of ``queries``, ``text`` of ``texts``."""
    return f"{items[:-3]}y" if items.endswith("ies") else items.removesuffix("s")


def _percentiles(name: str, seconds: Sequence[float]) -> Iterator[Figure]:
    for q in PERCENTILES:
        estimate = percentile([1e3 * value for value in seconds], q)
        note = None if estimate else too_few(smallest_sample(q))
        yield figure(f"{name}_p{100 * q:.0f}_ms", "ms", estimate, note=note)


def _items_of_calls(piece: Slice) -> tuple[int, ...]:
    """Items of each call; one each where the measurement does not count them."""
    calls = next((samples for samples in piece.samples if samples.name == CALL_TIME), None)
    return () if calls is None else items_of(calls)
