"""Rows of every backend and type in rounds, beside what ``encode()`` does by itself."""

from collections.abc import Mapping
from pathlib import Path

from embprof.race import PairedRatio
from embprof.report.study import Answer
from embprof.tracking.races import read_races
from tests.benchmarks.sweeps import answers, swept

TITLE = "texts of mixed length, 2 threads: >= 3.5x at 95 % of nearest kept, >= 2.5x at 99.5 %"
REQUEST = (
    *("backend=torch,onnx,openvino", "backend.dtype=float32,bfloat16,int8", "threads=2"),
    *("corpus=evidence", "text_length=own", "texts_per_call=128", "report=false"),
    *("parity.min_top10_kept=null", "race.max_seconds=480"),
    # At these terms hardly a word can be said, so rows stay in until the end.
    *("race.alpha=1e-6", "race.bound=0.001"),
)
WANTED = {95.0: 3.5, 99.5: 2.5}
"""Least percent of nearest neighbours kept, and how many times as fast the best such row is to be.

From a trial on a processor with instructions for products of 8-bit numbers and for bfloat16: 3.2
and 2.4 times."""
NEAREST, TOP = "nearest_kept_percent", "top10_kept_percent"


def run(folder: Path) -> None:
    """Prints how many times as fast each row is as torch in float32, and what its answers keep."""
    sweep, seconds = swept(folder, *REQUEST)
    found = {_name(one): one for one in answers(sweep).values()}
    (race,) = read_races(sweep)
    plain = found.pop("torch float32")
    gains = {
        name: pair
        for name, one in found.items()
        if (pair := race.pair(one.run.run_id, plain.run.run_id)) is not None
    }
    for name, pair in gains.items():
        run = found[name].run
        kept = f"nearest kept {run.value(NEAREST):.1f} %, top 10 {run.value(TOP):.1f} %"
        print(f"{name:<18} {_times(pair)} of torch float32; {kept}", flush=True)
    for least, wanted in WANTED.items():
        print(f"keeps {least:g} %: {_best(found, gains, least)} (wanted {wanted:g})")
    print(f"{race.rounds} rounds, {race.seconds:.0f} s of measuring, {seconds:.0f} s in all")


def _best(found: Mapping[str, Answer], gains: Mapping[str, PairedRatio], least: float) -> str:
    fit = [name for name in gains if (found[name].run.value(NEAREST) or 0) >= least]
    if not fit:
        return "no row"
    best = max(fit, key=lambda name: gains[name].ratio)
    return f"{best}, {_times(gains[best])}"


def _times(pair: PairedRatio) -> str:
    return f"{pair.ratio:.2f}x ({pair.low:.2f} to {pair.high:.2f})"


def _name(answer: Answer) -> str:
    backend = answer.run.config["backend"]
    return f"{backend['name']} {backend['dtype']}"
