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
BESIDE = {"throwaway_starts": "1", "resident_before": "%"}
"""What is found of one start beside itself, of a warm or a cold one."""
MOMENTS = ("bare", "imported", "made", "loaded", "prepared", "first_call", "steady")
"""When memory is read."""
SHOWN = ("bare", "imported", "loaded", "first_call", "steady")
SERVICE = (("bare", "imported"), ("made", "loaded"), ("prepared", "first_call"))
"""Moments between which memory grows for the service; between the others, for embprof."""


def samples(starts: Sequence[Start]) -> tuple[Samples, ...]:
    """Everything that was read of these starts."""
    found = [
        _samples(name, unit, [factor * seconds(one) for one in starts])
        for name, (unit, factor, seconds) in STAGES.items()
    ]
    found += [
        _samples(f"model_init_{part}", "s", [_part(one, part) for one in starts]) for part in PARTS
    ]
    rest = [one.load - sum(_part(one, part) for part in PARTS) for one in starts]
    found += [
        _samples("model_init_other", "s", rest),
        _samples("late_imports", "s", [_late_imports(one) for one in starts]),
        _samples("harness", "s", [one.harness for one in starts]),
        _samples("disk_read", "MB", [one.disk_bytes / 1e6 for one in starts]),
        _samples("cpu_time", "s", [one.cpu for one in starts]),
    ]
    return (*found, *_memory(starts))


def of_one(name: str, value: float) -> Samples:
    """A reading of those found beside a start: in all a count, else the mean."""
    unit = BESIDE[name]
    return _samples(name, unit, [value], "total" if unit == "1" else "mean")


def _memory(starts: Sequence[Start]) -> list[Samples]:
    if not all(one.resident and one.peak for one in starts):
        return []
    grown = [
        sum(one.resident[after] - one.resident[before] for before, after in SERVICE) / 1e6
        for one in starts
    ]
    found = [_samples("load_memory", "MB", grown)]
    for moment in SHOWN:
        read = [one.resident[moment] / 1e6 for one in starts]
        found.append(_samples(f"rss_{moment}", "MB", read))
    peaks = [one.peak["steady"] / 1e6 for one in starts]
    return [*found, _samples("peak_rss", "MB", peaks, "largest")]


def _part(one: Start, part: str) -> float:
    return one.parts.get(part, 0.0)


def _late_imports(one: Start) -> float:
    stages = import_log.parse(one.import_log)
    return sum(found.cumulative for stage in import_log.LATE for found in stages.get(stage, ()))


def _samples(name: str, unit: str, values: Sequence[float], summary: Summary = "mean") -> Samples:
    return Samples.of(name, unit, *values, summary=summary)
