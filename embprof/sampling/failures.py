"""What an exception in a worker means for its job."""

import traceback
from dataclasses import dataclass

from embprof.model import Status

OUT_OF_MEMORY_TYPES = ("MemoryError", "OutOfMemoryError", "ArrayMemoryError")
"""By name, since torch (``torch.cuda.OutOfMemoryError``) and numpy need not be imported to tell."""
OUT_OF_MEMORY_WORDS = (
    "can't allocate memory",
    "out of memory",
    "bad_alloc",
    "Cannot allocate memory",
)
"""What PyTorch's CPU allocator, CUDA and libc say in a plain RuntimeError or OSError."""
REASON_LENGTH = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Sent by a worker in place of an answer."""

    status: Status
    reason: str
    details: str


def describe(error: BaseException) -> Failure:
    """The status, a reason of one line, and the traceback."""
    if type(error).__name__ == "InstantiationException" and error.__cause__ is not None:
        return describe(error.__cause__)  # Hydra's wrapping of what a plug-in's class raised
    kind = type(error).__name__
    first_line = (str(error).strip().splitlines() or [""])[0]
    notes = getattr(error, "__notes__", ())  # which part of a workload it was, say (PEP 678)
    first_line = "; ".join(filter(None, [first_line, *notes]))[:REASON_LENGTH]
    status = Status.FAILED
    if kind in OUT_OF_MEMORY_TYPES or any(word in str(error) for word in OUT_OF_MEMORY_WORDS):
        status = Status.OUT_OF_MEMORY
    elif kind == "DeviceUnavailableError":
        return Failure(status=Status.SKIPPED, reason=first_line, details="")
    return Failure(
        status=status,
        reason=f"{kind}: {first_line}" if first_line else kind,
        details="".join(traceback.format_exception(error)),
    )
