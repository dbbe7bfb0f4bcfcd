"""Counts every call of every function, with cProfile.

What can go wrong: each call of a function costs about a microsecond more, so small functions seem
larger than they are; the number of calls is exact, the times are for comparing like with like. Only
the thread that calls is seen.
"""

import cProfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from embprof.measurements.profile.profilers.functions import Functions, FunctionTime, is_own, short

FILE = "profile.prof"


class Cprofile:
    """A counting profiler for Python code of one thread, built-in functions included."""

    unwatched = 0

    def __init__(self, _interval: float) -> None:
        self.forget()

    def watch(self, call: Callable[[], float], calls: int) -> list[float]:
        """Makes the calls with the profiler on."""
        self._profile.enable()
        try:
            return [call() for _ in range(calls)]
        finally:
            self._profile.disable()

    def forget(self) -> None:
        """Starts anew."""
        self._profile = cProfile.Profile()

    def functions(self) -> Functions:
        """Calls and time by function."""
        rows = []
        self._profile.create_stats()
        stats: dict[tuple[str, int, str], tuple[Any, ...]] = vars(self._profile)["stats"]
        for (file, line, name), (_, calls, own, cumulative, _) in stats.items():
            if is_own(file) or "_lsprof.Profiler" in name:
                continue
            rows.append(
                FunctionTime(
                    function=name,
                    file=short(file),
                    line=line or None,
                    self_seconds=own,
                    cumulative_seconds=cumulative,
                    calls=calls,
                )
            )
        return Functions(seconds=sum(row.self_seconds for row in rows), rows=tuple(rows))

    def write(self, folder: Path) -> Sequence[Path]:
        """For ``python -m pstats``, snakeviz and their like."""
        file = folder / FILE
        self._profile.dump_stats(file)
        return (file,)
