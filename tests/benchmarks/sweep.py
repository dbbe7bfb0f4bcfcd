"""What a job costs beside warming up and measuring: starting, loading, storing, logging, Hydra."""

import itertools
import statistics
from datetime import datetime
from pathlib import Path

from embprof.model import Run
from embprof.tracking.folder import read_run
from embprof.tracking.sweep_folder import SweepFolder
from tests.benchmarks.timing import embprof

TITLE = "wall time minus warm-up and measuring <= 0.8 s a job after the first, real model on CPU"
JOBS = 10
SWEEP = (
    "-m",
    f"seed=range(0,{JOBS})",
    "batch_size=8",
    "iterations=20",
    "device=cpu",
)


def run(folder: Path) -> None:
    """Prints the cost a job and its parts."""
    embprof(folder, "max_seconds=1")  # creates the store
    overheads, loads = cost(folder)
    print(f"a job beside measuring: mean {statistics.mean(overheads):.3f} s", end=" ")
    print(f"({min(overheads):.3f} to {max(overheads):.3f}, {len(overheads)} jobs)", end=", ")
    print(f"of which loading the model {statistics.mean(loads):.3f} s")


def cost(folder: Path) -> tuple[list[float], list[float]]:
    """Seconds of each job but the first beside measuring, and of loading its model."""
    before = set((folder / "mlruns" / "sweeps").iterdir())
    embprof(folder, *SWEEP)
    (path,) = set((folder / "mlruns" / "sweeps").iterdir()) - before
    runs = [answer for job in SweepFolder(path=path).job_folders() if (answer := read_run(job))]
    overheads = [
        _ended(after) - _ended(before) - after.seconds["warmup"] - after.seconds["measured"]
        for before, after in itertools.pairwise(runs)
    ]
    return overheads, [answer.seconds["load"] for answer in runs[1:]]


def _ended(answer: Run) -> float:
    return datetime.fromisoformat(answer.ended).timestamp()
