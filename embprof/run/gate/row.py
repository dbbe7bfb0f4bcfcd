"""One row of a gate, measured: pair of restarts after pair of restarts, until it is clear.

Both arms are loaded together and one runs at a time, so whatever the machine does meets both. They
are measured in rounds, as the rows of a sweep are: the order is drawn for every two slice pairs and
mirrored in the second (AB BA or BA AB).
"""

import contextlib
import dataclasses
import itertools
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embprof.machine import validity
from embprof.machine.process_facts import Facts
from embprof.model import Slice, Verdict
from embprof.run.costs import costs
from embprof.run.ending import OK, Ending, Phase, ending_of
from embprof.run.gate.arms import Arm
from embprof.run.gate.layout import Layout, lay_out, shortest
from embprof.run.gate.looks import Look, Looks
from embprof.run.order import Order
from embprof.run.recorder import Recorder
from embprof.run.restart import Restart, Start, StartAgainError, name_arm
from embprof.sampling.canary import NAME as CANARY
from embprof.sampling.sampler import Sampler
from embprof.sampling.schedule import Schedule
from embprof.statistics.pair_effect import pair_effects, pair_middles
from embprof.units import metric_name

SHORTEST_SLICE = 0.2
"""Seconds; in shorter ones the canary would take more than 2 % of the time."""
WARMUP_MAX_SECONDS = 2.0
"""Bound of each worker's warm-up; what is left of a trend then meets both arms alike."""
PILOT_PAIRS = 4
"""Restart pairs after which the smallest detectable change is told."""

