"""A race within a sweep: its rows get folders and workers, its end a place on disk."""

import math
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Protocol

from embprof.config.plan import Plan
from embprof.config.races import Group, do_the_same, race_seconds
from embprof.config.times import time_limit
from embprof.model import Job, Run, Status
from embprof.race import Race
from embprof.report.display import Display, outcome
from embprof.run.ending import Phase
from embprof.run.measure import Measuring
from embprof.run.race.lane import Lane
from embprof.run.race.objective import Objective
from embprof.run.race.race import RaceMeasuring, Watch
from embprof.run.race.restarts import ALL, RestartsMeasuring
from embprof.run.race.standings import table
from embprof.run.recorder import Context, Recorder
from embprof.run.stop import StopSweep
from embprof.statistics.race import RaceTest, Terms
from embprof.statistics.signed_rank import fewest_units
from embprof.tracking.folder import RunFolder
from embprof.tracking.races import add_race
from embprof.tracking.sweep_folder import SweepFolder
from embprof.units import counted, duration, percent


class Sweeps(Protocol):
    """What a race needs of the sweep that it is part of."""

    folder: SweepFolder
    display: Display
    runs: dict[int, Run]
    plan: Plan
    part: str

    def run_folder(self, job: Job) -> RunFolder:
        """Where a job's run is kept."""

    def context(self) -> Context:
        """What jobs are measured with."""

    def keep(self, run: Run) -> None:
        """Takes a finished run into the index."""

    def on_disk(self) -> AbstractContextManager[None]:
        """Ends the sweep where its files cannot be written."""


def run_race(group: Group, sweep: Sweeps) -> None:
    """Measures these jobs in rounds; raises StopSweep on ctrl-C."""
    jobs = group.jobs
    race: RaceMeasuring | RestartsMeasuring
    with sweep.on_disk():
        if group.is_of_restarts:
            sweep.display.race(len(jobs), math.inf)
            race = _restarts(jobs, sweep)
        else:
            seconds = race_seconds(jobs)
            sweep.display.race(len(jobs), seconds)
            race = _slices(jobs, sweep, seconds)
        race.notes += _of_before(jobs, sweep)
        race.run()
        sweep.display.race(0, 0)
        _keep(race, jobs, sweep)
    if race.interruption is not None:
        raise StopSweep


def _slices(jobs: Sequence[Job], sweep: Sweeps, seconds: float) -> RaceMeasuring:
    config = jobs[0].config
    lanes = []
    for job in jobs:
        recorder = Recorder(job, sweep.run_folder(job), sweep.context())
        recorder.begin()
        phase = Phase(sweep.display.phase, time_limit=time_limit(job.config))
        lanes.append(Lane(recorder=recorder, heats=job.config["restarts"], phase=phase))
    objective = Objective.of(config["race"]["objective"])
    test = RaceTest(
        rows=tuple(job.number for job in jobs),
        terms=_terms(config),
        bands=objective.bands,
        by_call=objective.is_of_calls,
    )
    return RaceMeasuring(
        lanes=lanes,
        test=test,
        objective=objective,
        seconds=seconds,
        slice_seconds=min(job.config["slice_seconds"] for job in jobs),
        seed=_seed(jobs, sweep),
        watch=Watch(rounds=partial(_tell_round, sweep), left=partial(_tell_left, sweep)),
        barred=_barred(jobs, sweep),
    )


def _restarts(jobs: Sequence[Job], sweep: Sweeps) -> RestartsMeasuring:
    test = RaceTest(rows=tuple(job.number for job in jobs), terms=_terms(jobs[0].config), bands=ALL)
    count = max(job.config["restarts"] for job in jobs)

    def told_round(number: int) -> None:
        sweep.display.news(f"restart {number + 1} of {count} of each")

    def told_left(row: Measuring, run: Run) -> None:
        sweep.keep(run)
        sweep.display.job(row.job)
        sweep.display.done(outcome(sweep.runs[run.number]))

    return RestartsMeasuring(
        rows=[Measuring(job, sweep.run_folder(job), sweep.context()) for job in jobs],
        test=test,
        seed=_seed(jobs, sweep),
        told_round=told_round,
        told_left=told_left,
        barred=_barred(jobs, sweep),
    )


def _barred(jobs: Sequence[Job], sweep: Sweeps) -> dict[int, str]:
    """Rows whose answers differ too much from the reference to be an alternative to others."""
    found: dict[int, str] = {}
    known = sweep.context().parity
    for job in jobs:
        parity = known.get(job.number)
        if parity is not None and (why := parity.loss(job.config)) is not None:
            found[job.number] = why
    return found


