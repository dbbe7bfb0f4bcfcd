"""A start as quantities of a run: each is a reading of one start, the primary one first."""

from collections.abc import Callable, Mapping, Sequence
from statistics import median

from embprof.measurements.load_time.starts import import_log
from embprof.measurements.load_time.starts.init_parts import PARTS
from embprof.measurements.load_time.starts.start import Start
from embprof.model import Samples, Summary

STAGES: Mapping[str, tuple[str, float, Callable[[Start], float]]] = {
    "total_load": ("s", 1, lambda one: one.total),
    "interpreter_start": ("s", 1, lambda one: one.interpreter),
    "import_time": ("s", 1, lambda one: one.imports),
    "model_init": ("s", 1, lambda one: one.load),
    "first_encode": ("ms", 1e3, lambda one: one.calls[0]),
    "second_encode": ("ms", 1e3, lambda one: one.calls[1]),
    "steady_encode": ("ms", 1e3, lambda one: median(one.calls[2:])),
}
"""Name, unit, how many of the unit a second has, and seconds."""
BESIDE: Mapping[str, tuple[str, Summary]] = {
    "throwaway_starts": ("1", "total"),
    "resident_before": ("%", "mean"),
}
"""What is found of one start beside itself, of a warm or a cold one."""
SHOWN = ("bare", "imported", "loaded", "first_call", "steady")
SERVICE = (("bare", "imported"), ("made", "loaded"), ("prepared", "first_call"))
"""Moments between which memory grows for the service; between the others, for embprof."""


def samples(starts: Sequence[Start]) -> tuple[Samples, ...]:
    """Everything that was read of these starts."""
    found = [
        Samples.of(name, unit, *(factor * seconds(one) for one in starts))
        for name, (unit, factor, seconds) in STAGES.items()
    ]
    found += [
        Samples.of(f"model_init_{part}", "s", *(one.parts.get(part, 0.0) for one in starts))
        for part in PARTS
    ]
    rest = [one.load - sum(one.parts.get(part, 0.0) for part in PARTS) for one in starts]
    found += [
        Samples.of("model_init_other", "s", *rest),
        Samples.of("late_imports", "s", *map(_late_imports, starts)),
        Samples.of("harness", "s", *(one.harness for one in starts)),
        Samples.of("disk_read", "MB", *(one.disk_bytes / 1e6 for one in starts)),
        Samples.of("cpu_time", "s", *(one.cpu for one in starts)),
    ]
    return (*found, *_memory(starts))


def of_one(name: str, value: float) -> Samples:
    """A reading of those found beside a start."""
    unit, summary = BESIDE[name]
    return Samples.of(name, unit, value, summary=summary)


def _memory(starts: Sequence[Start]) -> list[Samples]:
    if not all(one.resident and one.peak for one in starts):
        return []
    grown = [
        sum(one.resident[after] - one.resident[before] for before, after in SERVICE) / 1e6
        for one in starts
    ]
    peaks = (one.peak["steady"] / 1e6 for one in starts)
    return [
        Samples.of("load_memory", "MB", *grown),
        *(
            Samples.of(f"rss_{moment}", "MB", *(one.resident[moment] / 1e6 for one in starts))
            for moment in SHOWN
        ),
        Samples.of("peak_rss", "MB", *peaks, summary="largest"),
    ]


def _late_imports(one: Start) -> float:
    stages = import_log.parse(one.import_log)
    return sum(found.cumulative for stage in import_log.LATE for found in stages.get(stage, ()))
