"""The rows of a race, measured in rounds until it is clear how they stand.

Every row that is still in the race has a live worker, which waits asleep; a round is one slice of
each, in an order that is drawn and mirrored. After some rounds the test looks at all pairs: a row
leaves when its place is known, and its time goes to those still close.

A row that fails, dies or hangs leaves with its reason; an interruption ends all that are left, and
what each measured is kept.
"""

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from embprof.errors import WorkerError
from embprof.machine import room, validity
from embprof.model import Run, Slice, Status
from embprof.run.costs import has_costs
from embprof.run.ending import OK, Ending, interrupted
from embprof.run.order import Order
from embprof.run.race.lane import Lane
from embprof.run.race.objective import Objective
from embprof.run.race.pacing import is_in, rounds_of, slice_seconds
from embprof.sampling.schedule import Stop
from embprof.statistics.race import RaceTest

SPARE_MB = 300.0
"""Memory that is left to the machine beside waiting workers."""
GROWTH = 1.3
"""A worker's memory at its largest, as a multiple of that after warming up."""
FEWEST_HEATS = 20
"""Restarts from which each counts as one reading of its row, and no longer its rounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Whoever follows a race: each is told while nothing is measured.

    ``rounds`` takes the race after a round, ``left`` a row that has left with its run.
    """

    rounds: Callable[["RaceMeasuring"], None]
    left: Callable[["RaceMeasuring", Lane, Run], None]


