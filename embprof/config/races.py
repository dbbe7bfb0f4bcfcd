"""Which rows of a sweep meet in rounds, and why the others are measured by themselves.

Rows that meet ask for the same to be done (the same measurement of the same workload, on texts of
the same length from the same corpus): they are alternatives, of which one is the best. Rows of
which each question differs (text lengths) are not. They also end alike: all after so many restarts,
all by time or all by a number of iterations; and they are judged alike (``race``,
``verdict.theta``).
"""

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from embprof.config import plugins
from embprof.config.heavy_classes import UnansweredError
from embprof.config.times import duration, max_seconds
from embprof.interface import nested
from embprof.interface.subjects import measurement_of
from embprof.machine import resources
from embprof.machine.fingerprint import digest
from embprof.model import Job
from embprof.statistics.signed_rank import fewest_units

ROUNDS = "rounds"
TASK = ("measurement", "text_length", "corpus", "seed")
"""Keys that say what is to be done; the others say how."""
LATENCIES = ("latency_p50_ms", "latency_p95_ms", "latency_p99_ms")
"""Figures that rows can be compared in, beside their first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Rows that meet, two or more.

    ``is_of_restarts``: their readings are of whole processes, so a restart of each is a round.
    """

    jobs: tuple[Job, ...]
    is_of_restarts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """The races of a sweep, and why a row is in none.

    Reasons are there for rows that would have had another to meet.
    """

    races: tuple[Group, ...]
    alone: Mapping[int, str]

    def race_of(self, number: int) -> Group | None:
        """The rows that a job is measured with; None where it is measured by itself."""
        return next((one for one in self.races if any(j.number == number for j in one.jobs)), None)


def grouped(jobs: Sequence[Job]) -> Grouped:
    """The races that these jobs make."""
    tasks: dict[str, list[Job]] = {}
    for job in jobs:
        tasks.setdefault(_task(job.config), []).append(job)
    races, alone = [], {}
    for rows in tasks.values():
        if len(rows) < 2:  # noqa: PLR2004  (nothing to compare with)
            continue
        reasons = {job.number: reason_against(job.config) for job in rows}
        meeting = tuple(job for job in rows if reasons[job.number] is None)
        if len(meeting) > 1:
            of_restarts = plugins.is_of_processes(_measurement(meeting[0].config))
            races.append(Group(jobs=meeting, is_of_restarts=of_restarts))
        alone.update({number: why for number, why in reasons.items() if why is not None})
    return Grouped(races=tuple(races), alone=alone)


def race_seconds(jobs: Sequence[Job]) -> float:
    """Seconds of measuring that the jobs share at most; infinite where iterations end each."""
    wanted = jobs[0].config["race"]["max_seconds"]
    if wanted is not None:
        return float(wanted)
    return math.fsum(max_seconds(job.config) for job in jobs)


def reason_against(config: Mapping[str, Any]) -> str | None:
    """Why a row is measured by itself; None where it can meet others."""
    return next(_reasons(config), None)


def _reasons(config: Mapping[str, Any]) -> Iterator[str]:
    if config["order"] != ROUNDS:
        yield f"order={config['order']}"
    target = _measurement(config)
    try:
        if (why := plugins.ungated(target)) is not None:
            yield why
        fewest = fewest_units(config["race"]["alpha"])
        if plugins.is_of_processes(target) and config["restarts"] < fewest:
            yield (
                f"its readings are of whole processes, of which {fewest} make a comparison "
                f"(restarts={fewest})"
            )
    except UnansweredError:
        yield "its measurement's class could not be asked"
    if duration(config) is not None:
        yield "its measurement goes on for a set time"
    if config["doubling"]:
        yield "each of its restarts makes twice the calls of the one before"
    if any("_target_" in node for _, node in nested.find(config["workload"], nested.SERVICE)):
        yield "it asks a server whose state its rows share"
    if resources.wait_policy(config["wait_policy"]) == "active" and sys.platform != "linux":
        yield "its idle threads would spin beside the others (wait_policy=active)"


def _measurement(config: Mapping[str, Any]) -> str:
    return str(config["measurement"]["_target_"])


def do_the_same(a: Job, b: Job) -> bool:
    """Whether two rows are alternatives, of which one is the best."""
    return _task(a.config) == _task(b.config)


def race_problems(config: Mapping[str, Any]) -> Iterator[str]:
    """An objective that rows cannot be compared in."""
    objective = config["race"]["objective"]
    if objective is not None and objective not in LATENCIES:
        known = ", ".join(LATENCIES)
        yield (
            f"race.objective={objective}: rows are compared in their first figure (null), or in "
            f"one of {known}"
        )


def objective_problems(config: Mapping[str, Any]) -> Iterator[str]:
    """An objective that the measurement reads nothing of."""
    objective, measurement = config["race"]["objective"], measurement_of(config)
    if objective not in LATENCIES:  # null, or told already
        return
    known = measurement.account.figures
    has_calls = measurement.account.times_calls and (known is None or objective in known)
    try:
        has_calls = has_calls and not plugins.is_of_processes(measurement.target)
    except UnansweredError:
        return  # the problems of its class are told already
    if not has_calls:
        yield (
            f"race.objective={objective}: measurement={measurement.name} does not time each call "
            "by itself; its rows are compared in their first figure (null)"
        )


def _task(config: Mapping[str, Any]) -> str:
    workload = config["workload"]
    asked = {key: config[key] for key in TASK}
    # Rounds end by time or by calls, and restarts are those of all rows at once.
    asked |= {"restarts": config["restarts"], "is_counted": config["iterations"] is not None}
    # What is said of rows holds to one measure.
    asked |= {"race": config["race"], "theta": config["verdict"]["theta"]}
    return digest({**asked, "workload": workload.get("_target_")})
