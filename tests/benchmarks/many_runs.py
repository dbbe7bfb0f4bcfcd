"""The same costs in a store of 10,000 runs: none may grow by over a tenth.

The runs are copies of a real one, written into MLflow's database and into the index directly, since
logging that many one by one would take a quarter of an hour.
"""

import dataclasses
import json
import secrets
import sqlite3
import statistics
import time
from contextlib import closing
from pathlib import Path

from embprof.tracking.folder import read_run
from embprof.tracking.mlflow_store import MlflowStore
from embprof.tracking.places import Places
from embprof.tracking.sweep_folder import SweepFolder
from tests.benchmarks.start import THOUSAND
from tests.benchmarks.sweep import cost
from tests.benchmarks.timing import embprof, shown

TITLE = "logging a job <= 0.15 s; with 10,000 stored runs no cost grows by over a tenth"
RUNS = 10_000
REPEATS = 15
COPIED = ("runs", "tags", "params", "latest_metrics", "metrics")


def run(folder: Path) -> None:
    """Prints each cost in an empty store, in a full one, and their ratio."""
    places = Places(root=folder / "mlruns")
    embprof(folder, "max_seconds=1")
    empty = _costs(folder, places)
    started = time.perf_counter()
    _fill(places)
    print(f"(filled the store in {time.perf_counter() - started:.0f} s)", flush=True)
    full = _costs(folder, places)
    for name, before in empty.items():
        ratio = statistics.median(full[name]) / statistics.median(before)
        print(f"{name}: empty {shown(before)}, full {shown(full[name])}, ratio {ratio:.2f}")


def _costs(folder: Path, places: Places) -> dict[str, list[float]]:
    return {
        "plan of 1,000 jobs": [embprof(folder, *THOUSAND) for _ in range(5)],
        "logging a job": _logging(places),
        "a job beside measuring": cost(folder)[0],
    }


def _logging(places: Places) -> list[float]:
    store = MlflowStore(places, "embprof")
    sweep = SweepFolder(path=min(places.sweeps.iterdir()))
    (job,) = sweep.job_folders()
    answer = read_run(job)
    assert answer is not None
    times = []
    for _ in range(REPEATS):
        run_id = f"benchmark/{secrets.token_hex(4)}"
        copy = dataclasses.replace(answer, run_id=run_id)
        started = time.perf_counter()
        parent = secrets.token_hex(16)
        store.log_run(copy, job, name=run_id, parent=parent, tags={}, again=False)
        times.append(time.perf_counter() - started)
    return times


def _fill(places: Places) -> None:
    with closing(sqlite3.connect(places.database)) as database, database:
        (template,) = database.execute(
            "SELECT run_uuid FROM tags WHERE key = 'embprof.kind' AND value = 'job' LIMIT 1"
        ).fetchone()
        rows = {
            table: database.execute(
                f"SELECT * FROM {table} WHERE run_uuid = ?", (template,)
            ).fetchall()
            for table in COPIED
        }
        columns = {
            table: [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
            for table in COPIED
        }
        for _ in range(RUNS):
            new = secrets.token_hex(16)
            for table, copied in rows.items():
                marks = ",".join("?" * len(columns[table]))
                at = columns[table].index("run_uuid")
                database.executemany(
                    f"INSERT INTO {table} VALUES ({marks})",
                    [(*row[:at], new, *row[at + 1 :]) for row in copied],
                )
    (line,) = places.index.read_text().splitlines()[-1:]
    entry = json.loads(line)
    with places.index.open("a") as lines:
        for number in range(RUNS):
            lines.write(json.dumps({**entry, "key": f"{number:012x}", "sweep_id": "old"}) + "\n")