@dataclass(eq=False, kw_only=True)
class RaceMeasuring:
    """Measures the rows of one race. ``seconds``: of measured slices at most, over all rows."""

    lanes: Sequence[Lane]
    test: RaceTest
    objective: Objective
    seconds: float
    slice_seconds: float
    seed: str
    watch: Watch
    spent: float = 0.0
    rounds: int = 0
    live: list[Lane] = field(default_factory=list, init=False)
    notes: list[str] = field(default_factory=list, init=False)
    is_comparable: bool = field(default=True, init=False)
    interruption: Ending | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._order = Order(self.seed)
        self._heats = max(lane.heats for lane in self.lanes)
        self._cpu_seconds = 0.0
        self._largest_mb = 0.0
        self._has_iterations = any(lane.has_iterations for lane in self.lanes)
        self._gone: set[int] = set()

    def run(self) -> None:
        """Measures until every row has left; raises OSError when files cannot be written."""
        try:
            for heat in range(self._heats):
                self._heat(heat)
        except KeyboardInterrupt as error:
            self.interruption = interrupted(error, f"measuring round {self.rounds + 1}")
            for lane in self.lanes:
                if lane.number not in self._gone:
                    self._put_away(lane, self.interruption, "interrupted")
        except OSError:  # our own files: nothing else could be kept either
            for lane in self.lanes:
                lane.recorder.folder.close()
            raise
        if self.is_comparable:
            self.test.look(1.0, self.rounds)

    @property
    def left(self) -> dict[int, str | None]:
        """Why each row left before the race was over."""
        return {lane.number: lane.left for lane in self.lanes}

    def _heat(self, heat: int) -> None:
        """One restart of every row, in as many blocks as memory asks for."""
        waiting = deque(lane for lane in self.lanes if lane.number not in self._gone)
        share = self.seconds / self._heats / max(1, len(waiting))
        while waiting:
            carried = len(self.live)
            self._admit(waiting, heat)
            if not self.live:
                continue
            if waiting:
                self._note_block(waiting)
            self._block(heat, share * max(1, len(self.live) - carried), is_last=not waiting)

    def _note_block(self, waiting: Sequence[Lane]) -> None:
        rows = ", ".join(f"#{lane.number}" for lane in waiting)
        self.notes.append(f"memory had no room for {rows} beside the others; they came later")

    def _admit(self, waiting: deque[Lane], heat: int) -> None:
        """Opens rows while memory has room for another."""
        put_off: set[int] = set()
        while waiting and waiting[0].number not in put_off:
            if len(self.live) > 1 and not self._has_room():
                return
            lane = waiting.popleft()
            try:
                lane.open(heat)
            except WorkerError as error:
                if error.status == Status.OUT_OF_MEMORY and self.live and not lane.was_put_off:
                    lane.put_off()
                    waiting.append(lane)
                    put_off.add(lane.number)
                else:
                    self._fail(lane, error)
                continue
            self.live.append(lane)
            self._largest_mb = max(self._largest_mb, lane.own_memory_mb() or 0.0)

    def _has_room(self) -> bool:
        return room.memory_left_mb() > GROWTH * self._largest_mb + SPARE_MB

    def _block(self, heat: int, seconds: float, *, is_last: bool) -> None:
        """Rounds of the rows that are live, until their time is over or all is clear."""
        self._cpu_seconds, before = 0.0, validity.read()
        for lane in self.live:
            lane.begin(before)
        end = self.spent + seconds
        planned = self._planned_rounds()
        first = self.rounds
        while self.live:
            self._round(heat, left=planned - (self.rounds - first))
            self.watch.rounds(self)
            if self.rounds % 2 and not self._is_over(end):
                continue
            self._decide(heat, end)
            if self._is_over(end) and not self._has_iterations:
                break
        self._end_block(heat, is_last=is_last)

    def _planned_rounds(self) -> int:
        if not self._has_iterations:
            return 0
        calls = {lane.number: lane.schedule.iterations or 1 for lane in self.live}
        paces = {lane.number: lane.pace for lane in self.live}
        return rounds_of(calls, paces, shortest=self.slice_seconds)

    def _is_over(self, end: float) -> bool:
        return self.spent >= end

    def _round(self, heat: int, *, left: int) -> None:
        """A slice of every row; ``left``: rounds into which what is left of iterations goes."""
        paces = {lane.number: lane.pace for lane in self.live}
        each = slice_seconds(paces, shortest=self.slice_seconds, seconds=self.seconds)
        lanes = {
            lane.number: lane
            for lane in self.live
            if self._has_iterations
            or is_in(lane.pace, each, self.rounds, rarely=self._rarely(lane))
        }
        unit = heat if self._heats >= FEWEST_HEATS else self.rounds
        for number in self._order.next(list(lanes)):
            lane = lanes[number]
            try:
                piece = lane.slice(each, rounds_left=left)
            except WorkerError as error:
                self._fail(lane, error)
                continue
            self.spent += piece.seconds
            self._cpu_seconds += piece.cpu_seconds
            self._take(number, piece, unit)
        self.rounds += 1

    def _rarely(self, lane: Lane) -> bool:
        """Whether the row is known beside the leader, and is here for others that are close."""
        leader = self.test.leader
        if leader in (None, lane.number) or not self.is_comparable:
            return False
        return self.test.word(leader, lane.number) != "open"

    def _take(self, number: int, piece: Slice, unit: int) -> None:
        if not self.is_comparable:
            return
        if not has_costs(piece):
            self.is_comparable = False
            name = piece.samples[0].name
            self.notes.append(f"{name} is not above zero throughout: rows cannot be compared in it")
            return
        self.test.costs[number].add(unit, self.objective.costs(piece), piece.seconds)

    def _decide(self, heat: int, end: float) -> None:
        """Lets rows go whose place is known, or which have what was asked for."""
        if self._has_iterations:
            for lane in [lane for lane in self.live if lane.has_enough]:
                self._leave(lane, Stop.ITERATIONS, None, heat)
            return
        if heat < self._heats - 1:
            return
        if not self.is_comparable:
            for lane in [one for one in self.live if one.seconds >= one.schedule.max_seconds]:
                self._leave(lane, Stop.MAX_SECONDS, None, heat)
            return
        if self.rounds < self.test.next_look or self._is_over(end):
            return
        self.test.look(min(0.999, self.spent / self.seconds), self.rounds)
        live = {lane.number for lane in self.live}
        needed = self.test.unsettled(live)
        if needed and self.test.leader is not None:
            needed.add(self.test.leader)
        for lane in [lane for lane in self.live if lane.number not in needed and lane.has_enough]:
            self._leave(lane, Stop.DECIDED, f"its place was known after round {self.rounds}", heat)

    def _end_block(self, heat: int, *, is_last: bool) -> None:
        """Lets all go but the leader, whom the rows that are still to come must meet."""
        leader = self.test.leader if self.is_comparable else None
        for lane in list(self.live):
            if is_last or lane.number != leader:
                self._leave(lane, Stop.MAX_SECONDS, None, heat)

    def _leave(self, lane: Lane, stop: Stop, why: str | None, heat: int) -> None:
        """Ends a row's worker; the row itself where no further restart is to come."""
        try:
            lane.end_heat(stop, self._cpu_seconds)
        except WorkerError as error:
            self._fail(lane, error)
            return
        self.live.remove(lane)
        if heat == self._heats - 1:
            self._put_away(lane, OK, why)

    def _fail(self, lane: Lane, error: WorkerError) -> None:
        """The row leaves with its reason, and the race goes on."""
        if lane in self.live:
            self.live.remove(lane)
        self.test.drop(lane.number)
        reason = lane.phase.reason(error)
        ending = Ending(status=Status(error.status), reason=reason, details=error.details)
        self._put_away(lane, ending, f"{ending.status.value.replace('_', ' ')}: {reason}")

    def _put_away(self, lane: Lane, ending: Ending, why: str | None) -> None:
        self._gone.add(lane.number)
        lane.left = why
        self.watch.left(self, lane, lane.put_away(ending))

    @property
    def seconds_left(self) -> float:
        """Seconds that the race can still take; infinite where iterations end it."""
        if self._has_iterations:
            return math.inf
        return max(0.0, self.seconds - self.spent)
