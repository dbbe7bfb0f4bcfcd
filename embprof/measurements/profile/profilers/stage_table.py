"""The times of stages over many calls, with what is left of each call as ``other``."""

from collections.abc import Mapping, Sequence
from typing import Any

from embprof.interface.stages import INSIDE, StageTime

OTHER = "other"
NOTHING = StageTime(seconds=0.0, calls=0)


class StageTable:
    """Adds up calls; ``names`` are all stages in the order of a call, parts behind their whole."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = tuple(names)
        self._times: dict[str, StageTime] = {}
        self._seconds = 0.0
        self._calls = 0

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages that make up a call, without their parts; ``other`` last."""
        return (*(name for name in self._names if INSIDE not in name), OTHER)

    def add(self, seconds: float, times: Mapping[str, StageTime]) -> Mapping[str, float]:
        """Adds a call; its seconds by stage, which make up ``seconds`` together.

        Raises ValueError for a stage that the workload did not name.
        """
        if unknown := times.keys() - set(self._names):
            raise ValueError(f"stages() does not name {', '.join(sorted(unknown))}")
        for name, time in times.items():
            self._times[name] = self._times.get(name, NOTHING) + time
        self._seconds += seconds
        self._calls += 1
        found = {name: times.get(name, NOTHING).seconds for name in self.stages if name != OTHER}
        found[OTHER] = seconds - sum(found.values())
        return found

    def as_json(self, bare_seconds: Sequence[float]) -> dict[str, Any]:
        """Milliseconds and calls a call, and the share of it, of every stage and part."""
        rows = [self._row(name, self._times.get(name, NOTHING)) for name in self._names]
        seconds = sum(self._times.get(name, NOTHING).seconds for name in self.stages)
        rows.append(self._row(OTHER, StageTime(seconds=self._seconds - seconds, calls=self._calls)))
        bare = 1e3 * sum(bare_seconds) / len(bare_seconds) if bare_seconds else None
        return {
            "calls": self._calls,
            "call_ms": self._per_call(self._seconds),
            "bare_call_ms": bare,
            "stages": rows,
        }

    def _row(self, name: str, time: StageTime) -> dict[str, Any]:
        inside = (
            one.seconds for path, one in self._times.items() if path.rpartition(INSIDE)[0] == name
        )
        return {
            "stage": name,
            "ms": self._per_call(time.seconds),
            "own_ms": self._per_call(time.seconds - sum(inside)),
            "percent": 100 * time.seconds / self._seconds if self._seconds else 0.0,
            "calls": time.calls / self._calls if self._calls else 0.0,
        }

    def _per_call(self, seconds: float) -> float:
        return 1e3 * seconds / self._calls if self._calls else 0.0
