"""The measured process: does what its parent asks, slice by slice, and nothing beside it.

It sits in ``recv`` until asked, so between slices it uses no CPU. What the workload prints goes to
a file. It ends when its parent does: a thread that blocks on a pipe held open by the parent alone
(and so costs nothing while it waits) ends the process when that pipe breaks, even if the workload
hangs.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from embprof.model import Samples
from embprof.sampling import allocator, facts
from embprof.sampling.canary import Canary
from embprof.sampling.facts import Facts
from embprof.sampling.failures import describe

PARENT_GONE = 86
"""Exit code of a worker whose parent died."""
STARTS = "starts"
"""Items of a measurement whose every iteration starts the workload anew."""
FIRST_TO_BE_KILLED = "1000"
"""oom_score_adj that makes the kernel end this process before any other when memory runs out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSpec:
    """All that a worker is started with. ``log`` takes what the workload prints.

    ``executable`` is the Python it runs in; ``paths`` are folders that come first where modules are
    looked for. ``canary`` times a fixed piece of work after every slice.
    """

    workload: Mapping[str, Any]
    measurement: Mapping[str, Any]
    threads: int
    environment: Mapping[str, str]
    log: str
    fresh: bool
    memory_limit_mb: float | None = None
    allocator: str = allocator.DEFAULT
    canary: bool = False
    executable: str = sys.executable
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsFresh:
    """Answer to ``open`` of a forked worker whose measurement needs an interpreter of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Answer to ``open``: how long loading took (seconds) and what the workload says of itself.

    ``restarts_every_call``: each iteration will be a process of its own.
    """

    load_seconds: float
    description: Mapping[str, Any]
    imported_torch: bool = False
    restarts_every_call: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """Answer to ``observe``: worker clock at the start, seconds in all, raw readings.

    ``cpu_seconds`` were used by the worker and by processes it waited for, canary included.
    """

    started: float
    seconds: float
    samples: tuple[Samples, ...]
    cpu_seconds: float = 0.0


def serve(connection: Connection, lifeline: Connection) -> None:
    """Runs in the worker until the parent says close, or is gone."""
    _end_with(lifeline)
    try:
        spec: WorkerSpec = connection.recv()
    except EOFError:
        return
    session = _Session(spec)
    verbs: dict[str, Callable[[Any], Any]] = {
        "open": session.open,
        "measuring": session.measuring,
        "observe": session.observe,
        "facts": session.facts,
        "close": session.close,
    }
    while True:
        try:
            verb, argument = connection.recv()
        except EOFError:
            return
        try:
            connection.send(verbs[verb](argument))  # pickles the whole answer before it sends
        except BaseException as error:  # noqa: BLE001  (whatever it is, it is the job's result)
            sys.stderr.flush()
            connection.send(describe(error))
            return
        if verb == "close":
            return


