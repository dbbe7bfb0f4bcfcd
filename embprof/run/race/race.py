"""The rows of a race, measured in rounds until it is clear how they stand.

Every row that is still in the race has a live worker, which waits asleep; a round is one slice of
each, in an order that is drawn and mirrored. After some rounds the test looks at all pairs: a row
leaves when its place is known, and its time goes to those still close.

A row that fails, dies or hangs leaves with its reason; an interruption, or a fault of ours, ends
all that are left, and what each measured is kept.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from embprof.errors import WorkerError
from embprof.machine import room, validity
from embprof.model import Run, Slice, Status
from embprof.run.ending import OK, Ending, Phase, ending_of
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
    """Measures the rows of one race. ``seconds``: of measured slices at most, over all rows.

    All rows have as many restarts, and either all make a set number of calls or none does.
    ``barred``: rows that are measured for their own figures and compete with nobody, and why.
    """

    lanes: Sequence[Lane]
    test: RaceTest
    objective: Objective
    seconds: float
    slice_seconds: float
    seed: str
    watch: Watch
    barred: Mapping[int, str] = field(default_factory=dict)
    spent: float = 0.0
    rounds: int = 0
    live: list[Lane] = field(default_factory=list, init=False)
    notes: list[str] = field(default_factory=list, init=False)
    is_comparable: bool = field(default=True, init=False)
    interruption: Ending | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._order = Order(self.seed)
        self._phase = Phase(lambda _: None, name="measuring round 1")
        self._heats = max(lane.heats for lane in self.lanes)
        self._cpu_seconds = 0.0
        self._largest_mb = 0.0
        self._blocks = 0
        self._has_iterations = self.lanes[0].has_iterations
        self._gone: set[int] = set()
        for row in self.barred:
            self.test.drop(row)

    def run(self) -> None:
        """Measures until every row has left; raises OSError when files cannot be written."""
        folders = [lane.recorder.folder for lane in self.lanes]
        try:
            ending = ending_of(self._measure, self._phase, folders)
            if ending.status == Status.INTERRUPTED:
                self.interruption = ending
                self._end_all(ending)
            elif ending != OK:
                self.is_comparable = False  # it may be the test that is at fault
                self._end_all(ending)
        finally:
            for lane in self.lanes:
                lane.abandon()
        if self.is_comparable:
            self.test.look(1.0, self.rounds)

    def _measure(self) -> None:
        for heat in range(self._heats):
            self._heat(heat)

    def _end_all(self, ending: Ending) -> None:
        """Ends every row that is still there, in the middle of whatever it does."""
        for lane in self.lanes:
            if lane.number not in self._gone:
                self._put_away(lane, ending, ending.left)

    @property
    def left(self) -> dict[int, str | None]:
        """Why each row left before the race was over, or why it is in none."""
        return {lane.number: self.barred.get(lane.number, lane.left) for lane in self.lanes}

    def _heat(self, heat: int) -> None:
        """One restart of every row, in as many blocks as memory asks for."""
        waiting = deque(lane for lane in self.lanes if lane.number not in self._gone)
        share = self.seconds / self._heats / max(1, len(waiting))
        while waiting:
            carried = len(self.live)
            self._admit(waiting, heat)
            if len(self.live) == carried:  # no row found room: it may without the leader
                self._end_block(heat, is_last=True)
                continue
            if waiting:
                self._note_block(waiting)
            self._block(heat, share * (len(self.live) - carried), is_last=not waiting)

    def _note_block(self, waiting: Sequence[Lane]) -> None:
        rows = ", ".join(f"#{lane.number}" for lane in waiting)
        note = f"memory had no room for {rows} beside the others; they came later"
        if note not in self.notes:  # in every restart it may come again
            self.notes.append(note)

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
                if error.status == Status.OUT_OF_MEMORY and self.live:
                    lane.abandon()
                    waiting.append(lane)  # to be opened again when others are gone
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
        self._blocks += 1
        for lane in self.live:
            lane.begin(before)
        end = self.spent + seconds
        self._order.begin()
        number, dealt = 0, 0
        while self.live and self.spent < end:
            dealt = dealt or self._rounds_left()
            self._round(number, left=dealt)
            number, dealt = number + 1, dealt - 1
            self.watch.rounds(self)
            if self._has_iterations:
                self._let_go_of_done(heat)
            elif number % 2 == 0 and self.spent < end and heat == self._heats - 1:
                self._decide(heat, is_last=is_last)
                if not is_last and [lane.number for lane in self.live] == [self._leader]:
                    break
        self._end_block(heat, is_last=is_last)

    def _rounds_left(self) -> int:
        """Rounds into which what is left of iterations is dealt out."""
        competing = [lane for lane in self.live if lane.number not in self.barred] or self.live
        calls = {lane.number: lane.missing for lane in competing if lane.missing}
        paces = {lane.number: lane.pace for lane in self.live}
        return rounds_of(calls, paces, shortest=self.slice_seconds)

    def _round(self, number: int, *, left: int) -> None:
        """A slice of every row that is in the round of that number within its block.

        ``left``: rounds into which what is left of iterations goes.
        """
        paces = {lane.number: lane.pace for lane in self.live}
        each = slice_seconds(paces, shortest=self.slice_seconds, seconds=self.seconds)
        lanes = {
            lane.number: lane
            for lane in self.live
            if self._has_iterations or is_in(lane.pace, each, number, rarely=self._rarely(lane))
        }
        if not lanes:
            return  # nobody's turn: there was no round
        for row in self._order.next(list(lanes)):
            lane = lanes[row]
            try:
                piece = lane.slice(each, rounds_left=left)
            except WorkerError as error:
                self._fail(lane, error)
                continue
            self.spent += piece.seconds
            self._cpu_seconds += piece.cpu_seconds
            self._take(row, piece)
        self.rounds += 1
        self._phase.name = f"measuring round {self.rounds + 1}"

    def _rarely(self, lane: Lane) -> bool:
        """Whether the row is known beside the leader, and is here for others that are close."""
        leader = self._leader
        if leader is None or lane.number == leader or lane.number in self.barred:
            return False
        return self.test.word(leader, lane.number) != "open"

    @property
    def _leader(self) -> int | None:
        return self.test.leader if self.is_comparable else None

    def _take(self, number: int, piece: Slice) -> None:
        if not self.is_comparable:
            return
        if (problem := self.objective.problem(piece)) is not None:
            self.is_comparable = False
            self.notes.append(problem)
            return
        unit = self._blocks if self._heats >= FEWEST_HEATS else self.rounds
        self.test.costs[number].add(unit, self.objective.costs(piece), piece.seconds)

    def _let_go_of_done(self, heat: int) -> None:
        """Lets rows go that have made their iterations, or had their time for them."""
        for lane in list(self.live):
            if lane.has_enough:
                self._leave(lane, Stop.ITERATIONS, None, heat)
            elif lane.has_had_its_time:
                self._leave(lane, Stop.MAX_SECONDS, None, heat)

    def _decide(self, heat: int, *, is_last: bool) -> None:
        """Lets rows go whose place is known.

        The leader stays for rows that still need it; those of later blocks do, unless this
        ``is_last``.
        """
        if not self.is_comparable:
            for lane in [one for one in self.live if one.has_had_its_time]:
                self._leave(lane, Stop.MAX_SECONDS, None, heat)
            return
        if self.rounds < self.test.next_look:
            return
        self.test.look(min(0.999, self.spent / self.seconds), self.rounds)
        live = {lane.number for lane in self.live}
        needed = self.test.unsettled(live)
        if (needed or not is_last) and self.test.leader is not None:
            needed.add(self.test.leader)
        if needed - set(self.barred):  # as long as others need the time, it is shared by all
            share = self.seconds / len(self.lanes)
            needed |= {one.number for one in self._barred_lanes if one.seconds < share}
        needed |= {row for row in live if not self._has_met_others(row)}
        for lane in [lane for lane in self.live if lane.number not in needed and lane.has_enough]:
            known = f"its place was known after round {self.rounds}"
            self._leave(lane, Stop.DECIDED, self.barred.get(lane.number, known), heat)

    @property
    def _barred_lanes(self) -> list[Lane]:
        return [lane for lane in self.live if lane.number in self.barred]

    def _has_met_others(self, row: int) -> bool:
        """Whether anything is known of a row beside another; one alone has its time to itself."""
        if row in self.barred:
            return True  # it is to meet nobody
        others = (one for one in self.test.rows if one != row)
        return any(self.test.effect(one, row) is not None for one in others)

    def _end_block(self, heat: int, *, is_last: bool) -> None:
        """Lets all go but the leader, whom the rows that are still to come must meet."""
        leader = self._leader
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
        reason, status = lane.phase.reason(error), Status(error.status)
        ending = Ending(status=status, reason=reason, details=error.details)
        self._put_away(lane, ending, ending.left)

    def _put_away(self, lane: Lane, ending: Ending, why: str | None) -> None:
        lane.left = why
        run = lane.put_away(ending)
        self._gone.add(lane.number)  # not before: an interruption may come meanwhile
        self.watch.left(self, lane, run)

    @property
    def seconds_left(self) -> float:
        """Seconds that the race can still take; infinite where iterations alone end it."""
        return max(0.0, self.seconds - self.spent)
