"""Rows whose readings are of whole processes, in rounds: a restart of each in turn.

Only one such process is there at a time: others would share files in memory with it. So a restart
is the slice, and a round is one of each row, in drawn and mirrored order. Every row gets all its
restarts; what is compared is one reading a restart.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from embprof.config.times import time_limit
from embprof.model import Run, Slice, Status
from embprof.run.ending import OK, Ending, ending_of, interrupted
from embprof.run.follow_up import follow_up
from embprof.run.measure import Measuring
from embprof.run.order import Order
from embprof.statistics.paired_costs import Band
from embprof.statistics.race import RaceTest

ALL: tuple[Band, ...] = ((0.0, 1.0),)
"""Every restart counts: there are too few to leave some out."""


class InterruptedRestartError(Exception):
    """The user, or the system, ended a restart; ``ending`` says how."""

    def __init__(self, ending: Ending) -> None:
        self.ending = ending
        super().__init__("interrupted")


@dataclass(eq=False, kw_only=True)
class RestartsMeasuring:
    """Measures the rows of such a race; ``left`` is told each row with its run at its end."""

    rows: Sequence[Measuring]
    test: RaceTest
    seed: str
    told_round: Callable[[int], None]
    told_left: Callable[[Measuring, Run], None]
    spent: float = 0.0
    rounds: int = 0
    notes: list[str] = field(default_factory=list, init=False)
    left: dict[int, str | None] = field(default_factory=dict, init=False)
    is_comparable: bool = field(default=True, init=False)
    interruption: Ending | None = field(default=None, init=False)

    def run(self) -> None:
        """Measures every restart of every row; raises OSError when files cannot be written."""
        order = Order(self.seed)
        live = {row.job.number: row for row in self.rows}
        for row in self.rows:
            row.recorder.begin()
        restarts = max(row.job.config["restarts"] for row in self.rows)
        try:
            for number in range(restarts):
                self.told_round(number)
                for which in order.next(list(live)):
                    self._restart(live, which, number)
                self.rounds += 1
            for row in list(live.values()):
                self._finish(live, row, self._look_closer(row))
        except InterruptedRestartError as error:
            self.interruption = error.ending
        except KeyboardInterrupt as error:
            self.interruption = interrupted(error, f"measuring restart {self.rounds + 1}")
        if self.interruption is not None:
            for row in list(live.values()):
                self._finish(live, row, self.interruption)
        if self.is_comparable:
            self.test.look(1.0, self.rounds)

    def _restart(self, live: dict[int, Measuring], which: int, number: int) -> None:
        row = live[which]
        began = time.monotonic()
        deadline = began + time_limit(row.job.config)
        measure = partial(row.restart, number, deadline)
        ending = ending_of(measure, row.phase, [one.recorder.folder for one in self.rows])
        seconds = time.monotonic() - began
        self.spent += seconds
        row.seconds += seconds
        if ending.status == Status.INTERRUPTED:
            raise InterruptedRestartError(ending)
        if ending != OK:
            self.test.drop(which)
            self._finish(live, row, ending)
            return
        self._take(which, number, row.recorder.measured(number))

    def _take(self, which: int, number: int, pieces: Sequence[Slice]) -> None:
        cost = _cost(pieces)
        if cost is None:
            self.is_comparable = False
        elif self.is_comparable:
            self.test.costs[which].add(number, [cost], 1.0)

    def _look_closer(self, row: Measuring) -> Ending:
        deadline = time.monotonic() + time_limit(row.job.config)
        look = partial(follow_up, row.recorder, row.phase, deadline)
        return ending_of(look, row.phase, [row.recorder.folder])

    def _finish(self, live: dict[int, Measuring], row: Measuring, ending: Ending) -> None:
        del live[row.job.number]
        self.left[row.job.number] = None if ending == OK else ending.reason
        self.told_left(row, row.recorder.finish(ending, seconds=row.seconds))


def _cost(pieces: Sequence[Slice]) -> float | None:
    """What a restart read, as a cost: its first quantity, summed up as that quantity says.

    None where it read nothing, or what is no cost.
    """
    every = [piece.samples[0] for piece in pieces if piece.samples]
    # What is read once at the end is of another quantity.
    primaries = [one for one in every if one.name == every[0].name]
    values = [value for one in primaries for value in one.values]
    if not values or min(values) <= 0:
        return None
    first = primaries[0]
    items = sum(sum(one.items) for one in primaries if one.items) or len(values)
    summed = {
        "largest": max(values),
        "last": values[-1],
        "total": sum(values),
        "rate": sum(values) / items,
        "mean": sum(values) / len(values),
    }[first.summary]
    return summed if first.better == "lower" else 1 / summed
