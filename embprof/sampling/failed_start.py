"""How a start that failed becomes the reason of its job."""

import signal
from typing import Self

from embprof.sampling.isolation import oom_kills
from embprof.sampling.processes import ending

LAST_WORDS = 300
"""Characters of the last line that a process wrote."""


class InStartedProcessError(Exception):
    """Carries the traceback of the other process into this one's."""

    def __str__(self) -> str:
        return f"\n{self.args[0]}"


class Failed(Exception):  # noqa: N818  (its subclasses are named for what was raised there)
    """An error that was raised in a started process."""

    @classmethod
    def like(cls, kind: str, message: str, details: str) -> Self:
        """An error with that name, which decides what it means for the job, and that message."""
        error: Self = type(kind, (cls,), {})(message)
        error.__cause__ = InStartedProcessError(details)
        return error


class StartedProcessDiedError(Exception):
    """A started process ended without a word."""


def failure(code: int, output: str, *, oom_kills_before: int) -> Exception:
    """What is to be said of a process that ended with ``code`` after it had ``said`` something."""
    if -code == signal.SIGKILL and oom_kills() > oom_kills_before:
        return MemoryError("the started process was killed by the kernel: out of memory")
    lines = output.strip().splitlines()
    without = "" if code < 0 else ", without an answer"
    sentence = f"the started process was {ending(code)}{without}"
    return StartedProcessDiedError(": ".join([sentence, *lines[-1:]])[:LAST_WORDS])
