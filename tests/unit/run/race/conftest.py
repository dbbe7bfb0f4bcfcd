"""Rows of known cost on a clock of their own, measured in rounds into a temporary folder."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import SimpleNamespace, TracebackType
from typing import Any, Literal, Self, cast

import pytest

from embprof.config.plan import Plan
from embprof.config.races import Group
from embprof.errors import WorkerError
from embprof.machine import room, validity
from embprof.machine.process_facts import Facts
from embprof.model import Job, Run, Samples, Slice, Status, Summary
from embprof.race import Race, Standing
from embprof.report.display import Display
from embprof.run import recorder as recording
from embprof.run.parity_checks import Parity
from embprof.run.race import lane, restarts
from embprof.run.race.running import run_race
from embprof.run.recorder import Context
from embprof.run.stop import StopSweep
from embprof.sampling.isolation import Workers
from embprof.sampling.messages import NeedsFresh, Observed, Opened, WorkerSpec
from embprof.testing import FakeClock
from embprof.tracking.folder import RunFolder, read_slices
from embprof.tracking.races import read_races
from embprof.tracking.sweep_folder import SweepFolder

MakeJob = Callable[..., Job]
LOADING = 0.4
NOISE = 0.01
CPUS = 1.0
"""CPU seconds that a second of a slice uses."""
Asked = tuple[int, str, Any]
"""A row, what its worker was asked, and with what."""


@dataclasses.dataclass(kw_only=True)
class World:
    """What all workers of a race share, and all that they were asked, in the order of time."""

    clock: FakeClock = dataclasses.field(default_factory=FakeClock)
    better: Literal["lower", "higher"] = "lower"
    name: str = "call_time"
    unit: str = "s"
    summary: Summary = "mean"
    read: Mapping[int, float] = dataclasses.field(default_factory=dict)
    """What rows read, where that is not how long a call took."""
    fails: dict[tuple[int, str, int], BaseException] = dataclasses.field(default_factory=dict)
    """What a row raises when it is asked for something for the so many-th time (from 1)."""
    memory_mb: Mapping[int, float] = dataclasses.field(default_factory=dict)
    """What the worker of a row takes."""
    machine_mb: float = 100_000.0
    started: list[FakeWorker] = dataclasses.field(default_factory=list)
    asked: list[Asked] = dataclasses.field(default_factory=list)
    noise: random.Random = dataclasses.field(default_factory=lambda: random.Random(1))

    def start(self, spec: WorkerSpec) -> FakeWorker:
        self.started.append(FakeWorker(self, spec))
        return self.started[-1]

    def learn(self, _: Opened) -> bool:
        return False

    @property
    def memory_left_mb(self) -> float:
        alive = [worker for worker in self.started if worker.is_open and not worker.is_gone]
        return self.machine_mb - sum(self.memory_mb.get(worker.row, 0.0) for worker in alive)

    def own_memory_mb(self, pid: int) -> float:
        return self.memory_mb.get(self.started[pid].row, 0.0)

    def calls(self, row: int) -> list[int]:
        """The calls of each slice that a row was asked for."""
        return [argument for who, verb, argument in self.asked if (who, verb) == (row, "observe")]

    def slices(self) -> list[int]:
        """The row of each slice."""
        return [row for row, verb, _ in self.asked if verb == "observe"]


class FakeWorker:
    """Answers as a worker would; time goes by on the clock alone."""

    def __init__(self, world: World, spec: WorkerSpec) -> None:
        self.world = world
        self.spec = spec
        self.pid = len(world.started)
        self.row = int(spec.workload["row"])
        self.is_open = self.is_gone = self.is_paused = False
        self.waited_awake = 0
        """Times that another row was asked for a slice while this one was awake."""

    def ask(self, verb: str, argument: Any = None, *, deadline: float | None = None) -> Any:
        world = self.world
        assert deadline is not None
        assert not self.is_gone
        self.is_paused = False
        world.asked.append((self.row, verb, argument))
        nth = sum((row, what) == (self.row, verb) for row, what, _ in world.asked)
        error = world.fails.get((self.row, verb, nth))
        if error is not None:
            raise error
        answer = self.answer(verb, argument)
        if world.clock() > deadline:
            self.kill()
            raise WorkerError(Status.TIMEOUT, f"did not answer to {verb} within the time limit")
        return answer

    def answer(self, verb: str, argument: Any) -> Any:
        world = self.world
        if verb == "open":
            world.clock.advance(LOADING)
            if self.spec.measurement.get("fresh") and not self.spec.fresh:
                return NeedsFresh()
            self.is_open = True
            facts = {"items": "naps", "threads": 1, "wait_policy": "passive"}
            return Opened(load_seconds=LOADING, description=facts)
        if verb == "facts":
            return Facts(python="3.11", packages={}, code_sha256=None)
        if verb == "observe":
            return self.observed(int(argument))
        return () if verb == "close" else None

    def observed(self, calls: int) -> Observed:
        world, started = self.world, self.world.clock()
        for other in world.started:
            is_waiting = other is not self and other.is_open and not other.is_gone
            other.waited_awake += is_waiting and not other.is_paused
        values = []
        for _ in range(calls):
            seconds = float(self.spec.workload["seconds"]) * world.noise.gauss(1.0, NOISE)
            world.clock.advance(seconds)
            values.append(world.read.get(self.row, seconds))
        items = (1,) * calls if world.name == "call_time" else ()
        samples = Samples(
            name=world.name,
            unit=world.unit,
            better=world.better,
            values=tuple(values),
            items=items,
            summary=world.summary,
        )
        seconds = world.clock() - started
        return Observed(
            started=started, seconds=seconds, samples=(samples,), cpu_seconds=CPUS * seconds
        )

    def pause(self) -> None:
        self.is_paused = True
        self.world.asked.append((self.row, "pause", None))

    def kill(self) -> None:
        self.is_gone = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.is_gone = True


class Sheet:
    """What is shown."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.done_lines: list[str] = []
        self.phases: list[str] = []

    def say(self, message: str) -> None:
        self.said.append(message)

    def job(self, job: Job) -> None:
        self.current = job

    def race(self, rows: int, seconds: float) -> None:
        """How many rows are measured in rounds from now on."""

    def phase(self, phase: str) -> None:
        self.phases.append(phase)

    def news(self, progress: str) -> None:
        self.said.append(progress)

    def done(self, outcome: str) -> None:
        self.done_lines.append(outcome)


