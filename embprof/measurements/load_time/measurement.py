"""How long a service takes from nothing to its first answer, and what that time goes on.

Physics: a start is an interpreter that comes up, libraries that are imported, a model that is read,
built and moved to its device, and a first call that fills what is filled lazily. Nothing of it
happens twice in a process, so every reading is a process of its own: a bare interpreter
(:mod:`embprof.starts`), of which this worker only knows when it was started.

What can go wrong, and what is done: embprof's own imports make those of the service look cheap
(they come after them, and are not counted); a start that reads from disk is taken for a warm one
(it is thrown away, once, and counted); one called cold was not (the share that had stayed in memory
is read, and told with who holds it); a started process outlives its worker (the kernel ends it).
The log of imports costs less than can be seen beside the noise (docs/how-to/load-time.md).
"""

import importlib
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

from embprof.interface.workload import ImportsAsAsked, Workload
from embprof.machine.process_facts import Facts
from embprof.measurements.load_time import page_cache
from embprof.measurements.load_time.starts import cold, import_log, import_report, readings
from embprof.measurements.load_time.starts import start as process
from embprof.measurements.load_time.starts.start import Start
from embprof.model import Samples

EMBPROF = "embprof."
COLD = "cold"


@dataclass(kw_only=True)
class LoadTime:
    """The stages of a start: interpreter, imports, model init, first, second and steady calls.

    ``start`` is ``warm`` (what it reads is in memory) or ``cold`` (taken out of it before);
    ``imports`` names the modules to import in place of those that the workload names; ``evict``
    files and folders that a cold start reads beside libraries and what the workload's configuration
    names; ``steady_calls`` is how many calls after the second tell what a call takes later on.
    """

    account: ClassVar[str] = "embprof.measurements.load_time.account.LOAD_TIME"

    start: Literal["warm", "cold"] = "warm"
    imports: Sequence[str] | None = None
    evict: Sequence[str] = ()
    steady_calls: int = 5
    isolation: Literal["fork", "fresh"] = field(default="fresh", init=False)

    def __post_init__(self) -> None:
        """Raises ValueError for parameters that nothing could be done with."""
        if self.start not in ("warm", COLD):
            raise ValueError(f"start={self.start}: must be warm or cold")
        if self.steady_calls < 1:
            raise ValueError(f"steady_calls={self.steady_calls}: must be at least 1")

    @classmethod
    def let_go_of_files(cls, measurement: Mapping[str, Any]) -> bool:
        """Lets go of what this process has mapped before a cold start; True for one."""
        if measurement.get("start") != "cold":
            return False
        page_cache.let_go()
        return True

    def configure(self, workload: Mapping[str, Any], paths: Sequence[str]) -> None:
        """Notes what is to be started."""
        self._workload = workload
        given = self.imports
        self._modules = tuple(imports_of(workload) if given is None else given)
        self._request = {
            "workload": workload,
            "steady_calls": self.steady_calls,
            "roots": [*paths, str(Path.cwd())],
            "files": self.start == COLD,
        }
        self._not_cold: str | None = None

    def open(self, workload: Workload) -> None:
        """Is never called: the workload is made in the started processes alone."""

    def observe(self, iterations: int) -> Sequence[Samples]:
        """``total_load`` of each start first, then its stages."""
        starts, extras = [], []
        for _ in range(iterations):
            one, extra = self._cold() if self.start == COLD else self._warm()
            starts.append(one)
            extras += extra
        self._last = starts[-1]
        return (*readings.samples(starts), *extras)

    def facts(self) -> Facts:
        """What the last start ran."""
        return self._last.facts

    def description(self) -> Mapping[str, str | int | float | bool | None]:
        """What the workload described, what was imported, and which imports are dear."""
        stages = import_log.parse(self._last.import_log)
        candidates = import_report.candidates(stages.get("import", ()))
        return {
            **self._last.described,
            "imports": " ".join(self._modules),
            "lazy_import_candidates": import_report.in_words(candidates),
            **({} if self._not_cold is None else {"not_cold": self._not_cold}),
        }

    def close(self) -> Sequence[Path]:
        """The imports of the last start, as JSON and as text."""
        folder = Path(tempfile.mkdtemp(prefix="embprof-imports-"))
        return import_report.write(import_log.parse(self._last.import_log), folder)

    def _warm(self) -> tuple[Start, list[Samples]]:
        one = process.start(self._request, self._modules)
        thrown_away = one.disk_bytes > cold.WARM_BYTES
        if thrown_away:  # with its libraries now in memory, the next one is what was asked for
            one = process.start(self._request, self._modules)
        return one, [readings.of_one("throwaway_starts", float(thrown_away))]

    def _cold(self) -> tuple[Start, list[Samples]]:
        evicted = cold.evict(self._workload, self._modules, self.evict)
        one = process.start(self._request, self._modules)
        share = evicted.share_left(one.files)
        if share is None or share > cold.COLD_SHARE:
            self._not_cold = evicted.reason(one.files)
        return one, [] if share is None else [readings.of_one("resident_before", 100 * share)]


def imports_of(workload: Mapping[str, Any]) -> Sequence[str]:
    """What a service with a workload of this configuration imports when it starts."""
    target = workload["_target_"]
    module, _, name = target.rpartition(".")
    if not target.startswith(EMBPROF):
        return (module,)
    cls = getattr(importlib.import_module(module), name)
    if isinstance(cls, ImportsAsAsked):
        return cls.imports_of(workload)
    found: Sequence[str] = getattr(cls, "imports", ())
    return found
