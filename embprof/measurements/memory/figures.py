"""What the memory of a process is made of, and whether it grows.

The parts add up to the high-water mark: what is resident when nobody calls, free memory given back
(``settled_rss``), is divided among those that can be told; what calls need beyond it, freed memory
that the allocator keeps for the next call included, are the activations. What is left is ``other``:
objects of the model beside its weights, library pages first touched in a call, the libraries' own
caches, and the imports of a workload that does not name them.
"""

from collections.abc import Sequence

from embprof.interface.conclusion import Conclusion
from embprof.interface.figure import figure, plain
from embprof.interface.readings import restarts, values
from embprof.measurements.memory.growth import growth, is_slowing, why_not
from embprof.measurements.memory.phases import NAMES
from embprof.model import Estimate, Figure, Slice

PHASED, WATCHED = "settled_rss", "elapsed"
"""Quantities that the parts and the growth rest on."""
KNOWN = ("phase_harness", "phase_imports", "component_weights", "component_tokenizer")
GROWTH = "rss_growth_mb_per_min"
LAST = "last restart"
"""What the figures rest on."""
AT_REST = ("steady_rss", "rss_delta", "anonymous", "pss", "uss", "heap_in_use")
AT_THE_END = ("gc_freed", "trim_freed", "settled_rss", "weights")
PARTS = ("weights", "tokenizer", "runtime", "activations", "other")
FIGURES = frozenset(
    {
        *(f"{name}_mb" for name in ("peak_rss", *AT_REST, *AT_THE_END)),
        *(f"component_{name}_mb" for name in PARTS),
        *(f"phase_{name}{kind}_mb" for name in (*NAMES, "calls") for kind in ("", "_peak")),
        *("calls", "calls_per_s", GROWTH),
    }
)
"""The names of all that a process is told to have, GPUs apart."""


def parts(measured: Sequence[Slice]) -> Conclusion:
    """Parts of the high-water mark, and what measured calls added to memory at rest."""
    last = restarts(measured)[-1]
    settled, at_rest = _last("settled_rss", last), _last("steady_rss", last)
    peak = max(values(last, "peak_rss"), default=None)
    if settled is None or at_rest is None or peak is None:
        return Conclusion()
    phases = (_last(f"phase_{name}", last) or 0.0 for name in NAMES if name != "inputs")
    found = {
        "phase_calls_mb": at_rest - sum(phases),
        "component_activations_mb": peak - settled,
        "component_other_mb": settled - sum(_last(name, last) or 0.0 for name in KNOWN),
    }
    if (imports := _last("phase_imports", last)) is not None:
        found["component_runtime_mb"] = imports
    return Conclusion(figures=tuple(plain(name, "MB", mb, LAST) for name, mb in found.items()))


def watched(measured: Sequence[Slice]) -> Conclusion:
    """Calls a second of the time in which they were made, and the growth at rest."""
    last = [piece for piece in restarts(measured)[-1] if piece.values("elapsed")]
    seconds = [piece.values("elapsed")[-1] for piece in last]
    sizes = [piece.values("steady_rss")[-1] for piece in last]
    calls = sum(sum(piece.values("calls")) for piece in last)
    spent = sum(piece.seconds for piece in last)
    figures: list[Figure] = []
    if calls and spent:
        figures.append(plain("calls_per_s", "calls/s", calls / spent, LAST, better="higher"))
    if reason := why_not(seconds):
        figures.append(figure(GROWTH, "MB/min", None, note=f"n/a ({reason})"))
        return Conclusion(figures=tuple(figures))
    estimate = growth(seconds, sizes)
    figures.append(figure(GROWTH, "MB/min", estimate))
    return Conclusion(figures=tuple(figures), outcomes={"growth": _word(estimate, seconds, sizes)})


def _word(estimate: Estimate, seconds: Sequence[float], sizes: Sequence[float]) -> str:
    """``none`` where it is not told from nothing, ``slowing`` or ``growing``."""
    if estimate.low is None or estimate.low <= 0:
        return "none"
    return "slowing" if is_slowing(seconds, sizes) else "growing"


def _last(name: str, slices: Sequence[Slice]) -> float | None:
    read = values(slices, name)
    return read[-1] if read else None
