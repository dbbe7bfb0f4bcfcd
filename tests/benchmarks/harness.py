"""Throughput as embprof measures it against a bare loop of the same calls, the two in turn.

Both arms run in one process on one model, since two processes of the same program differed by up to
4 % here: more than what is looked for. One request over the pipe starts each slice, as in a sweep;
which arm goes first is drawn for each pair, so that drift of the machine falls on both alike. What
may differ is what embprof adds: reading the clock around each call, counting tokens, reading memory
and CPU time, the workload between the loop and the model."""

import math
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from embprof.config.plan import plan
from embprof.measurements.throughput import Throughput
from embprof.model import Samples
from embprof.sampling.isolation import Worker, Workers, worker_environment
from embprof.sampling.messages import WorkerSpec
from embprof.workloads.embedding import Embedding

TITLE = "harness cost <= 0.5 % of a bare loop"
PAIRS = 600
WARM_UP_PAIRS = 5
SLICE_SECONDS = 0.15
CASES = ("batch_size=1", "batch_size=32")
THREADS = 2


def run(folder: Path) -> None:
    """Prints the ratio of throughputs, embprof to bare, for small and for ordinary batches."""
    with Workers(heavy=True) as workers:
        for case in CASES:
            with workers.start(_spec(case, folder)) as worker:
                ratios = sorted(_ratios(worker))
                worker.ask("close")
            # The median and its order-statistic interval: bursts of neighbours make heavy tails.
            reach = round(0.98 * math.sqrt(len(ratios)))
            middle = len(ratios) // 2
            at = (middle - reach, middle, middle + reach)
            low, value, high = (math.exp(ratios[place]) for place in at)
            print(
                f"{case}: embprof / bare = {value:.4f} "
                f"(95 % interval {low:.4f} to {high:.4f}, {len(ratios)} pairs of slices)",
                flush=True,
            )


def _spec(case: str, folder: Path) -> WorkerSpec:
    (job,) = plan([case, f"threads={THREADS}"]).jobs
    return WorkerSpec(
        workload=job.config["workload"],
        measurement={"_target_": f"{__name__}.EitherArm"},
        threads=THREADS,
        environment=worker_environment(THREADS, "default", offline=True),
        log=str(folder / "worker.log"),
        fresh=False,
        allocator=job.config["allocator"],
    )


def _ratios(worker: Worker) -> list[float]:
    """Log ratios of throughput, pair by pair."""
    worker.ask("open")
    calls = 1
    ratios = []
    for pair in range(WARM_UP_PAIRS + PAIRS):
        found = [worker.ask("observe", calls) for _ in EitherArm.ARMS]
        rates = {slice_.samples[0].name: slice_.samples[0].values[0] for slice_ in found}
        if pair >= WARM_UP_PAIRS:
            ratios.append(math.log(rates["embprof"] / rates["bare"]))
        else:
            calls = max(1, round(SLICE_SECONDS * calls / found[-1].seconds))
    return ratios


class EitherArm:
    """The measurement under test in one slice, a bare loop in another; a pair in random order."""

    ARMS = ("embprof", "bare")
    isolation: Literal["fork", "fresh"] = "fork"

    def __init__(self) -> None:
        self._coin = random.Random(0)
        self._due: list[str] = []

    def open(self, workload: Embedding) -> None:
        """Opens embprof's measurement of the workload."""
        self._workload = workload
        self._throughput = Throughput()
        self._throughput.open(workload)

    def observe(self, calls: int) -> Sequence[Samples]:
        """Items a second of that many calls, under the name of the arm."""
        self._due = self._due or self._coin.sample(self.ARMS, 2)
        arm = self._due.pop()
        rate = self._embprof(calls) if arm == "embprof" else self._bare(calls)
        return (Samples(name=arm, unit="1/s", better="higher", values=(rate,)),)

    def close(self) -> Sequence[Path]:
        """Leaves no files."""
        return ()

    def _embprof(self, calls: int) -> float:
        times = self._throughput.observe(calls)[0]
        return sum(times.items) / sum(times.values)

    def _bare(self, calls: int) -> float:
        """Of a loop that does nothing but call the model."""
        model, size = self._workload._encoder, self._workload.batch_size
        batches = [self._workload._inputs.take() for _ in range(calls)]
        started = time.perf_counter()
        for batch in batches:
            model.encode(batch, batch_size=size, normalize=True)
        seconds = time.perf_counter() - started
        model.counts()  # forgets the attention masks, which embprof would count
        return calls * size / seconds
