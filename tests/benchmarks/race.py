"""How often rows of a sweep are told apart on this machine: in rounds, and one by one.

``make benchmark-race`` (hours). Every sweep is the main job as a user types it: six batch sizes of
the real model, beside a neighbour that uses one CPU for a known share of the time. Both ways of
measuring take turns, with the same bursts of the neighbour and as many seconds at most. What
is true is taken from a long race on the quiet machine first, from which rows hardly leave before
its time is over. Shares come with their Clopper-Pearson bounds; sweeps are few.
"""

import argparse
import math
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import psutil
from scipy.stats import binomtest

from embprof.config.races import ROUNDS
from embprof.race import PairWord
from embprof.report.change import change
from embprof.report.study import Answer
from embprof.tracking.races import read_races
from embprof.units import duration, percent
from tests.benchmarks.neighbour import neighbour
from tests.benchmarks.sweeps import answers, swept

BATCH_SIZES = (8, 16, 32, 64, 128, 256)
PAIRS = tuple(combinations(BATCH_SIZES, 2))
ONE_BY_ONE = "one_by_one"
ORDERS = {ROUNDS: "in rounds", ONE_BY_ONE: "one by one"}
FIGURE = "throughput_texts_per_s"
ALIKE = 1.01
"""Rows whose true costs differ by less count for neither side: the truth is not known better."""
FAR = 1.10
"""Rows that differ by so much ought to be told apart."""
BOUND = 1.05
"""Up to which rows may be called the same (the default of race.bound)."""

