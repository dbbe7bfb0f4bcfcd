"""What the calls of a slice cost: what gates and races compare."""

from embprof.errors import WorkerError
from embprof.model import Slice, Status


def costs(piece: Slice) -> list[float]:
    """What each call cost: seconds an item, or the inverse of what is better when higher.

    Raises WorkerError for readings that are no costs.
    """
    primary = piece.samples[0]
    if not has_costs(piece):
        reason = f"{primary.name} must be above zero, and over an item at least, to be compared"
        raise WorkerError(Status.FAILED, reason)
    if primary.better == "higher":
        return [1 / value for value in primary.values]
    items = primary.items or (1,) * len(primary.values)
    return [value / done for value, done in zip(primary.values, items, strict=True)]


def has_costs(piece: Slice) -> bool:
    """Whether what was read can be compared as a ratio."""
    primary = piece.samples[0]
    return min((*primary.values, *primary.items)) > 0
