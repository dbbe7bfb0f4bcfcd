"""Interruptions, once: the first ends the work, the rest are ignored while it is put away.

Somebody who presses ctrl-C twice must not lose what the first was about to save. Ctrl-C raises
KeyboardInterrupt, as always; SIGTERM and SIGHUP (a batch system, a closed terminal) raise
Terminated.
"""

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

EXIT_CODE = 130
"""What an interrupted command ends with, as shells have it (128 + SIGINT)."""
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Terminated(KeyboardInterrupt):
    """This process was told to end, by the signal of that name."""

    def __init__(self, signal: str = "SIGTERM") -> None:
        self.signal = signal
        super().__init__(signal)


@contextlib.contextmanager
def interruptible_once() -> Iterator[None]:
    """Lets the first of the signals through as an exception, and none after it."""
    before = {number: signal.signal(number, _first) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _first(number: int, _frame: FrameType | None) -> None:
    for later in SIGNALS:
        signal.signal(later, signal.SIG_IGN)
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise Terminated(signal.Signals(number).name)
