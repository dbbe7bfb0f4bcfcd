"""Many callers at once: threads that wait for no time but for their own calls.

They stay from slice to slice, as the threads of a service do: the allocator gives each an arena of
its own, and OpenMP a team of compute threads, and a new thread would pay for both again.
"""

import threading
from collections.abc import Callable
from queue import SimpleQueue


class Callers:
    """``count`` threads, each of which calls ``step`` as often as it is told."""

    def __init__(self, step: Callable[[], int], count: int) -> None:
        self._step = step
        self._inboxes: list[SimpleQueue[int | None]] = [SimpleQueue() for _ in range(count)]
        self._done: SimpleQueue[int | BaseException] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._serve, args=(inbox,), name="embprof-caller", daemon=True)
            for inbox in self._inboxes
        ]
        for thread in self._threads:
            thread.start()

    def run(self, calls: int) -> int:
        """Every caller calls so often; returns the items done by all, when all have.

        The first error of a caller is raised here, when the others have ended too.
        """
        for inbox in self._inboxes:
            inbox.put(calls)
        answers = [self._done.get() for _ in self._inboxes]
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
        return sum(answer for answer in answers if isinstance(answer, int))

    def close(self) -> None:
        """Ends the threads."""
        for inbox in self._inboxes:
            inbox.put(None)
        for thread in self._threads:
            thread.join()

    def _serve(self, inbox: SimpleQueue[int | None]) -> None:
        while (calls := inbox.get()) is not None:
            try:
                self._done.put(sum(self._step() for _ in range(calls)))
            except BaseException as error:  # noqa: BLE001  (raised by run, in the caller's place)
                self._done.put(error)
