"""Phases of a process's life, and the memory that each of them took."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from embprof.machine import process_memory
from embprof.machine.process_memory import ProcessMemory
from embprof.model import Samples
from embprof.units import MEGA

NAMES = ("harness", "imports", "load", "inputs", "first_call", "warmup")
"""In order. The harness is the interpreter and embprof itself, which a service has not; ``load``
holds the imports of a workload that does not name them. The inputs are the corpus and what was made
of it for the first calls: a service gets its texts from others, so they are left out of what
follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """``taken`` bytes of resident memory more than before, ``peak`` of all the process within."""

    ended: float
    taken: int
    peak: int


class Phases:
    """Each ends when it is told to, and the next begins; seconds count from the first.

    ``left_out``: bytes of inputs, which the process has and a service has not.
    """

    def __init__(self, *, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._began = clock()
        self._rss = 0
        self.left_out = 0
        self._ended: dict[str, Phase] = {}

    def __contains__(self, name: str) -> bool:
        """Whether it has ended."""
        return name in self._ended

    def seconds(self) -> float:
        """Since the first phase ended, or now if none has."""
        return self._clock() - self._began

    def end(self, name: str) -> ProcessMemory:
        """Memory at its end; the next phase's high-water mark begins here."""
        now = process_memory.now()
        self._ended[name] = Phase(
            ended=self.seconds(),
            taken=now.rss - self._rss,
            peak=now.peak_rss - self.left_out,
        )
        self._rss = now.rss
        process_memory.reset_peak()
        return now

    def end_inputs(self, taken: int) -> None:
        """Ends the phase that no service has; the bytes it took are left out from now on."""
        self.end("inputs")
        self.left_out = taken

    def samples(self) -> list[Samples]:
        """``phase_NAME`` and ``phase_NAME_peak`` of each, and ``phase_ends`` of all in order."""
        last = partial(Samples.of, summary="last")
        found: list[Samples] = []
        for name, phase in self._ended.items():
            found.append(last(f"phase_{name}", "MB", phase.taken / MEGA))
            found.append(last(f"phase_{name}_peak", "MB", phase.peak / MEGA))
        return [*found, last("phase_ends", "s", *(phase.ended for phase in self._ended.values()))]
