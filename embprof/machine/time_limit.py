"""Calls that may never return, and whoever will not wait for them."""

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class StillRunningError(Exception):
    """The call has not returned within its time."""


def within(seconds: float, call: Callable[[], T]) -> T:
    """What the call returns or raises; raises StillRunningError after so many seconds.

    It runs in a thread that stays behind then: a daemon, since a silent server may hold it for
    minutes, and nothing waits for it.
    """
    returned: list[T] = []
    raised: list[Exception] = []

    def attempt() -> None:
        try:
            returned.append(call())
        except Exception as error:  # noqa: BLE001  (raised below, in the thread that waits)
            raised.append(error)

    thread = threading.Thread(target=attempt, name="embprof-within", daemon=True)
    thread.start()
    thread.join(seconds)
    if raised:
        raise raised[0]
    if not returned:
        raise StillRunningError
    return returned[0]
