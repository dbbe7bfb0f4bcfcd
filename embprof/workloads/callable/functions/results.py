"""A call is over when its result is there, whatever kind of function made it.

A coroutine has done nothing yet when it is returned, nor has a generator; work on a CUDA device
goes on behind a function that has returned. So a coroutine is run, a generator exhausted and the
device waited for, within the call that is measured. What comes out is let go.
"""

from __future__ import annotations

import collections
import sys
import threading
from collections.abc import AsyncGenerator
from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio

UNFINISHED = frozenset({CoroutineType, GeneratorType, AsyncGeneratorType})


class Results:
    """Brings results about; every calling thread has an event loop of its own, once it needs one.

    A loop stays from call to call, as that of a service does, so that clients may keep connections.
    """

    def __init__(self) -> None:
        self._of_thread = threading.local()
        self._runners: list[asyncio.Runner] = []

    def finish(self, result: object) -> None:
        """Returns when all that the call started is done."""
        if type(result) in UNFINISHED:  # exact types, and twice as fast as isinstance
            self._run(result)
        torch = sys.modules.get("torch")
        if torch is not None and torch.cuda.is_initialized():
            torch.cuda.synchronize()

    def close(self) -> None:
        """Ends the event loops; nothing may be called meanwhile."""
        while self._runners:
            self._runners.pop().close()

    def _run(self, result: Any) -> None:
        if isinstance(result, GeneratorType):
            collections.deque(result, maxlen=0)
            return
        work = _exhaust(result) if isinstance(result, AsyncGeneratorType) else result
        self._runner().get_loop().run_until_complete(work)

    def _runner(self) -> asyncio.Runner:
        runner: asyncio.Runner | None = getattr(self._of_thread, "runner", None)
        if runner is None:
            import asyncio  # a service without it starts sooner, and has its own memory

            runner = self._of_thread.runner = asyncio.Runner()
            self._runners.append(runner)
        return runner


async def _exhaust(generator: AsyncGenerator[Any, None]) -> None:
    async for _ in generator:
        pass
