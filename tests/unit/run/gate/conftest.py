"""Workers of known cost on a clock of their own, so that every effect is known exactly."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from types import SimpleNamespace, TracebackType
from typing import Any, Literal, Self, cast

import pytest

from embprof.machine import validity
from embprof.machine.process_facts import Facts
from embprof.model import Job, Samples
from embprof.run import recorder as recording
from embprof.run.gate import row as module
from embprof.run.gate.arms import Arm
from embprof.run.gate.looks import Bounds, Looks
from embprof.run.gate.row import RowMeasuring, Terms, Trial
from embprof.run.recorder import Context, Recorder
from embprof.sampling.canary import NAME as CANARY
from embprof.sampling.isolation import Workers
from embprof.sampling.messages import NeedsFresh, Observed, Opened, WorkerSpec
from embprof.testing import FakeClock
from embprof.tracking.folder import RunFolder

MakeJob = Callable[..., Job]
A, B = 0.010, 0.0108
LOADING, CANARY_SECONDS = 0.4, 0.002
Costs = Callable[[float, float], float]
"""Seconds of a call, of what it costs by itself and the time."""
MakeRow = Callable[[], "Row"]


@dataclasses.dataclass(kw_only=True)
class World:
    """What all workers of a row share, and all that they were asked."""

    clock: FakeClock = dataclasses.field(default_factory=FakeClock)
    cost: Costs = lambda seconds, _: seconds
    loading: Callable[[float], float] = lambda _: LOADING
    """Seconds that both workers take to load, of the time."""
    items: int = 4
    restarts_every_call: bool = False
    better: Literal["lower", "higher"] = "lower"
    facts: Facts = dataclasses.field(
        default_factory=lambda: Facts(python="3.11", packages={"torch": "2"}, code_sha256=None)
    )
    fails: dict[tuple[str, int, str], BaseException] = dataclasses.field(default_factory=dict)
    """What arm, pair and verb raise."""
    odd: dict[tuple[str, int], Samples] = dataclasses.field(default_factory=dict)
    """What arm and pair read instead."""
    started: list[FakeWorker] = dataclasses.field(default_factory=list)
    asked: list[tuple[str, int, str, Any]] = dataclasses.field(default_factory=list)
    warmed: list[str] = dataclasses.field(default_factory=list)
    learns: list[bool] = dataclasses.field(default_factory=list)
    files: tuple[Path, ...] = ()

    def start(self, spec: WorkerSpec) -> FakeWorker:
        self.started.append(FakeWorker(self, spec))
        return self.started[-1]

    def learn(self, _: Opened) -> bool:
        return self.learns.pop() if self.learns else False

    def warm_up(self, _: object, executable: str) -> None:
        self.warmed.append(executable)


class FakeWorker:
    """Answers as a worker would; time goes by on the clock alone."""

    def __init__(self, world: World, spec: WorkerSpec) -> None:
        self.world = world
        self.spec = spec
        self.arm = str(spec.workload["arm"])
        self.pair = sum(worker.arm == self.arm for worker in world.started)
        self.gone = False
        self.deadlines: list[float] = []

    def ask(self, verb: str, argument: Any = None, *, deadline: float | None = None) -> Any:
        assert deadline is not None
        assert not self.gone
        self.deadlines.append(deadline - self.world.clock())
        self.world.asked.append((self.arm, self.pair, verb, argument))
        error = self.world.fails.pop((self.arm, self.pair, verb), None)
        if error is not None:
            raise error
        if verb == "open":
            self.world.clock.advance(self.world.loading(self.world.clock()) / 2)
            if self.spec.measurement.get("fresh") and not self.spec.fresh:
                return NeedsFresh()
            facts = {"items": "naps", "threads": 1, "wait_policy": "passive"}
            return Opened(
                load_seconds=LOADING / 2,
                description=facts,
                restarts_every_call=self.world.restarts_every_call,
            )
        if verb == "facts":
            return self.world.facts
        return self.observed(int(argument)) if verb == "observe" else self.world.files

    def pause(self) -> None:
        self.world.asked.append((self.arm, self.pair, "pause", None))

    def observed(self, calls: int) -> Observed:
        world, started = self.world, self.world.clock()
        values = []
        for _ in range(calls):
            values.append(world.cost(float(self.spec.workload["seconds"]), world.clock()))
            world.clock.advance(values[-1])
        seconds = world.clock() - started
        read = values if world.better == "lower" else [1 / value for value in values]
        primary = Samples(
            name="call_time",
            unit="s",
            better=world.better,
            values=tuple(read),
            items=(world.items,) * calls,
        )
        primary = world.odd.get((self.arm, self.pair), primary)
        canary = Samples(name=CANARY, unit="s", better="lower", values=(CANARY_SECONDS,) * 2)
        world.clock.advance(2 * CANARY_SECONDS)
        return Observed(started=started, seconds=seconds, samples=(primary, canary))

    def kill(self) -> None:
        self.gone = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.gone = True


class Row:
    """A row of two arms of known cost, measured into folders below a temporary one."""

    def __init__(self, root: Path, make_job: MakeJob, world: World) -> None:
        self.root = root
        self.make_job = make_job
        self.world = world
        self.phases: list[str] = []
        self.told: list[int] = []
        self.folders = [RunFolder(root / str(side), str(side)) for side in (0, 1)]
        self.recorders: list[Recorder] = []

    def measure(
        self,
        a: float = A,
        b: float = B,
        *,
        seconds: float = 180.0,
        pairs: int = 24,
        seed: str = "0",
        void: Callable[[Mapping[str, AbstractSet[tuple[str, object]]]], str | None] = lambda _: (
            None
        ),
        of_arms: tuple[dict[str, Any], dict[str, Any]] = ({}, {}),
        paths: dict[str, tuple[str, ...]] | None = None,
        **config: Any,
    ) -> Trial:
        context = Context(
            sweep_id="gate",
            workers=cast(Workers, self.world),
            weights={},
            progress=self.phases.append,
        )
        arms = [
            Arm(name=name, job=self.job(side, name, cost, config), **more)
            for side, (name, cost, more) in enumerate(zip(("a", "b"), (a, b), of_arms, strict=True))
        ]
        self.recorders = [
            Recorder(arm.job, folder, context)
            for arm, folder in zip(arms, self.folders, strict=True)
        ]
        for recorder in self.recorders:
            recorder.begin()
        looks = Looks(pairs=pairs, bounds=Bounds(theta=0.01, delta=0.03, alpha=0.01), alpha=0.01)
        measuring = RowMeasuring(
            (arms[0], arms[1]),
            (self.recorders[0], self.recorders[1]),
            paths or {},
            Terms(seconds=seconds, looks=looks, seed=seed, void=void),
            pilot=lambda trial: self.told.append(len(trial.effects)),
        )
        return measuring.run()

    def close(self) -> None:
        for folder in self.folders:
            folder.close()

    def slices(self, pair: int) -> list[tuple[str, int]]:
        """Arm and calls of each measured slice of a restart pair, in the order of time."""
        taken = [
            (piece.started, arm, len(piece.samples[0].values))
            for arm, recorder in zip("ab", self.recorders, strict=True)
            for piece in recorder.measured(pair)
        ]
        return [(arm, calls) for _, arm, calls in sorted(taken)]

    def job(self, side: int, name: str, cost: float, config: dict[str, Any]) -> Job:
        made = self.make_job(side)
        workload = {"_target_": "x.Y", "seconds": cost, "arm": name}
        known = {"allocator": "retain", "seed": 0, "workload": workload}
        mine = {
            key: value[side] if isinstance(value, tuple) else value for key, value in config.items()
        }
        return dataclasses.replace(made, config={**made.config, **known, **mine})


@pytest.fixture
def make_row(tmp_path: Path, job: MakeJob, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeRow]:
    """Rows with a world each; the clock is that of the last one made."""
    monkeypatch.setattr(validity, "stamps", lambda *_, **__: [])
    changes = validity.Changes(
        seconds=1.0, others=0.1, steal=None, throttled=None, memory_stall=None
    )
    monkeypatch.setattr(validity, "changes", lambda *_, **__: changes)
    made: list[Row] = []

    def make() -> Row:
        made.append(Row(tmp_path / f"row-{len(made)}", job, World()))
        clock = SimpleNamespace(monotonic=made[-1].world.clock)
        monkeypatch.setattr(module, "time", clock)
        monkeypatch.setattr(recording, "time", clock)
        return made[-1]

    yield make
    for row in made:
        row.close()


@pytest.fixture
def row(make_row: MakeRow) -> Row:
    """A row to be measured once."""
    return make_row()