def _of_before(jobs: Sequence[Job], sweep: Sweeps) -> list[str]:
    """That rows which a resumed sweep has answers of were in other rounds; said at once too."""
    before = [
        f"#{number}"
        for number in sorted(sweep.runs)
        if sweep.part and do_the_same(sweep.plan.jobs[number], jobs[0])
    ]
    if not before:
        return []
    note = f"{', '.join(before)} measured before, in other rounds: not compared with these rows"
    sweep.display.say(note)
    return [note]


def _terms(config: Mapping[str, Any]) -> Terms:
    return Terms(
        alpha=config["race"]["alpha"],
        bound=config["race"]["bound"],
        theta=config["verdict"]["theta"],
    )


def _seed(jobs: Sequence[Job], sweep: Sweeps) -> str:
    """What the order is drawn from: of each race another, and the same when it is looked at."""
    numbers = " ".join(str(job.number) for job in jobs)
    return f"{sweep.folder.sweep_id} {numbers} {jobs[0].config['seed']}"


def _tell_round(sweep: Sweeps, race: RaceMeasuring) -> None:
    leader = race.test.leader
    words = [f"round {race.rounds}"]
    if leader is not None:
        words.append(f"#{leader} leads")
    gone = len(race.lanes) - len(race.live)
    if gone:
        words.append(f"{gone} of {len(race.lanes)} have left")
    if math.isfinite(race.seconds_left):
        words.append(f"{duration(race.seconds_left)} to go at most")
    sweep.display.news(", ".join(words))


def _tell_left(sweep: Sweeps, race: RaceMeasuring, lane: Lane, run: Run) -> None:
    sweep.keep(run)
    sweep.display.job(lane.job)
    is_told = lane.left is not None or lane.number in race.barred
    stands = _stands(race, lane) if run.status == Status.OK and is_told else ""
    sweep.display.done(f"{outcome(sweep.runs[run.number])}{stands}")


def _stands(race: RaceMeasuring, lane: Lane) -> str:
    """How a row that leaves stands beside the leader."""
    if (why := race.barred.get(lane.number)) is not None:
        return f"; has no rank: {why}"
    leader = race.test.leader
    if leader is None or leader == lane.number:
        return ""
    word, effect = race.test.word(leader, lane.number), race.test.effect(leader, lane.number)
    if effect is None or word == "open":
        return ""
    if word == "same":
        return f"; left in round {race.rounds}: the same as #{leader}"
    more = percent(math.expm1(effect.log_ratio))
    return f"; left in round {race.rounds}: {more} slower than #{leader}"


def _tell_too_few(race: RaceMeasuring | RestartsMeasuring, sweep: Sweeps) -> None:
    rounds, fewest = counted(race.rounds, "round"), fewest_units(race.test.terms.alpha)
    verb = "is" if race.rounds == 1 else "are"
    sweep.display.say(f"rows are not compared: {rounds} {verb} too few, it takes {fewest} at least")


def _keep(race: RaceMeasuring | RestartsMeasuring, jobs: Sequence[Job], sweep: Sweeps) -> None:
    """Writes how the rows stand, where any could be compared."""
    if not race.is_comparable:
        for note in race.notes:
            sweep.display.say(note)
        return
    for job in jobs:
        if job.number not in sweep.runs:  # an interruption came between its end and its keeping
            race.test.drop(job.number)
    runs = {job.number: sweep.runs[job.number] for job in jobs if job.number in sweep.runs}
    well = [run for run in runs.values() if run.status == Status.OK]
    figures = {run.primary.name for run in well if run.primary is not None}
    if len(figures) != 1:
        return
    ids = {number: run.run_id for number, run in runs.items()}
    found = table(race.test, ids, race.left, seconds=race.spent)
    if found.leader is None:
        if len(race.barred) < len(runs) - 1:
            _tell_too_few(race, sweep)
        return
    notes = list(race.notes)
    if found.indirect:
        rows = ", ".join(f"#{number}" for number in found.indirect)
        notes.append(f"{rows} never met the leader in a round and are compared through others")
    terms = race.test.terms
    add_race(
        sweep.folder.path,
        Race(
            figure=jobs[0].config["race"]["objective"] or figures.pop(),
            leader=ids[found.leader],
            standings=found.standings,
            pairs=found.pairs,
            rounds=race.rounds,
            seconds=race.spent,
            alpha=terms.alpha,
            bound=terms.bound,
            theta=terms.theta,
            seed=race.seed,
            notes=tuple(notes),
        ),
    )
