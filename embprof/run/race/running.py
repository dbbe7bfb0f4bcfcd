"""A race within a sweep: its rows get folders and workers, its end a place on disk."""

import math
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Protocol

from embprof.config.times import max_seconds, time_limit
from embprof.model import Job, Run, Status
from embprof.race import Race
from embprof.report.display import Display, outcome
from embprof.run.ending import Phase
from embprof.run.race.lane import Lane
from embprof.run.race.objective import Objective
from embprof.run.race.race import RaceMeasuring, Watch
from embprof.run.race.standings import table
from embprof.run.recorder import Context, Recorder
from embprof.run.stop import StopSweep
from embprof.statistics.race import RaceTest, Terms
from embprof.tracking.folder import RunFolder
from embprof.tracking.races import add_race
from embprof.tracking.sweep_folder import SweepFolder
from embprof.units import duration, percent


class Sweeps(Protocol):
    """What a race needs of the sweep that it is part of."""

    folder: SweepFolder
    display: Display
    runs: dict[int, Run]

    def run_folder(self, job: Job) -> RunFolder:
        """Where a job's run is kept."""

    def context(self) -> Context:
        """What jobs are measured with."""

    def keep(self, run: Run) -> None:
        """Takes a finished run into the index and into MLflow."""

    def on_disk(self) -> AbstractContextManager[None]:
        """Ends the sweep where its files cannot be written."""


def run_race(jobs: Sequence[Job], sweep: Sweeps) -> None:
    """Measures these jobs in rounds; raises StopSweep on ctrl-C."""
    config = jobs[0].config
    seconds = race_seconds(jobs)
    sweep.display.race(len(jobs), seconds)
    with sweep.on_disk():
        race = _measuring(jobs, sweep, seconds)
        race.run()
        sweep.display.race(0, 0)
        _keep(race, config, sweep)
    if race.interruption is not None:
        raise StopSweep


def race_seconds(jobs: Sequence[Job]) -> float:
    """Seconds of measuring that the jobs share at most; infinite where iterations end each."""
    wanted = jobs[0].config["race"]["max_seconds"]
    if wanted is not None:
        return float(wanted)
    return math.fsum(max_seconds(job.config) for job in jobs)


def _measuring(jobs: Sequence[Job], sweep: Sweeps, seconds: float) -> RaceMeasuring:
    config = jobs[0].config
    lanes = []
    for job in jobs:
        recorder = Recorder(job, sweep.run_folder(job), sweep.context())
        recorder.begin()
        phase = Phase(sweep.display.phase, time_limit=time_limit(job.config))
        lanes.append(Lane(recorder=recorder, heats=job.config["restarts"], phase=phase))
    objective = Objective.of(config["race"]["objective"])
    terms = Terms(
        alpha=config["race"]["alpha"],
        bound=config["race"]["bound"],
        theta=config["verdict"]["theta"],
    )
    test = RaceTest(
        rows=tuple(job.number for job in jobs),
        terms=terms,
        bands=objective.bands,
        by_call=objective.is_of_calls,
    )
    numbers = " ".join(str(job.number) for job in jobs)
    return RaceMeasuring(
        lanes=lanes,
        test=test,
        objective=objective,
        seconds=seconds,
        slice_seconds=min(job.config["slice_seconds"] for job in jobs),
        seed=f"{sweep.folder.sweep_id} {numbers} {config['seed']}",
        watch=Watch(rounds=partial(_tell_round, sweep), left=partial(_tell_left, sweep)),
    )


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
    stands = _stands(race, lane) if run.status == Status.OK and lane.left else ""
    sweep.display.done(f"{outcome(sweep.runs[run.number])}{stands}")


def _stands(race: RaceMeasuring, lane: Lane) -> str:
    """How a row that leaves stands beside the leader."""
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


def _keep(race: RaceMeasuring, config: Mapping[str, Any], sweep: Sweeps) -> None:
    """Writes how the rows stand, where any could be compared."""
    if not race.is_comparable:
        for note in race.notes:
            sweep.display.say(note)
        return
    numbers = [lane.number for lane in race.lanes]
    for number in numbers:
        if number not in sweep.runs:  # an interruption came between its end and its keeping
            race.test.drop(number)
    runs = {number: sweep.runs[number] for number in numbers if number in sweep.runs}
    figures = {
        run.primary.name
        for run in runs.values()
        if run.status == Status.OK and run.primary is not None
    }
    if len(figures) != 1:
        return
    found = table(
        race.test,
        {number: run.run_id for number, run in runs.items()},
        race.left,
        seconds=race.spent,
    )
    if found.leader is None:
        return
    notes = list(race.notes)
    if found.indirect:
        rows = ", ".join(f"#{number}" for number in found.indirect)
        notes.append(f"{rows} never met the leader in a round and are compared through others")
    add_race(
        sweep.folder.path,
        Race(
            figure=race.objective.figure or figures.pop(),
            leader=runs[found.leader].run_id,
            standings=found.standings,
            pairs=found.pairs,
            rounds=race.rounds,
            seconds=race.spent,
            alpha=config["race"]["alpha"],
            bound=config["race"]["bound"],
            theta=config["verdict"]["theta"],
            seed=race.seed,
            notes=tuple(notes),
        ),
    )
