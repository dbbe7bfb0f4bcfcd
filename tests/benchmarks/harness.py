"""Throughput as embprof measures it against a bare loop of the same calls, the two in turn.

Both arms run in one process on one model, since two processes of the same program differed by up to
4 % here: more than what is looked for. One request over the pipe starts each slice, as in a sweep;
which arm goes first is drawn for each pair, so that drift of the machine falls on both alike. What
may differ is what embprof adds: reading the clock around each call, counting tokens, reading memory
and CPU time, the workload between the loop and the model."""

from __future__ import annotations

import itertools
import math
import multiprocessing
import random
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from hydra.utils import instantiate

from embprof.config.plan import plan
from embprof.measurements.throughput import Throughput
from embprof.sampling.isolation import Workers, worker_environment
from embprof.workloads.embedding import Embedding

TITLE = "harness cost <= 0.5 % of a bare loop"
PAIRS = 600
WARM_UP_PAIRS = 5
SLICE_SECONDS = 0.15
CASES = ("batch_size=1", "batch_size=32")
THREADS = 2


def run(_folder: Path) -> None:
    """Prints the ratio of throughputs, embprof to bare, for small and for ordinary batches."""
    environment = worker_environment(THREADS, "default", offline=True)
    Workers(heavy=True).warm_up(environment)
    for case in CASES:
        ratios = sorted(_ratios(case))
        # The median and its order-statistic interval: bursts of neighbours make the tails heavy.
        reach = round(0.98 * math.sqrt(len(ratios)))
        middle = len(ratios) // 2
        low, value, high = (math.exp(ratios[at]) for at in (middle - reach, middle, middle + reach))
        print(
            f"{case}: embprof / bare = {value:.4f} "
            f"(95 % interval {low:.4f} to {high:.4f}, {len(ratios)} pairs of slices)",
            flush=True,
        )


def _ratios(case: str) -> list[float]:
    """Log ratios of throughput, pair by pair."""
    (job,) = plan([case, f"threads={THREADS}"]).jobs
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("forkserver").Process(
        target=_both_arms, args=(theirs, dict(job.config["workload"])), daemon=True
    )
    process.start()
    coin = random.Random(0)
    calls = max(1, round(SLICE_SECONDS / _asked(ours, "seconds", 5)))
    ratios = []
    for pair in range(WARM_UP_PAIRS + PAIRS):
        rates = {arm: _asked(ours, arm, calls) for arm in coin.sample(("embprof", "bare"), 2)}
        if pair >= WARM_UP_PAIRS:
            ratios.append(math.log(rates["embprof"] / rates["bare"]))
    process.kill()
    return ratios


def _asked(connection: Connection, what: str, calls: int) -> float:
    connection.send((what, calls))
    answer: float = connection.recv()
    return answer


def _both_arms(connection: Connection, config: dict[str, Any]) -> None:
    import torch

    torch.set_num_threads(THREADS)
    workload: Embedding = instantiate(config)
    workload.load()
    measurement = Throughput()
    measurement.open(workload)
    while True:
        what, calls = connection.recv()
        if what == "bare":
            connection.send(_bare(workload, calls))
            continue
        times = measurement.observe(calls)[0]
        rate = sum(times.items) / sum(times.values)
        connection.send(sum(times.values) / calls if what == "seconds" else rate)


def _bare(workload: Embedding, calls: int) -> float:
    """Items a second of a loop that does nothing but call the model."""
    model, size = workload._encoder, workload.batch_size
    batches = [list(itertools.islice(workload._texts, size)) for _ in range(calls)]
    started = time.perf_counter()
    for batch in batches:
        model.encode(batch, batch_size=size, show_progress_bar=False, normalize_embeddings=True)
    seconds = time.perf_counter() - started
    model.counts()  # forgets the attention masks, which embprof would count
    return calls * size / seconds
