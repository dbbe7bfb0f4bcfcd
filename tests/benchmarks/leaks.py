"""Error rates of the leak verdict on real processes: ``python -m tests.benchmarks.leaks [TRIALS]``.

Each trial is two fresh processes of N and 2N calls, warmed up and sliced as in a sweep, of a
workload of which the truth is known. Sizes and bounds are drawn anew for each trial, with a seed.
Prints how often each verdict was given, and Clopper-Pearson's 95 % bounds on the share of leaks."""

import argparse
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from scipy.stats import binomtest

from embprof.interface.conclusions import conclude
from embprof.interface.subjects import subject
from embprof.model import Slice
from embprof.sampling.isolation import Worker, Workers, worker_environment
from embprof.sampling.messages import Observed, WorkerSpec
from embprof.sampling.sampler import Sampler
from embprof.sampling.schedule import Schedule

CALLS = 1000
WARM_UP = 100
PATIENCE = 300.0
Draw = Callable[[random.Random], Mapping[str, Any]]


def _of(name: str, **parameters: Callable[[random.Random], int]) -> Draw:
    return lambda rng: {
        "_target_": f"embprof.testing.{name}",
        **{key: draw(rng) for key, draw in parameters.items()},
    }


def _size(rng: random.Random) -> int:
    return rng.choice((256, 1024, 4096, 16384))


def _only(value: int) -> Callable[[random.Random], int]:
    return lambda _: value


LEAKS = {
    f"{name} {size:,} B": _of(name, bytes_a_call=_only(size))
    for size in (1024, 256, 16384)
    for name in ("LeaksInPython", "LeaksInC")
}
NO_LEAKS = {
    "nothing kept": _of("Pieces", bytes_a_call=_size),
    "cycles": _of("Cycles", bytes_a_call=_size),
    "bounded cache": _of("BoundedCache", bytes_a_call=_size, entries=lambda r: r.randint(1, 2100)),
    "LRU, full in time": _of("LruFill", bytes_a_call=_size, capacity=lambda r: r.randint(1, 2100)),
    "LRU, still filling": _of(
        "LruFill", bytes_a_call=_size, capacity=lambda r: r.randint(2100, 9000)
    ),
    "arena steps": _of("ArenaSteps", first=lambda r: r.randint(2, 900)),
    "sawtooth": _of("Sawtooth", bytes_a_call=_size, period=lambda r: r.randint(3, 2100)),
}


class _Asking:
    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    def observe(self, iterations: int) -> Observed:
        observed: Observed = self._worker.ask("observe", iterations)
        return observed


def verdict(workers: Workers, workload: Mapping[str, Any], log: Path) -> tuple[str, str, str]:
    """What two fresh processes show: the verdict, the reason, the slope."""
    slices: list[Slice] = []
    for restart in range(2):
        spec = WorkerSpec(
            workload=workload,
            measurement={"_target_": "embprof.measurements.leak.Leak"},
            threads=1,
            environment=worker_environment(1, "default", offline=True),
            log=str(log),
            fresh=True,
        )
        schedule = Schedule(
            iterations=CALLS * 2**restart,
            precision=0.01,
            max_seconds=PATIENCE,
            more_seconds=0.0,
            slice_seconds=0.2,
            warmup_iterations=WARM_UP,
            warmup_seconds=0.0,
            warmup_max_seconds=0.001,
        )
        with workers.start(spec) as worker:
            worker.ask("open")
            sampler = Sampler(_Asking(worker), schedule, restart=restart, keep=slices.append)
            sampler.run(lambda worker=worker: worker.ask("measuring"))  # type: ignore[misc]
            slices.append(worker.ask("finish").as_slice(restart))
            worker.ask("close")
    found = conclude(slices, [subject("embprof.measurements.leak.Leak")])
    estimate = found.figures[0].estimate
    slope = "n/a" if estimate is None else f"{estimate.value:.0f}"
    return found.outcomes["leak"], found.outcomes.get("leak_reason", ""), slope


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("trials", nargs="?", type=int, default=40)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--only", default="")
    options = asked.parse_args()
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder, Workers(heavy=False) as workers:
        for name, draw in {**LEAKS, **NO_LEAKS}.items():
            if options.only not in name:
                continue
            words: Counter[str] = Counter()
            for _ in range(options.trials):
                workload = draw(rng)
                word, reason, slope = verdict(workers, workload, Path(folder) / "log")
                words[word] += 1
                expected = "leak" if name in LEAKS else ("no_leak", "growth_unproven")
                if word not in expected:
                    print("   ", dict(workload), word, reason, slope, flush=True)
            bounds = binomtest(words["leak"], options.trials).proportion_ci(0.95)
            print(f"{name}: {dict(words)}; leaks {bounds.low:.3f} to {bounds.high:.3f}", flush=True)


if __name__ == "__main__":
    main()