Effects = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a row is measured under; ``seconds`` counts from when its first workers are loaded.

    ``void`` says, of the facts so far, why no verdict can come of them.
    """

    seconds: float
    looks: Looks
    seed: str
    void: Callable[[Mapping[str, AbstractSet[tuple[str, object]]]], str | None]


@dataclass(slots=True, kw_only=True)
class Trial:
    """What a row has shown, one value per restart pair.

    ``effects``: ln(B/A) of each slice pair, ``middles`` ln sqrt(A B); ``canary``: its timings
    beside the slices of A and B; ``others``: CPUs' worth of time that other processes used
    meanwhile. ``facts``: of each arm. ``layout``: that of the last restart pair. ``readings``: what
    costs were made of, as a metric's name, and over how many items.
    """

    layout: Layout | None = None
    effects: list[Effects] = dataclasses.field(default_factory=list)
    middles: list[Effects] = dataclasses.field(default_factory=list)
    readings: set[tuple[str, int]] = dataclasses.field(default_factory=set)
    canary: list[tuple[list[Sequence[float]], list[Sequence[float]]]] = dataclasses.field(
        default_factory=list
    )
    facts: dict[str, set[tuple[str, object]]] = dataclasses.field(default_factory=dict)
    others: list[float] = dataclasses.field(default_factory=list)
    void: str | None = None
    look: Look | None = None
    seconds: float = 0.0
    ending: Ending = OK


@dataclass(eq=False)
class RowMeasuring:
    """Measures a row; the slices of each arm go to its recorder.

    ``paths``: where the code of each checked-out commit is imported from. ``pilot`` is called once,
    when enough is known to say what this gate can detect.
    """

    arms: tuple[Arm, Arm]
    recorders: tuple[Recorder, Recorder]
    paths: Mapping[str, tuple[str, ...]]
    terms: Terms
    pilot: Callable[[Trial], None]

    def __post_init__(self) -> None:
        self.context = self.recorders[0].context
        self.order = Order(self.terms.seed)
        self.looks = self.terms.looks
        self.trial = Trial()
        self.phase = Phase(self.context.progress)
        self.fresh = any(arm.job.config["isolation"] == "fresh" for arm in self.arms)
        self.first_loaded: float | None = None
        self.least: list[float] = []  # seconds each restart pair needs, with the fewest slices

    def run(self) -> Trial:
        """Measures until a look decides, or time or pairs are used up; never raises for a row."""
        folders = [recorder.folder for recorder in self.recorders]
        self.trial.ending = ending_of(self._pairs, self.phase, folders)
        return self.trial

    def _pairs(self) -> None:
        trial = self.trial
        while trial.look is None and trial.void is None:
            self._pair()
            self._look()
            trial.void = self.terms.void(trial.facts)

    def _pair(self) -> None:
        """Measures the next pair of restarts, started again if workers ask for another start."""
        pair = len(self.trial.effects)
        while len(self.trial.effects) == pair:
            try:
                self._restart_pair(pair)
            except StartAgainError as error:  # twice at most: fresh, or with the imports done
                self.fresh = error.fresh
                for arm, recorder in zip(self.arms, self.recorders, strict=True):
                    environment = recorder.spec(fresh=False).environment
                    self.context.workers.warm_up(environment, arm.executable)

    def _look(self) -> None:
        assert self.first_loaded is not None, "a restart pair was measured"
        trial, done = self.trial, len(self.trial.effects)
        trial.seconds = time.monotonic() - self.first_loaded
        if done == PILOT_PAIRS:
            self.pilot(trial)
        next_would_end = trial.seconds + statistics.fmean(self.least)
        is_last = done >= self.looks.pairs or next_would_end > self.terms.seconds
        found = self.looks.look(trial.effects, last=is_last)
        if found is not None and (is_last or found.verdict != Verdict.UNCLEAR):
            trial.look = found

    def _restart_pair(self, pair: int) -> None:
        began = time.monotonic()
        self.phase.enter(f"restart pair {pair + 1} of at most {self.looks.pairs}")
        with contextlib.ExitStack() as stack:
            restarts = [stack.enter_context(self._started(which, pair)) for which in (0, 1)]
            for which in self.order.drawn((0, 1)):
                restarts[which].open()
            if self.first_loaded is None:
                self.first_loaded = time.monotonic()
            samplers = [
                restart.sampler(_short(arm))
                for arm, restart in zip(self.arms, restarts, strict=True)
            ]
            if any(restart.restarts_every_call for restart in restarts):
                self.trial.layout = Layout(slice_pairs=1, calls=1)  # each call is a restart
            else:
                self._warm_up(samplers)
                self.trial.layout = self._layout(samplers, pair, began)
            before = validity.read()
            slices_began = time.monotonic()
            self._slices(samplers, self.trial.layout)
            sliced = time.monotonic() - slices_began
            self._stamp(pair, before)
            for arm, restart in zip(self.arms, restarts, strict=True):
                self._note(arm, restart.close())
        spared = sliced - shortest(self.trial.layout, sliced)
        self.least.append(time.monotonic() - max(began, self.first_loaded) - spared)

    def _warm_up(self, samplers: Sequence[Sampler]) -> None:
        for which in self.order.drawn((0, 1)):
            with name_arm(self.arms[which].name):
                samplers[which].warm_up()

    def _started(self, which: int, pair: int) -> AbstractContextManager[Restart]:
        arm = self.arms[which]
        start = Start(
            fresh=self.fresh,
            executable=arm.executable,
            paths=self.paths[arm.commit] if arm.commit is not None else (),
            arm=arm.name,
            waits=True,
        )
        deadline = time.monotonic() + float(arm.job.config["time_limit"])
        return Restart.started(self.recorders[which], start, number=pair, deadline=deadline)

    def _layout(self, samplers: Sequence[Sampler], pair: int, began: float) -> Layout:
        """What this restart pair has time for: its share of what is left.

        It goes by the pace of the arms and by nothing that they differ in, so no verdict leans on
        it; a neighbour in the first seconds would otherwise decide for all of them.
        """
        assert self.first_loaded is not None, "the workers are loaded"
        spent = max(0.0, began - self.first_loaded)
        return lay_out(
            [sampler.pace or 1.0 for sampler in samplers],
            seconds=self.terms.seconds - spent,
            loading=time.monotonic() - began,
            slice_seconds=max(self.arms[0].job.config["slice_seconds"], SHORTEST_SLICE),
            pairs=self.looks.pairs - pair,
        )

    def _slices(self, samplers: Sequence[Sampler], layout: Layout) -> None:
        taken: tuple[list[Slice], list[Slice]] = ([], [])
        self.order.begin()  # what restart pairs show must not depend on each other
        for _ in range(layout.slice_pairs):
            for side in self.order.next((0, 1)):
                with name_arm(self.arms[side].name):
                    taken[side].append(samplers[side].slice(layout.calls))
        each = []
        for arm, pieces in zip(self.arms, taken, strict=True):
            with name_arm(arm.name):
                each.append([costs(piece) for piece in pieces])
        self.trial.effects.append(pair_effects(*each))
        self.trial.middles.append(pair_middles(*each))
        for piece in itertools.chain(*taken):
            self.trial.readings |= _kinds(piece)
        readings = [[piece.values(CANARY) for piece in side] for side in taken]
        self.trial.canary.append((list(readings[0]), list(readings[1])))

    def _stamp(self, pair: int, before: validity.Counters) -> None:
        after = validity.read()
        mine = [piece for recorder in self.recorders for piece in recorder.measured(pair)]
        own = sum(piece.cpu_seconds for piece in mine)
        others = validity.changes(before, after, own_cpu_seconds=own).others
        if others is not None:
            self.trial.others.append(others)
        for recorder in self.recorders:
            recorder.stamp(before, after, own_cpu_seconds=own)

    def _note(self, arm: Arm, facts: Facts) -> None:
        seen = self.trial.facts.setdefault(arm.name, set())
        seen |= {("code", facts.code_sha256), ("python", facts.python)}
        seen |= set(facts.packages.items())


def _short(arm: Arm) -> Schedule:
    """The arm's schedule, with less time to warm up in."""
    schedule = Schedule.of(arm.job.config)
    bound = min(schedule.warmup_max_seconds, WARMUP_MAX_SECONDS)
    return dataclasses.replace(schedule, warmup_max_seconds=bound)


def _kinds(piece: Slice) -> set[tuple[str, int]]:
    primary = piece.samples[0]
    return {(metric_name(primary.name, primary.unit), items) for items in primary.items or (1,)}