Pair = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Words on pairs of rows: ``far_apart`` are those ``apart`` the right way of the ``far`` ones.

    ``wrong``: told apart the wrong way; ``wrongly_same``: called the same though they are not.
    """

    pairs: int = 0
    apart: int = 0
    wrong: int = 0
    far: int = 0
    far_apart: int = 0
    same: int = 0
    wrongly_same: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(**{name: getattr(self, name) + getattr(other, name) for name in vars(self)})


@dataclass(frozen=True, kw_only=True)
class Done:
    """One sweep: what it said of each pair. ``measured``: seconds of it, ``seconds``: in all."""

    duty: float
    order: str
    counts: Counts
    measured: float
    seconds: float


def count(truth: Mapping[Pair, float], said: Mapping[Pair, PairWord]) -> Counts:
    """Holds words on pairs against the truth, which is what the second row costs beside the first.

    A pair of which nothing was said counts as open.
    """
    counts = Counts()
    for pair, ratio in truth.items():
        size = max(ratio, 1 / ratio)
        if size < ALIKE:
            continue
        word = said.get(pair, "open")
        is_apart, is_right = word in ("slower", "faster"), word == _right_word(ratio)
        counts += Counts(
            pairs=1,
            apart=is_apart,
            wrong=is_apart and not is_right,
            far=size >= FAR,
            far_apart=size >= FAR and is_right,
            same=word == "same",
            wrongly_same=word == "same" and size > BOUND * ALIKE,
        )
    return counts


def _right_word(ratio: float) -> PairWord:
    return "slower" if ratio > 1 else "faster"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--sweeps", type=int, default=20, help="of each kind, beside each neighbour")
    asked.add_argument("--truth-seconds", type=float, default=600.0, help="of the race before all")
    asked.add_argument("--seconds", type=float, default=120.0, help="of measuring, in each sweep")
    asked.add_argument(
        "--duties", type=float, nargs="*", default=(0, 33, 66), help="of the neighbour, in %%"
    )
    asked.add_argument("--overrides", nargs="*", default=(), help="of every sweep: threads=1")
    arguments = asked.parse_args()
    print(f"machine: {psutil.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f} at the start")
    done: list[Done] = []
    with tempfile.TemporaryDirectory(prefix="embprof-race-") as folder:
        truth = _truth(Path(folder), arguments)
        try:
            for one in _progress(_sweeps(Path(folder), truth, arguments), arguments):
                done.append(one)  # noqa: PERF402  (what is done is kept on ctrl-C)
        except KeyboardInterrupt:
            print("interrupted; of what is done:")
    _report(done)


def _truth(folder: Path, arguments: argparse.Namespace) -> Mapping[Pair, float]:
    """What every row costs beside every other on the quiet machine, in a long race.

    Hardly any word can be said at these terms, so rows stay in until the end.
    """
    seconds = arguments.truth_seconds
    print(f"what is true: {duration(seconds)} in rounds, without a neighbour …", flush=True)
    terms = ["race.alpha=1e-6", "race.bound=0.001", f"race.max_seconds={seconds}"]
    sweep, _ = _swept(folder, f"order={ROUNDS}", *terms, *arguments.overrides)
    races = read_races(sweep)
    if not races:
        raise SystemExit(f"too few rounds in {duration(seconds)}: more --truth-seconds are needed")
    race = races[0]
    runs = {size: answer.run.run_id for size, answer in _answers(sweep).items()}
    truth = {}
    for a, b in PAIRS:
        pair = race.pair(runs[a], runs[b])
        if pair is None:
            raise SystemExit(f"{a} and {b} met in too few rounds: more --truth-seconds are needed")
        truth[a, b] = pair.ratio
    standings = {size: race.standing(run) for size, run in runs.items()}
    costs = (f"{size}: {one.ratio:.3f}" for size, one in standings.items() if one and one.ratio)
    print(f"{race.rounds} rounds in {duration(race.seconds)}")
    print(f"costs beside the best: {', '.join(costs)}", flush=True)
    return truth


def _sweeps(
    folder: Path, truth: Mapping[Pair, float], arguments: argparse.Namespace
) -> Iterator[Done]:
    for number in range(arguments.sweeps):
        for duty in arguments.duties:
            orders = list(ORDERS)[:: 1 if number % 2 == 0 else -1]
            for order in orders:
                with neighbour(duty / 100, seed=str(number)):
                    yield _sweep(folder, truth, duty, order, arguments)


def _sweep(
    folder: Path,
    truth: Mapping[Pair, float],
    duty: float,
    order: str,
    arguments: argparse.Namespace,
) -> Done:
    seconds = arguments.seconds
    times = f"race.max_seconds={seconds}", f"max_seconds={seconds / len(BATCH_SIZES)}"
    sweep, took = _swept(folder, f"order={order}", *times, *arguments.overrides)
    answers = _answers(sweep)
    said = _words_of_race(sweep, answers) if order == ROUNDS else _words_of_runs(answers)
    return Done(
        duty=duty,
        order=order,
        counts=count(truth, said),
        measured=math.fsum(one.run.seconds["measured"] for one in answers.values()),
        seconds=took,
    )


def _words_of_race(sweep: Path, answers: Mapping[int, Answer]) -> Mapping[Pair, PairWord]:
    races = read_races(sweep)
    if not races:
        return {}  # too short for any word
    runs = {size: answer.run.run_id for size, answer in answers.items()}
    found = {(a, b): races[0].pair(runs[a], runs[b]) for a, b in PAIRS if {a, b} <= runs.keys()}
    return {pair: one.word for pair, one in found.items() if one is not None}


def _words_of_runs(answers: Mapping[int, Answer]) -> Mapping[Pair, PairWord]:
    """What the report says of runs that did not meet: all pairs together err in 5 %."""
    said: dict[Pair, PairWord] = {}
    for a, b in PAIRS:
        if not {a, b} <= answers.keys():
            continue
        found = change(answers[a], answers[b], FIGURE, comparisons=len(PAIRS))
        if found is not None and found.is_distinct:
            said[a, b] = "slower" if found.is_worse else "faster"
    return said


def _swept(folder: Path, *overrides: str) -> tuple[Path, float]:
    """The folder of a sweep of all batch sizes, and the seconds that it took in all."""
    sizes = ",".join(map(str, BATCH_SIZES))
    return swept(folder, f"batch_size={sizes}", "device=cpu", "report=false", *overrides)


def _answers(sweep: Path) -> Mapping[int, Answer]:
    """The answers of a sweep by their batch size."""
    return {one.run.config["batch_size"]: one for one in answers(sweep).values()}


def _progress(sweeps: Iterator[Done], arguments: argparse.Namespace) -> Iterator[Done]:
    """Says of each sweep what it told, and how long the others will take."""
    every = arguments.sweeps * len(arguments.duties) * len(ORDERS)
    started = time.monotonic()
    for number, one in enumerate(sweeps, start=1):
        left = (time.monotonic() - started) / number * (every - number)
        counts = one.counts
        print(
            f"[{number}/{every}] neighbour {one.duty:g} %, {ORDERS[one.order]}: "
            f"{counts.apart} of {counts.pairs} pairs told apart, {counts.wrong} wrongly, "
            f"{duration(one.measured)} measured in {duration(one.seconds)} "
            f"({duration(left)} left)",
            flush=True,
        )
        yield one


def _report(done: Sequence[Done]) -> None:
    print(
        "\n| neighbour | measured | sweeps | told apart | wrongly | differ by 10 %: told | "
        "95 % bounds | same | wrongly | s measured, median | s in all |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    groups: dict[tuple[float, str], list[Done]] = defaultdict(list)
    for one in done:
        groups[one.duty, one.order].append(one)
    for (duty, order), mine in sorted(groups.items(), key=lambda group: group[0][0]):
        counts = sum((one.counts for one in mine), Counts())
        cells = [
            f"{duty:g} %",
            ORDERS[order],
            len(mine),
            f"{counts.apart} of {counts.pairs}",
            counts.wrong,
            f"{counts.far_apart} of {counts.far}",
            _bounds(counts.far_apart, counts.far),
            counts.same,
            counts.wrongly_same,
            f"{np.median([one.measured for one in mine]):.0f}",
            f"{np.median([one.seconds for one in mine]):.0f}",
        ]
        print(f"| {' | '.join(map(str, cells))} |")


def _bounds(successes: int, tries: int) -> str:
    """Clopper-Pearson bounds of a share."""
    if not tries:
        return ""
    bounds = binomtest(successes, tries).proportion_ci(method="exact")
    return f"{percent(bounds.low)} to {percent(bounds.high)}"


if __name__ == "__main__":
    main()
