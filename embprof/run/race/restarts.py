"""Rows whose readings are of whole processes, in rounds: a restart of each in turn.

Only one such process is there at a time: others would share files in memory with it. So a restart
is the slice, and a round is one of each row, in drawn and mirrored order. Every row gets all its
restarts; what is compared is one reading a restart. Its ``time_limit`` holds for all that a row did
itself, however much others did meanwhile.

A row that fails, dies or hangs leaves with its reason; an interruption, or a fault of ours, ends
all that are left, and what each measured is kept.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from embprof.config.times import time_limit
from embprof.model import Run, Slice, Status
from embprof.run.costs import cost_of_restart, not_costs
from embprof.run.ending import OK, Ending, Phase, ending_of
from embprof.run.follow_up import follow_up
from embprof.run.measure import Measuring
from embprof.run.order import Order
from embprof.statistics.race import RaceTest
from embprof.statistics.trimmed_means import Band

ALL: tuple[Band, ...] = ((0.0, 1.0),)
"""Every restart counts: there are too few to leave some out."""


@dataclass(eq=False, kw_only=True)
class RestartsMeasuring:
    """Measures the rows of such a race.

    ``told_round`` is told the number of a round before it begins, ``told_left`` each row with its
    run at its end. ``barred``: rows that compete with nobody, and why.
    """

    rows: Sequence[Measuring]
    test: RaceTest
    seed: str
    told_round: Callable[[int], None]
    told_left: Callable[[Measuring, Run], None]
    barred: Mapping[int, str] = field(default_factory=dict)
    spent: float = 0.0
    rounds: int = 0
    notes: list[str] = field(default_factory=list, init=False)
    left: dict[int, str | None] = field(default_factory=dict, init=False)
    is_comparable: bool = field(default=True, init=False)
    interruption: Ending | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._order = Order(self.seed)
        self._phase = Phase(lambda _: None, name="measuring restart 1")
        self._live = {row.job.number: row for row in self.rows}
        self._folders = [row.recorder.folder for row in self.rows]
        for row in self.barred:
            self.test.drop(row)

    def run(self) -> None:
        """Measures every restart of every row; raises OSError when files cannot be written."""
        for row in self.rows:
            row.recorder.begin()
        ending = ending_of(self._measure, self._phase, self._folders)
        if ending.status == Status.INTERRUPTED:
            self.interruption = ending
        elif ending != OK:
            self.is_comparable = False  # it may be the test that is at fault
        if (ending := self.interruption or ending) != OK:
            for row in list(self._live.values()):
                self._finish(row, ending)
        if self.is_comparable:
            self.test.look(1.0, self.rounds)

    def _measure(self) -> None:
        """All restarts, then what a row asks to be looked at closer, up to an interruption."""
        for number in range(max(row.job.config["restarts"] for row in self.rows)):
            if not self._live:
                return
            self._round(number)
            if self.interruption is not None:
                return
        for row in list(self._live.values()):
            deadline = self._deadline(row)
            ending = self._by_itself(row, partial(follow_up, row.recorder, row.phase, deadline))
            if self.interruption is not None:
                return
            self._finish(row, ending)

    def _round(self, number: int) -> None:
        """The restart of that number of each row that has so many."""
        self._phase.name = f"measuring restart {number + 1}"
        self.told_round(number)
        due = [which for which, row in self._live.items() if number < row.job.config["restarts"]]
        for which in self._order.next(due):
            row = self._live[which]
            ending = self._by_itself(row, partial(row.restart, number, self._deadline(row)))
            if self.interruption is not None:
                return
            if ending == OK:
                self._take(which, number, row.recorder.measured(number))
            else:
                self.test.drop(which)
                self._finish(row, ending)
        self.rounds += 1

    def _by_itself(self, row: Measuring, measure: Callable[[], None]) -> Ending:
        """What a row does, on its own time, and how it ended."""
        began = time.monotonic()
        ending = ending_of(measure, row.phase, self._folders)
        seconds = time.monotonic() - began
        self.spent += seconds
        row.seconds += seconds
        if ending.status == Status.INTERRUPTED:
            self.interruption = ending
        return ending

    def _deadline(self, row: Measuring) -> float:
        """When what is left of its limit is over, if it begins now."""
        return time.monotonic() + max(0.0, time_limit(row.job.config) - row.seconds)

    def _take(self, which: int, number: int, pieces: Sequence[Slice]) -> None:
        if not self.is_comparable or which in self.barred:
            return
        cost = cost_of_restart(pieces)
        if cost is None:
            self.is_comparable = False
            self.notes.append(not_costs(pieces[0].samples[0].name))
            return
        self.test.costs[which].add(number, [cost], 1.0)

    def _finish(self, row: Measuring, ending: Ending) -> None:
        self.left[row.job.number] = self.barred.get(row.job.number, ending.left)
        run = row.recorder.finish(ending, seconds=row.seconds)
        del self._live[row.job.number]  # not before: an interruption may come meanwhile
        self.told_left(row, run)
