"""Where the time of a call goes: by stage, and by function; and what looking costs.

Physics: whoever looks slows down. So each slice has three kinds of calls, in an order drawn by lot:
bare ones, from which throughput and latency are read as ever; calls with marks between their
stages; calls under a profiler. What marks and profiler add is the difference to the bare calls
beside them.

What can go wrong: stages and functions are those of slowed calls, and small functions that are
called often are slowed most (compare shares, and see the overhead beside them); a profiler sees one
thread, and time in which a library's threads work is time of the function that waits for them;
shares of a short run are rough (samples are counted, and the error is said).
"""

import contextlib
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

from embprof.backends.finding import KEY, with_class
from embprof.interface import steps
from embprof.interface.classes import find_light_class
from embprof.interface.operators import TellsOperators
from embprof.interface.workload import Stages, Workload
from embprof.measurements.profile import profilers
from embprof.measurements.profile.profilers import allocations
from embprof.measurements.profile.profilers.functions import as_json, as_text
from embprof.measurements.profile.profilers.stage_table import StageTable
from embprof.measurements.profile.profilers.worth import worth_optimising
from embprof.model import Samples

LONGEST_MS = 1000.0
"""Between two samples."""
ALLOCATION_CALLS = 3
"""Calls in which allocations are counted: they repeat themselves."""
STAGES, FUNCTIONS, TABLE, WORTH = (
    "stages.json",
    "functions.json",
    "functions.txt",
    "worth_optimising.json",
)


