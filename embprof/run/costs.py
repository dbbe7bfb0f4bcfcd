"""What calls, and whole restarts, cost: what gates and races compare."""

from collections.abc import Sequence

from embprof.errors import WorkerError
from embprof.interface.summaries import is_rate, items_of, summed_up
from embprof.model import Samples, Slice, Status


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
    return [value / done for value, done in zip(primary.values, items_of(primary), strict=True)]


def has_costs(piece: Slice) -> bool:
    """Whether what was read can be compared as a ratio."""
    return _are_above_zero(piece.samples[0])


def cost_of_restart(pieces: Sequence[Slice]) -> float | None:
    """What a restart read, as a cost: its first quantity, summed up as that quantity says.

    None where it read what is no cost.
    """
    every = [piece.samples[0] for piece in pieces if piece.samples and piece.samples[0].values]
    # What is read once at the end is of another quantity.
    primaries = [samples for samples in every if samples.name == every[0].name]
    if not all(map(_are_above_zero, primaries)):
        return None
    summed = summed_up(primaries)
    is_cost = primaries[0].better == "lower" or is_rate(primaries[0])
    return summed if is_cost else 1 / summed


def not_costs(name: str) -> str:
    """That rows cannot be compared in a quantity."""
    return f"{name} is not above zero throughout: rows cannot be compared in it"


def _are_above_zero(samples: Samples) -> bool:
    return min((*samples.values, *samples.items)) > 0