class Bench:
    """A sweep of rows of known cost, without a store."""

    def __init__(self, root: Path, make_job: MakeJob, world: World) -> None:
        self.world = world
        self.folder = cast(SweepFolder, SimpleNamespace(sweep_id="sweep", path=root))
        self.sheet = Sheet()
        self.display = cast(Display, self.sheet)
        self.runs: dict[int, Run] = {}
        self.part = ""
        self.parity: Mapping[int, Parity] = {}
        self.plan = cast(Plan, SimpleNamespace(jobs=()))
        self.order: list[int] = []
        """Rows in the order in which they left."""
        self.interrupts: set[int] = set()
        """Rows whose keeping ctrl-C interrupts."""
        self._make_job = make_job

    def job(self, number: int, seconds: float, **config: Any) -> Job:
        made = self._make_job(number)
        known = {
            "seed": 0,
            "text_length": 128,
            "corpus": {},
            "race": {"alpha": 0.01, "bound": 0.05, "objective": None, "max_seconds": None},
            "verdict": {"theta": 0.01},
            "workload": {"_target_": "x.Y", "seconds": seconds, "row": number},
            "max_seconds": None,
        }
        return dataclasses.replace(made, config={**made.config, **known, **config})

    def measure(self, *seconds: float, of_restarts: bool = False, **config: Any) -> None:
        """Measures rows with calls of so many seconds; a list in ``config`` has one value each.

        ``of_restarts``: their readings are of whole processes.
        """
        jobs = []
        for number, one in enumerate(seconds):
            mine = {
                key: value[number] if isinstance(value, list) else value
                for key, value in config.items()
            }
            jobs.append(self.job(number, one, **mine))
        run_race(Group(jobs=tuple(jobs), is_of_restarts=of_restarts), self)

    def run_folder(self, job: Job) -> RunFolder:
        return RunFolder(self.folder.path / str(job.number), str(job.number))

    def context(self) -> Context:
        return Context(
            sweep_id="sweep",
            workers=cast(Workers, self.world),
            weights={},
            progress=self.sheet.phase,
            parity=self.parity,
        )

    def keep(self, run: Run) -> None:
        if run.number in self.interrupts:
            raise KeyboardInterrupt
        self.runs[run.number] = run
        self.order.append(run.number)

    def on_disk(self) -> AbstractContextManager[None]:
        return nullcontext()

    @property
    def race(self) -> Race:
        """The only race that was kept."""
        (race,) = read_races(self.folder.path)
        return race

    @property
    def races(self) -> tuple[Race, ...]:
        return tuple(read_races(self.folder.path))

    def standing(self, row: int) -> Standing:
        found = self.race.standing(f"sweep/{row}")
        assert found is not None
        return found

    def slices(self, row: int) -> list[Slice]:
        """The measured slices of a row that are on disk."""
        return [
            piece
            for piece in read_slices(self.folder.path / str(row))
            if not piece.warmup and piece.samples
        ]

    def measured(self, row: int) -> int:
        """Calls of a row that are on disk."""
        return sum(len(piece.samples[0].values) for piece in self.slices(row))

    def seconds(self, row: int) -> float:
        return sum(piece.seconds for piece in self.slices(row))


WARM = {"iterations": 3, "seconds": 0, "max_seconds": 1}


@pytest.fixture
def bench(tmp_path: Path, job: MakeJob, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """A sweep whose clock, memory and workers are fakes."""
    made = Bench(tmp_path, job, World())
    monkeypatch.setattr(validity, "stamps", lambda *_, **__: [])
    monkeypatch.setattr(room, "memory_left_mb", lambda: made.world.memory_left_mb)
    monkeypatch.setattr(room, "own_memory_mb", made.world.own_memory_mb)
    clock = SimpleNamespace(monotonic=made.world.clock)
    for module in (lane, restarts, recording):
        monkeypatch.setattr(module, "time", clock)
    yield made
    assert all(worker.is_gone for worker in made.world.started), "no worker outlives its race"


@pytest.fixture
def interrupted(bench: Bench) -> Callable[..., None]:
    """Measures rows and is interrupted."""

    def measure(*seconds: float, **config: Any) -> None:
        with pytest.raises(StopSweep):
            bench.measure(*seconds, **config)

    return measure