@dataclass(kw_only=True)
class Profile:
    """Bare calls, calls with timed stages and calls under a profiler, in turn."""

    account: ClassVar[str] = "embprof.measurements.profile.account.PROFILE"

    ungated: ClassVar[str] = "what it observes it slows down; gate the throughput"

    isolation: Literal["fork", "fresh"] = field(default="fork", init=False)
    profiler: profilers.Name = "pyinstrument"
    interval_ms: float = 1.0
    clock: Callable[[], float] = time.perf_counter

    def __post_init__(self) -> None:
        """Raises ValueError for parameters that make no sense."""
        if self.profiler not in profilers.CLASSES:
            known = ", ".join(profilers.CLASSES)
            raise ValueError(f"profiler={self.profiler}: must be one of {known}")
        is_number = isinstance(self.interval_ms, int | float) and self.interval_ms > 0
        if not is_number or self.interval_ms > LONGEST_MS:
            raise ValueError(
                f"interval_ms={self.interval_ms}: must be above 0, and {LONGEST_MS:g} at most"
            )

    def load(self, workload: Workload) -> None:
        """Gets the profiler ready, and has it watch how the workload is loaded."""
        self._profiler = profilers.profiler(self.profiler, self.interval_ms / 1e3)
        watching: AbstractContextManager[None] = contextlib.nullcontext()
        if isinstance(self._profiler, profilers.WatchesLocks):
            watching = self._profiler.loading()
        with watching:
            workload.load()

    @classmethod
    def refusals(cls, config: Mapping[str, Any]) -> Iterator[str]:
        """A profiler of operators whose runtime does not compute the workload."""
        name, backend = config["measurement"].get("profiler"), config["workload"].get(KEY)
        target = with_class(backend)["_target_"] if isinstance(backend, Mapping) else None
        tells = isinstance(find_light_class(str(target)), TellsOperators) if target else False
        if name == "runtime" and not tells:
            yield (
                "measurement.profiler=runtime: ONNX Runtime and OpenVINO tell times of operators; "
                "use backend=onnx or backend=openvino with an embedding or nli, or "
                "measurement.profiler=torch"
            )
        if name == "torch" and tells:
            yield (
                f"measurement.profiler=torch: backend={backend['name']} computes without PyTorch; "
                "use measurement.profiler=runtime"
            )

    def open(self, workload: Workload) -> None:
        """Notes what the workload can tell; raises TypeError where the profiler needs more."""
        self._workload = workload
        if isinstance(self._profiler, profilers.WatchesWorkload):
            self._profiler.attach(workload)
        self._stages = workload if isinstance(workload, Stages) else None
        self._random = random.Random(0)
        self.measuring()

    def measuring(self) -> None:
        """Forgets what was seen while warming up."""
        self._profiler.forget()
        self._bare_seconds: list[float] = []
        self._profiled_seconds: list[float] = []
        names = self._stages.stages() if self._stages is not None else ()
        self._table = StageTable(names)

    def observe(self, iterations: int) -> Sequence[Samples]:
        """So many calls of each kind; ``call_time`` of the bare ones first."""
        kinds: dict[str, Callable[[int], Sequence[Samples]]] = {
            "bare": self._bare,
            "staged": self._staged,
            "profiled": self._profiled,
        }
        if self._stages is None:
            del kinds["staged"]
        found = {
            kind: kinds[kind](iterations) for kind in self._random.sample([*kinds], len(kinds))
        }
        return [samples for kind in kinds for samples in found[kind]]

    def close(self) -> Sequence[Path]:
        """The profile: by stage and by function, for reading, for programs and for looking at."""
        folder = Path(tempfile.mkdtemp())
        rows = as_json(self._profiler.functions(), len(self._profiled_seconds))
        seen = self._profiler.write(folder)  # some look once more for it
        files = {WORTH: self._worth(rows)}
        if not isinstance(self._profiler, profilers.WatchesLocks):
            files[FUNCTIONS] = self._functions(rows)
        if self._stages is not None:
            files[STAGES] = self._table.as_json(self._bare_seconds)
        for name, content in files.items():
            (folder / name).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        written = [folder / name for name in files]
        if FUNCTIONS in files:
            (folder / TABLE).write_text(as_text(rows, self._title()), encoding="utf-8")
            written.append(folder / TABLE)
        return [*written, *seen]

    def _bare(self, iterations: int) -> Sequence[Samples]:
        steps.prepare(self._workload, iterations)
        times, items = steps.timed(self._workload.step, iterations, self.clock)
        self._bare_seconds += times
        return [Samples.of("call_time", "s", *times, items=items)]

    def _staged(self, iterations: int) -> Sequence[Samples]:
        assert self._stages is not None
        clock, step = self.clock, self._workload.step
        steps.prepare(self._workload, iterations)
        times: list[float] = []
        stage_seconds: list[Mapping[str, float]] = []
        with self._stages.time_stages() as timer:
            for _ in range(iterations):
                started = clock()
                step()
                seconds = clock() - started
                times.append(seconds)
                stage_seconds.append(self._table.add(seconds, timer.take()))
        stages = [
            _milliseconds(f"stage_{name}", [part[name] for part in stage_seconds])
            for name in self._table.stages
        ]
        return [_milliseconds("staged_call", times), *stages]

    def _profiled(self, iterations: int) -> Sequence[Samples]:
        clock, step = self.clock, self._workload.step

        def call() -> float:
            started = clock()
            step()
            return clock() - started

        steps.prepare(self._workload, iterations + self._profiler.unwatched)
        times = self._profiler.watch(call, iterations)
        self._profiled_seconds += times
        return [_milliseconds("profiled_call", times)]

    def _functions(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        return {
            "profiler": self.profiler,
            "interval_ms": self.interval_ms if self.profiler == "pyinstrument" else None,
            "calls": len(self._profiled_seconds),
            "call_ms": _mean_ms(self._profiled_seconds),
            "bare_call_ms": _mean_ms(self._bare_seconds),
            "functions": rows,
        }

    def _worth(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        steps.prepare(self._workload, ALLOCATION_CALLS)
        waits, unknown = None, {}
        if isinstance(self._profiler, profilers.WatchesLocks):
            waits, unknown["functions"] = self._profiler.waits(), "profiler: gil watches waiting"
        else:
            unknown["lock_waits"] = "only profiler: gil sees them"
        try:
            found = allocations.sites(self._workload.step, ALLOCATION_CALLS)
        except ModuleNotFoundError as error:
            found, unknown["allocation_sites"] = None, str(error)
        return worth_optimising(rows, found, waits, unknown)

    def _title(self) -> str:
        sampled = f", a sample every {self.interval_ms:g} ms" * (self.profiler == "pyinstrument")
        return (
            f"{self.profiler}{sampled}: {len(self._profiled_seconds)} calls of "
            f"{_mean_ms(self._profiled_seconds):.3g} ms; without it "
            f"{_mean_ms(self._bare_seconds):.3g} ms"
        )


def _milliseconds(name: str, seconds: Sequence[float]) -> Samples:
    return Samples.of(name, "ms", *(1e3 * one for one in seconds))


def _mean_ms(seconds: Sequence[float]) -> float:
    return 1e3 * sum(seconds) / len(seconds) if seconds else 0.0
