"""Where memory was taken that calls did not give back: a pass of its own after the verdict.

memray notes every allocation with its stack, native frames too, and which were freed: small objects
of Python's own allocator as well, which costs time (so nothing is timed here, and the verdict was
reached without it). What calls left behind is not all leak: what a cache took in is listed beside
it, by size. The collector has its turn before the account is made.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from embprof.interface import steps
from embprof.interface.workload import Workload
from embprof.model import Samples

if TYPE_CHECKING:
    from memray import AllocationRecord

PLACES = "leak_places.json"
FLAME_GRAPH = "leak_flamegraph.html"
MOST_PLACES = 20
DEEPEST = 40
"""Frames of a stack."""
FLAME_GRAPH_SECONDS = 120
Place = dict[str, Any]


@dataclass(kw_only=True)
class LeakPlace:
    """Bytes left behind by each line of code; ``warmup`` calls come first, unwatched."""

    account: ClassVar[str] = "embprof.measurements.leak.account.PLACE"

    warmup: int = 100
    isolation: Literal["fork", "fresh"] = field(default="fresh", init=False)

    def open(self, workload: Workload) -> None:
        """Warms up. Raises ModuleNotFoundError where there is no memray."""
        import memray  # not everywhere: there is none for Windows

        self._memray = memray
        self._workload = workload
        self._folder = Path(tempfile.mkdtemp())
        self._places: list[Place] = []
        for _ in range(self.warmup):
            self._call()

    def observe(self, iterations: int) -> Sequence[Samples]:
        """Watches that many calls; what they left behind, in all."""
        memray, trace = self._memray, self._folder / "trace.bin"
        gc.collect()
        with memray.Tracker(trace, native_traces=True, trace_python_allocators=True):
            for _ in range(iterations):
                self._call()
            gc.collect()
        with memray.FileReader(trace) as reader:
            left = list(reader.get_leaked_allocation_records(merge_threads=True))
            self._places = _places(left, iterations)
        self._draw(trace)
        trace.unlink()
        return (Samples.of("left_behind", "B", float(sum(record.size for record in left))),)

    def description(self) -> Mapping[str, str | int | float | bool | None]:
        """The line of code that left most behind."""
        if not self._places:
            return {"leak_place": None}
        most = self._places[0]
        at = f"{most['file']}:{most['line']} in {most['function']}"
        return {"leak_place": f"{at}, {most['bytes_a_call']:,.0f} B a call"}

    def close(self) -> Sequence[Path]:
        """``leak_places.json``, and the flame graph where it could be drawn."""
        file = self._folder / PLACES
        file.write_text(json.dumps(self._places, indent=2) + "\n", encoding="utf-8")
        flame_graph = self._folder / FLAME_GRAPH
        return (file, flame_graph) if flame_graph.exists() else (file,)

    def _call(self) -> None:
        steps.prepare(self._workload, 1)
        self._workload.step()
        steps.counts(self._workload)

    def _draw(self, trace: Path) -> None:
        """Draws what was left behind; --no-web puts all that the page needs into it."""
        page = str(self._folder / FLAME_GRAPH)
        arguments = ("flamegraph", "--leaks", "--no-web", "--force", "--output", page, str(trace))
        subprocess.run(  # noqa: S603  (this interpreter, and our own words)
            [sys.executable, "-P", "-m", "memray", *arguments],
            stdout=subprocess.DEVNULL,
            timeout=FLAME_GRAPH_SECONDS,
            check=False,
        )


def _places(left: Sequence[AllocationRecord], calls: int) -> list[Place]:
    """The lines of code that left most behind, each with the stack that left most there."""
    by_line: dict[tuple[str, str, int], list[AllocationRecord]] = defaultdict(list)
    for record in left:
        frames = record.stack_trace(max_stacks=1)
        by_line[frames[0] if frames else ("?", "?", 0)].append(record)
    sizes = {line: sum(record.size for record in records) for line, records in by_line.items()}
    largest = sorted(sizes, key=lambda line: sizes[line], reverse=True)[:MOST_PLACES]
    return [_place(line, sizes[line], by_line[line], calls) for line in largest]


def _place(
    line: tuple[str, str, int], size: int, records: Sequence[AllocationRecord], calls: int
) -> Place:
    function, file, number = line
    most = max(records, key=lambda record: record.size)
    return {
        "function": function,
        "file": file,
        "line": number,
        "bytes": size,
        "bytes_a_call": size / calls,
        "allocations": sum(record.n_allocations for record in records),
        "python_stack": _frames(most.stack_trace(max_stacks=DEEPEST)),
        "native_stack": _frames(most.hybrid_stack_trace(max_stacks=DEEPEST)),
    }


def _frames(stack: Sequence[tuple[str, str, int]]) -> list[str]:
    """Innermost first: ``function (file:line)``."""
    return [f"{function} ({file}:{line})" for function, file, line in stack]
