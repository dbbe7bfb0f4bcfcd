"""Everything that ``embprof doctor`` finds out, and what it comes to."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from embprof.config.plan import Plan
from embprof.doctor import clock, harness, noise
from embprof.doctor.clock import ClockFigures
from embprof.doctor.harness import HarnessCost
from embprof.doctor.noise import NoiseFigures
from embprof.doctor.traps import Examination, examine
from embprof.machine import facts
from embprof.machine.facts import Facts
from embprof.machine.facts.window import between, moment
from embprof.machine.files import Files
from embprof.model import Job
from embprof.units import utc_now

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """A machine at one moment, for one job; ``noise`` is None where it was not asked for."""

    started: str
    job: Job
    facts: Facts
    clock: ClockFigures
    harness: HarnessCost
    noise: NoiseFigures | None
    examined: Examination

    @property
    def slice_seconds(self) -> float:
        """Seconds of the job's slices, over which the cost of a slice is spread."""
        return float(self.job.config["slice_seconds"])


def diagnose(
    plan: Plan, runs: Path, *, seconds: float, waited_for: str | None, say: Say
) -> Diagnosis:
    """Looks at the machine for the plan's one job; the machine's lock is held by the caller.

    ``seconds`` go to the noise; with 0 it is left out. ``runs``: where runs are kept.
    ``waited_for``: who held the lock before. Raises WorkerError when a worker fails.
    """
    started, (job,) = utc_now(), plan.jobs
    say("watching what others do …")
    found = facts.read(job.config, runs, waited_for=waited_for)
    ticking, cost = clock.measure(), harness.measure()
    noisy = None
    if seconds:
        before = moment(Files())
        noisy = noise.measure(plan, seconds=seconds, say=say)
        window = between(before, moment(Files()))
        # The counters cannot tell the measured workers from others; who measured can.
        measuring = dataclasses.replace(window, others=noisy.others)
        found = dataclasses.replace(found, measuring=measuring)
    return Diagnosis(
        started=started,
        job=job,
        facts=found,
        clock=ticking,
        harness=cost,
        noise=noisy,
        examined=examine(found),
    )
