"""How often the gate is right on this machine: real A/A trials and planted slowdowns.

``make benchmark-verdicts`` (30 minutes). Every trial is one ``embprof gate`` as a user types it:
the real model, two arms that differ by a slowdown planted inside the model. Trials are few, so each
share comes with its Clopper-Pearson bounds; below stand gates drawn anew from the measured pairs of
restarts (which are independent of each other), many more of them.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import yaml
from numpy.typing import NDArray
from scipy.stats import binomtest

from embprof.model import Verdict
from embprof.run.gate.looks import Bounds, Looks
from embprof.statistics.pair_effect import pair_effects, restart_effects
from embprof.statistics.verdict import DELTA, THETA
from embprof.tracking.folder import read_slices
from embprof.units import duration, percent
from tests.benchmarks.neighbour import neighbour

ROOT = Path(__file__).resolve().parents[2]
SLOWDOWNS = (0.0, 0.03, 0.01, 0.0, 0.03, 0.02, 0.0, 0.05, 0.03, 0.0, 0.03, 0.08)
"""Planted in this order, again and again: those that decide most come most often."""
REDRAWN = 2000
"""Gates drawn anew from the measured pairs for each slowdown."""
PAIRS = 24


@dataclass(frozen=True, kw_only=True)
class Done:
    """One gate: what was planted, what it said, and its pairs' effects."""

    slowdown: float
    verdict: str
    change: float
    seconds: float
    effects: list[list[float]]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--minutes", type=float, default=30.0)
    asked.add_argument("--batch-size", type=int, default=32)
    asked.add_argument("--busy", action="store_true", help="keep one CPU busy beside the gates")
    asked.add_argument("--slowdowns", type=float, nargs="*", default=SLOWDOWNS)
    arguments = asked.parse_args()
    print(f"machine: {psutil.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f} at the start")
    with (
        tempfile.TemporaryDirectory(prefix="embprof-verdicts-") as folder,
        neighbour(1.0 if arguments.busy else 0.0),
    ):
        done = list(_gates(Path(folder), arguments))
    _report(done)


def _gates(folder: Path, arguments: argparse.Namespace) -> Iterator[Done]:
    _write_workload(folder)
    end = time.monotonic() + 60 * arguments.minutes
    longest = 0.0
    number = 0
    while time.monotonic() + longest < end:
        slowdown = arguments.slowdowns[number % len(arguments.slowdowns)]
        started = time.monotonic()
        done = _gate(folder, slowdown, arguments.batch_size)
        longest = max(longest, time.monotonic() - started)
        number += 1
        print(
            f"{number:3} planted {percent(slowdown):>6}: {done.verdict:8} {done.change:+.1%} "
            f"in {duration(done.seconds)}, {len(done.effects)} pairs of sd "
            f"{np.std(restart_effects(done.effects), ddof=1):.1%}",
            flush=True,
        )
        yield done


def _write_workload(folder: Path) -> None:
    option = yaml.safe_load((ROOT / "conf/workload/embedding.yaml").read_text())
    option = {**option, "_target_": "tests.benchmarks.planted.Planted", "slowdown": 0.0}
    (folder / "conf/workload").mkdir(parents=True)
    (folder / "conf/workload/planted.yaml").write_text(yaml.safe_dump(option))


def _gate(folder: Path, slowdown: float, batch_size: int) -> Done:
    arms = ["--a", "workload.slowdown=0.0", "--b", f"workload.slowdown={slowdown}"]
    asked = ["workload=planted", f"batch_size={batch_size}", *arms, "--a-a"]
    before = set((folder / "mlruns/sweeps").glob("*"))
    subprocess.run(
        [sys.executable, "-m", "embprof", "gate", *asked],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
        capture_output=True,
    )
    (sweep,) = set((folder / "mlruns/sweeps").glob("*")) - before
    comparison = json.loads((sweep / "1/comparison.json").read_text())
    effects = _effects(sweep)
    spent = json.loads((sweep / "1/run.json").read_text())["seconds"]["total"]
    return Done(
        slowdown=slowdown,
        verdict=comparison["verdict"],
        change=comparison["ratio"] - 1,
        seconds=spent,
        effects=effects,
    )


def _effects(sweep: Path) -> list[list[float]]:
    """Of each pair of restarts the effects of its slice pairs, from the stored readings."""
    arms = []
    for job in ("0", "1"):
        restarts: dict[int, list[Sequence[float]]] = defaultdict(list)
        for piece in read_slices(sweep / job):
            if not piece.warmup:
                restarts[piece.restart].append(piece.values("call_time"))
        arms.append(restarts)
    a, b = arms
    return [list(pair_effects(a[pair], b[pair])) for pair in sorted(a)]


def _report(done: Sequence[Done]) -> None:
    print("\nplanted  gates  slower faster same unclear   slower, 95 % bounds     median seconds")
    for slowdown in sorted({one.slowdown for one in done}):
        mine = [one for one in done if one.slowdown == slowdown]
        said = Counter(one.verdict for one in mine)
        bounds = binomtest(said["slower"], len(mine)).proportion_ci(method="exact")
        counts = " ".join(f"{said[word]:6}" for word in ("slower", "faster", "same", "unclear"))
        print(
            f"{percent(slowdown):>7} {len(mine):6} {counts}   "
            f"{said['slower'] / len(mine):.0%} ({bounds.low:.0%} to {bounds.high:.0%})"
            f"  {np.median([one.seconds for one in mine]):8.0f}"
        )
    _report_redrawn(done)


def _report_redrawn(done: Sequence[Done]) -> None:
    """Gates of 24 pairs drawn from all measured ones, freed of what their gate was planted."""
    pool: list[NDArray[np.float64]] = []
    for one in done:
        middle = float(np.mean(restart_effects(one.effects)))
        pool += [np.asarray(pair) - middle for pair in one.effects]
    print(f"\nredrawn from {len(pool)} measured pairs of restarts, {REDRAWN} gates each")
    print("planted  slower  faster   same  unclear   median pairs")
    draw = random.Random(1)
    for slowdown in (0.0, 0.01, 0.02, 0.03, 0.05, 0.08):
        outcomes = [_redrawn(pool, np.log1p(slowdown), draw) for _ in range(REDRAWN)]
        said = Counter(verdict for verdict, _ in outcomes)
        shares = " ".join(
            f"{said[verdict] / REDRAWN:7.1%}"
            for verdict in (Verdict.SLOWER, Verdict.FASTER, Verdict.SAME, Verdict.UNCLEAR)
        )
        pairs = np.median([count for _, count in outcomes])
        print(f"{percent(slowdown):>7} {shares}   {pairs:8.0f}")


def _redrawn(pool: Sequence[np.ndarray], shift: float, draw: random.Random) -> tuple[Verdict, int]:
    bounds = Bounds(theta=THETA, delta=DELTA, alpha=0.01)
    looks = Looks(pairs=PAIRS, bounds=bounds, alpha=bounds.alpha)
    # Which worker of a pair was A is chance: either sign is as likely.
    effects = [draw.choice((-1, 1)) * draw.choice(pool) + shift for _ in range(PAIRS)]
    for count in range(looks.first, PAIRS + 1):
        found = looks.look(effects[:count], last=count == PAIRS)
        if found is not None and found.verdict != Verdict.UNCLEAR:
            return found.verdict, count
    return Verdict.UNCLEAR, PAIRS


if __name__ == "__main__":
    main()
