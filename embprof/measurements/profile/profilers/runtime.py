"""Time by operator of ONNX Runtime or OpenVINO, as the runtime itself tells it.

What can go wrong: a runtime that keeps times is slower, most where operators are small; what a
runtime has merged into one operator is told as one; operators that run side by side, in several
streams or threads of their own, may add up to more than the wall time of a call; and time outside
of the graph, in tokenising and padding, is nobody's and is missing from the sum.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from embprof.interface.operators import OperatorWatch, WatchesOperators
from embprof.interface.workload import Workload
from embprof.measurements.profile.profilers.functions import OPERATOR, Functions, FunctionTime

OPERATORS = "operators.json"


class Runtime:
    """A profile of the operators of a graph."""

    unwatched = 0

    def __init__(self, _interval: float) -> None:
        self._watch: OperatorWatch | None = None
        self._seconds = 0.0
        self._calls = 0

    def attach(self, workload: Workload) -> None:
        """Raises TypeError for a workload whose runtime tells of no operators."""
        if not isinstance(workload, WatchesOperators):
            raise TypeError(f"{type(workload).__name__} tells no times of operators")
        self._workload = workload

    def watch(self, call: Callable[[], float], calls: int) -> list[float]:
        """Makes so many calls, computed by a graph that keeps times."""
        if self._watch is None:
            self._watch = self._workload.watch_operators()
        with self._watch.watching():
            seconds = [call() for _ in range(calls)]
        self._seconds += sum(seconds)
        self._calls += calls
        return seconds

    def forget(self) -> None:
        """Starts anew, with a graph that has kept nothing yet."""
        if self._watch is not None:
            self._watch.times()
        self._watch, self._seconds, self._calls = None, 0.0, 0

    def functions(self) -> Functions:
        """Time and calls by kind of operator; shares are of the calls' wall time."""
        self._times = [] if self._watch is None else self._watch.times()
        sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0])
        for one in self._times:
            sums[one.kind][0] += one.seconds
            sums[one.kind][1] += one.calls
        rows = tuple(
            FunctionTime(
                function=kind,
                file=OPERATOR,
                line=None,
                self_seconds=seconds,
                cumulative_seconds=seconds,
                calls=round(calls),
            )
            for kind, (seconds, calls) in sums.items()
        )
        return Functions(seconds=self._seconds, rows=rows)

    def write(self, folder: Path) -> Sequence[Path]:
        """Each operator of the graph by its name, and what the runtime wrote itself."""
        ordered = sorted(self._times, key=lambda one: -one.seconds)
        rows = [
            {
                "operator": one.kind,
                "name": one.name,
                "ms": 1e3 * one.seconds / max(self._calls, 1),
                "percent": 100 * one.seconds / self._seconds if self._seconds else 0.0,
                "calls": one.calls / max(self._calls, 1),
            }
            for one in ordered
        ]
        (folder / OPERATORS).write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
        own = () if self._watch is None else self._watch.write(folder)
        return [folder / OPERATORS, *own]
