"""How well two equal workers can be told from each other here: A/A, in turn.

Both arms are the same job, so whatever differs is noise. Its size decides how large a change must
be before it can be told from it.
"""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from embprof.config.plan import Plan
from embprof.config.plugins import imports_torch
from embprof.errors import WorkerError
from embprof.model import Estimate, Job, Status
from embprof.run.backend_files import made_ready
from embprof.run.gate.arms import Arm
from embprof.run.gate.looks import Bounds, Looks
from embprof.run.gate.row import RowMeasuring, Terms, Trial
from embprof.run.recorder import Context, Recorder
from embprof.run.workshop import Workshop
from embprof.sampling.isolation import Workers
from embprof.statistics.pair_effect import restart_effects
from embprof.statistics.paired_test import smallest_detectable_change
from embprof.statistics.signed_rank import fewest_units
from embprof.statistics.verdict import DELTA, THETA
from embprof.tracking.folder import RunFolder
from embprof.units import duration

ALPHA = 0.01
PAIR_SECONDS = 7.5
"""Seconds of a pair of restarts in a gate of three minutes with 24 of them: what is measured here
has its spread."""
TIMES = (60, 180, 600)
"""Seconds of measuring for which the smallest detectable change is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseFigures:
    """The noise of this machine, from two equal workers measured in turn.

    ``pair_sd`` is the standard deviation of a restart pair's effect, the log of the ratio of its
    two workers' times (0.02: two equal workers differ by 2 %), None from fewer than two of the
    ``pairs`` restart pairs that were measured. ``smallest_detectable`` maps seconds of measuring
    to the least slowdown (0.026: 2.6 %) that is found with 95 % power in that time, None where the
    time is too short for any verdict. ``ratio`` is the ratio of times B/A with its interval, and
    ought to hold 1. ``others`` is the CPUs' worth of time that other processes used meanwhile (0.1
    is 10 % of one CPU), None where the system does not tell. ``seconds`` is how long it took.
    """

    pair_sd: float | None
    pairs: int
    smallest_detectable: Mapping[int, float | None]
    ratio: Estimate
    others: float | None
    seconds: float


def measure(plan: Plan, *, seconds: float, say: Callable[[str], None]) -> NoiseFigures:
    """Measures the plan's one job against itself for that long, the machine's lock being held.

    ``say`` is told what goes on, between slices only. Raises WorkerError when a worker fails.
    """
    (job,) = plan.jobs
    trial = _trial(plan, job, seconds, say)
    if trial.ending.status == Status.INTERRUPTED:
        raise KeyboardInterrupt
    if trial.look is None:
        raise WorkerError(trial.ending.status, trial.ending.reason or "", trial.ending.details)
    changes = restart_effects(trial.effects)
    each = trial.seconds / len(changes)
    return NoiseFigures(
        pair_sd=float(np.std(changes, ddof=1)) if len(changes) > 1 else None,
        pairs=len(changes),
        smallest_detectable={
            time: smallest_detectable_change(trial.effects, round(time / each), alpha=ALPHA)
            for time in TIMES
        },
        ratio=trial.look.test.estimate,
        others=sum(trial.others) / len(trial.others) if trial.others else None,
        seconds=trial.seconds,
    )


def _trial(plan: Plan, job: Job, seconds: float, say: Callable[[str], None]) -> Trial:
    """The job as both arms of a gate's row; what it leaves on disk is thrown away."""
    pairs = max(fewest_units(ALPHA), round(seconds / PAIR_SECONDS))
    bounds = Bounds(theta=THETA, delta=DELTA, alpha=ALPHA)
    terms = Terms(
        seconds=seconds,
        looks=Looks(pairs=pairs, bounds=bounds, alpha=ALPHA),
        void=lambda _: None,
        seed=f"doctor {job.config['seed']}",
    )
    arms = Arm(name="a", job=job), Arm(name="b", job=job)
    heavy = imports_torch(job.config["workload"])
    with tempfile.TemporaryDirectory(prefix="embprof-doctor-") as folder:
        logs = Path(folder) / "backends"
        workshop = Workshop(weights=plan.weights, logs=logs, say=say)
        with Workers(heavy=heavy) as workers:
            context = Context(
                sweep_id="doctor",
                workers=workers,
                weights=plan.weights,
                progress=lambda _: None,
                files=made_ready([job], workshop),
            )
            recorders = _recorders(job, Path(folder), context)
            say(f"measuring the noise of two equal workers, {duration(seconds)} …")
            measuring = RowMeasuring(arms, recorders, {}, terms, pilot=lambda _: None)
            trial = measuring.run()
        for recorder in recorders:
            recorder.folder.close()
    return trial


def _recorders(job: Job, folder: Path, context: Context) -> tuple[Recorder, Recorder]:
    a, b = (Recorder(job, RunFolder(folder / name, name), context) for name in ("a", "b"))
    a.begin()
    b.begin()
    return a, b