class _Session:
    def __init__(self, spec: WorkerSpec) -> None:
        self.spec = spec

    def open(self, _: None) -> Opened | NeedsFresh:
        """Creates and loads the workload and its measurement."""
        _redirect_output(self.spec.log)
        started = time.perf_counter()
        _prepare_process(self.spec)
        self.allocator = _settle_allocator(self.spec)
        from hydra.utils import instantiate  # after the environment is set: plug-ins import torch

        from embprof import measurements

        self.measurement = instantiate(self.spec.measurement)
        if self.measurement.isolation == "fresh" and not self.spec.fresh:
            return NeedsFresh()
        self.workload: Any = None
        starts = isinstance(self.measurement, measurements.StartsWorkload)
        if starts:
            self.measurement.configure(self.spec.workload, self.spec.paths)
        else:
            self.workload = instantiate(self.spec.workload)
            self._load()
        load_seconds = time.perf_counter() - started
        if not starts:
            self.measurement.open(self.workload)
        self.canary = Canary() if self.spec.canary else None
        return Opened(
            load_seconds=load_seconds,
            description=self._description(),
            imported_torch="torch" in sys.modules,
            restarts_every_call=starts,
        )

    def _load(self) -> None:
        from embprof import measurements

        if isinstance(self.measurement, measurements.LoadsWorkload):
            self.measurement.load(self.workload)
        else:
            self.workload.load()

    def measuring(self, _: None) -> None:
        """Warming up is over."""
        from embprof import measurements

        if isinstance(self.measurement, measurements.LeavesOutWarmup):
            self.measurement.measuring()

    def observe(self, iterations: int) -> Observed:
        """Runs a slice."""
        cpu_before, started = _cpu_seconds(), time.perf_counter()
        samples = tuple(_plain(one) for one in self.measurement.observe(iterations))
        seconds = time.perf_counter() - started
        if self.canary is not None:
            samples = (*samples, self.canary.reading())
        cpu_seconds = _cpu_seconds() - cpu_before
        return Observed(started=started, seconds=seconds, samples=samples, cpu_seconds=cpu_seconds)

    def facts(self, _: None) -> Facts:
        """What this process, or those that the measurement started, ran."""
        from embprof import measurements

        if self.workload is None:
            ran: Facts = self.measurement.facts()
        else:
            ran = facts.read([*self.spec.paths, str(Path.cwd())])
        if not isinstance(self.measurement, measurements.Describes):
            return ran
        return dataclasses.replace(ran, found=_described(self.measurement.description()))

    def close(self, _: None) -> tuple[Path, ...]:
        """Ends measurement and workload; returns the files to keep."""
        files = tuple(self.measurement.close())
        for file in files:
            if not file.is_file():
                raise FileNotFoundError(f"the measurement left no file {file}")
        if self.workload is not None:
            self.workload.close()
        return files

    def _description(self) -> dict[str, Any]:
        from embprof.workloads import Describes

        items = STARTS if self.workload is None else self.workload.items
        facts: dict[str, Any] = {"items": items, "threads": self.spec.threads}
        torch = sys.modules.get("torch")
        if torch is not None:
            facts["threads"] = torch.get_num_threads()
            facts["gpu"] = torch.cuda.get_device_name() if torch.cuda.is_initialized() else None
        facts["allocator"] = self.allocator
        facts["wait_policy"] = os.environ.get("OMP_WAIT_POLICY", "default").lower()
        if isinstance(self.workload, Describes):
            facts.update(self.workload.description())
        return _described(facts)


def _plain(one: Samples) -> Samples:
    """The readings as plain numbers; raises TypeError in words for whoever wrote the plug-in."""
    for count in one.items:
        if not isinstance(count, Integral):
            raise TypeError(f"step() must return how many items it did, not {count!r}")
    for value in one.values:
        if not isinstance(value, Real):
            raise TypeError(f"{one.name} must be numbers, not {value!r}")
    return dataclasses.replace(
        one,
        values=tuple(float(value) for value in one.values),
        items=tuple(int(count) for count in one.items),
    )


def _described(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts of a plug-in as values that can be stored."""
    return {name: value if _is_plain(value) else str(value) for name, value in facts.items()}


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float | bool)


def _cpu_seconds() -> float:
    """CPU seconds of this process and of those it has waited for."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _prepare_process(spec: WorkerSpec) -> None:
    os.environ.update(spec.environment)
    sys.path[:0] = spec.paths
    torch = sys.modules.get("torch")
    if torch is not None:  # a forked worker, whose server has read the environment already
        torch.set_num_threads(spec.threads)
    if spec.memory_limit_mb is not None:
        _limit_memory(round(spec.memory_limit_mb * 1e6))
    with contextlib.suppress(OSError):  # no Linux: then the system chooses
        Path("/proc/self/oom_score_adj").write_text(FIRST_TO_BE_KILLED)


def _settle_allocator(spec: WorkerSpec) -> str:
    """How this process allocates from now on."""
    # What is retained counts towards a limit, so a limit leaves the allocator alone.
    is_wanted = spec.allocator == allocator.RETAIN and spec.memory_limit_mb is None
    is_retaining = is_wanted and allocator.retain_freed_memory()
    return allocator.RETAIN if is_retaining else allocator.DEFAULT


def _limit_memory(limit: int) -> None:
    """Makes allocations beyond ``limit`` bytes of private memory fail (RLIMIT_DATA)."""
    import resource

    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def _redirect_output(log: str) -> None:
    """Sends standard output and error of this process, C code included, to a file."""
    sys.stdout.flush()
    sys.stderr.flush()
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)
    sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)


def _end_with(lifeline: Connection) -> None:
    def wait() -> None:
        try:
            lifeline.recv_bytes()
        except (EOFError, OSError):
            os._exit(PARENT_GONE)

    threading.Thread(target=wait, name="embprof-lifeline", daemon=True).start()
