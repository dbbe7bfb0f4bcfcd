"""Runs a sweep as a user types it, and finds where it lies."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from embprof.report.study import Answer
from embprof.tracking.folder import read_stored
from embprof.tracking.sweep_folder import SweepFolder

ROOT = Path(__file__).resolve().parents[2]


def swept(folder: Path, *request: str) -> tuple[Path, float]:
    """The folder of a sweep run in ``folder``, and the seconds that it took in all.

    Raises SystemExit, with what was printed, where it fails.
    """
    before = set((folder / "mlruns/sweeps").glob("*"))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("MLFLOW_TRACKING_URI", None)
    started = time.monotonic()
    found = subprocess.run(
        [sys.executable, "-m", "embprof", "-m", *request],
        cwd=folder,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    if found.returncode:
        raise SystemExit(
            f"{' '.join(request)} ended with {found.returncode}:\n{found.stdout}{found.stderr}"
        )
    (sweep,) = set((folder / "mlruns/sweeps").glob("*")) - before
    return sweep, time.monotonic() - started


def answers(sweep: Path) -> Mapping[int, Answer]:
    """The answers of a sweep by the numbers of their jobs."""
    stored = [one for job in SweepFolder(path=sweep).job_folders() if (one := read_stored(job))]
    return {one.run.number: Answer(stored=one) for one in stored}
