"""Whether the starts of a job were what they are called: warm or cold."""

from collections.abc import Sequence

from embprof.interface.conclusion import Conclusion
from embprof.interface.readings import values
from embprof.measurements.load_time.starts.cold import COLD_SHARE, WARM_BYTES
from embprof.measurements.load_time.starts.init_parts import PARTS
from embprof.measurements.load_time.starts.readings import BESIDE, SHOWN, STAGES
from embprof.model import Slice
from embprof.units import metric_name

QUANTITY = "disk_read"
RESIDENT = "resident_before"
"""Read of cold starts alone, where the system tells."""
FIGURES = frozenset(
    {
        *(metric_name(name, unit) for name, (unit, _, _) in STAGES.items()),
        *(metric_name(name, unit) for name, (unit, _) in BESIDE.items()),
        *(f"model_init_{part}_s" for part in (*PARTS, "other")),
        *("late_imports_s", "harness_s", "disk_read_mb", "load_memory_mb", "peak_rss_mb"),
        *(f"rss_{moment}_mb" for moment in SHOWN),
    }
)
"""The names of all figures."""


def start(measured: Sequence[Slice]) -> Conclusion:
    """The outcome ``start``: ``cold``, ``not_cold``, ``warm`` or ``not_warm``, the worst of all."""
    if resident := values(measured, RESIDENT):
        word = "cold" if max(resident) <= 100 * COLD_SHARE else "not_cold"
    else:
        word = "warm" if max(values(measured, QUANTITY)) <= WARM_BYTES / 1e6 else "not_warm"
    return Conclusion(outcomes={"start": word})
