"""Throughput inside embprof against a bare loop of the same calls, the two in turn.

Two processes load the same model and embed the same kind of texts: a worker asked through embprof's
own path (slices over a pipe, readings of memory and CPU between them), and a plain script that
calls ``encode`` in a loop and times the whole loop. One runs at a time; which goes first is drawn
for each pair, so that drift of the machine falls on both alike."""

from __future__ import annotations

import math
import multiprocessing
import random
import statistics
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from embprof.config.plan import model_id, plan
from embprof.sampling.isolation import Workers, worker_environment
from embprof.sampling.worker import Observed, WorkerSpec

TITLE = "harness cost <= 0.5 % of a bare loop"
PAIRS = 150
SLICE_SECONDS = 0.4
CASES = ("batch_size=1", "batch_size=32")
THREADS = 2


def run(folder: Path) -> None:
    """Prints the ratio of throughputs, embprof to bare, for small and for ordinary batches."""
    for case in CASES:
        ratios = _ratios(folder, case)
        mean = statistics.mean(ratios)
        error = statistics.stdev(ratios) / math.sqrt(len(ratios))
        low, high = mean - 1.96 * error, mean + 1.96 * error
        print(
            f"{case}: embprof / bare = {math.exp(mean):.4f} "
            f"(95 % interval {math.exp(low):.4f} to {math.exp(high):.4f}, {len(ratios)} pairs)",
            flush=True,
        )


def _ratios(folder: Path, case: str) -> list[float]:
    planned = plan([case, f"threads={THREADS}"])
    (job,) = planned.jobs
    weights = planned.weights[model_id(job.config)]
    environment = worker_environment(THREADS, "passive", offline=True)
    workload: dict[str, Any] = dict(job.config["workload"])
    workload["model"] = {**workload["model"], "path": weights.folder, "sha256": None}
    spec = WorkerSpec(
        workload=workload,
        measurement=job.config["measurement"],
        threads=THREADS,
        environment=environment,
        log=str(folder / "worker.log"),
        fresh=False,
    )
    workers = Workers(environment=environment, heavy=True)
    workers.warm_up()
    ours, theirs = multiprocessing.Pipe()
    bare = multiprocessing.get_context("forkserver").Process(
        target=_bare_loop, args=(theirs, weights.folder, job.config["batch_size"]), daemon=True
    )
    bare.start()
    ratios = []
    with workers.start(spec) as worker:
        worker.ask("open")
        calls = _calls_for(SLICE_SECONDS, worker)
        coin = random.Random(0)
        for pair in range(PAIRS + 5):
            order = [0, 1] if coin.random() < 0.5 else [1, 0]
            rates = {}
            for arm in order:
                rates[arm] = _inside(worker, calls) if arm == 0 else _bare(ours, calls)
            if pair >= 5:  # the first pairs warm both up
                ratios.append(math.log(rates[0] / rates[1]))
        worker.ask("close")
    bare.kill()
    return ratios


def _calls_for(seconds: float, worker: Any) -> int:
    for _ in range(5):
        worker.ask("observe", 3)
    observed: Observed = worker.ask("observe", 5)
    return max(1, round(5 * seconds / observed.seconds))


def _inside(worker: Any, calls: int) -> float:
    observed: Observed = worker.ask("observe", calls)
    times = observed.samples[0]
    return sum(times.items) / sum(times.values)


def _bare(connection: Connection, calls: int) -> float:
    connection.send(calls)
    rate: float = connection.recv()
    return rate


def _bare_loop(connection: Connection, folder: str, batch_size: int) -> None:
    import itertools

    import torch
    from sentence_transformers import SentenceTransformer

    from embprof.corpora.lengths import Lengths
    from embprof.corpora.synthetic import Synthetic

    torch.set_num_threads(THREADS)
    model = SentenceTransformer(folder, device="cpu")
    texts = Synthetic().stream(Lengths(median=128), 1, len)
    while True:
        calls = connection.recv()
        batches = [list(itertools.islice(texts, batch_size)) for _ in range(calls)]
        started = time.perf_counter()
        for batch in batches:
            model.encode(
                batch, batch_size=batch_size, show_progress_bar=False, normalize_embeddings=True
            )
        connection.send(calls * batch_size / (time.perf_counter() - started))
