"""The columns of a search for the capacity: the rate, what was missed above it, and the end."""

from collections.abc import Sequence

from embprof.interface.column import Column, interval, outcome, value, whole
from embprof.measurements.load.capacity_figures import NAME
from embprof.model import Run


def columns(runs: Sequence[Run]) -> list[Column]:
    """Calls and items a second; the target is in the question."""
    items = {str(run.description.get("items", "items")) for run in runs}
    heading = items.pop() if len(items) == 1 else "items"
    return [
        value(NAME, "calls/s"),
        interval(NAME),
        value("capacity_missed_calls_per_s", "missed at"),
        value("capacity_items_per_s", f"{heading}/s"),
        outcome("capacity", "capacity"),
        whole("probes", "tries", spare=1),
    ]
