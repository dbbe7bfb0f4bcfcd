"""How a service starts with ONNX Runtime, beside torch and a bare script of the same parts."""

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from embprof.backends.kept_files import KeptFiles
from embprof.config.plan import plan
from embprof.report.study import Answer
from embprof.run.backend_files import wanted
from tests.benchmarks.sweeps import answers, swept

TITLE = "load_time with onnx: total <= 0.8 s, import <= 0.2, init <= 0.3, first <= 20 ms, <= 230 MB"
STARTS = 10
SAME = ("batch_size=1", "threads=2", "report=false")
REQUEST = ("measurement=load_time", "backend=torch,onnx", f"restarts={STARTS}", *SAME)
FIGURES = (*("total_load_s", "import_time_s", "model_init_s", "first_encode_ms", "load_memory_mb"),)
BARE = """
import json, sys, time
began = time.perf_counter()
import numpy, onnxruntime, tokenizers
imported = time.perf_counter()
session = onnxruntime.InferenceSession(sys.argv[1] + "/graph.onnx")
made = tokenizers.Tokenizer.from_file(sys.argv[1] + "/tokenizer.json")
loaded = time.perf_counter()
ids = numpy.asarray([made.encode("a first text").ids])
given = {"input_ids": ids, "attention_mask": numpy.ones_like(ids)}
session.run(None, {one.name: given.get(one.name, numpy.zeros_like(ids))
                   for one in session.get_inputs()})
answered = time.perf_counter()
print(json.dumps([imported - began, loaded - imported, answered - loaded]))
"""


def run(folder: Path) -> None:
    """Prints the stages of each with their intervals, and those of the bare script."""
    sweep, _ = swept(folder, *REQUEST)
    for answer in answers(sweep).values():
        name = answer.run.config["backend"]["name"]
        print(f"{name:<8} {', '.join(_cells(answer))}", flush=True)
    every = [_bare(_graph().folder) for _ in range(STARTS)]
    stages = zip(("import", "init", "first call"), zip(*every, strict=True), strict=True)
    cells = [
        f"{name} {statistics.median(those):.3f} s ({min(those):.3f} to {max(those):.3f})"
        for name, those in stages
    ]
    print(f"a bare script, {STARTS} starts, median and range: {', '.join(cells)}")


def _cells(answer: Answer) -> Iterator[str]:
    for name in FIGURES:
        one = answer.run.estimate(name)
        assert one is not None
        assert one.bounds is not None, f"{STARTS} starts have an interval"
        yield f"{name} {one.value:.3g} ({one.low:.3g} to {one.high:.3g})"


def _graph() -> KeptFiles:
    """The graph that the sweep made and kept."""
    (one,) = wanted(plan(["backend=onnx", *SAME]).jobs)
    return one.files


def _bare(graph: Path) -> list[float]:
    done = subprocess.run(
        [sys.executable, "-c", BARE, str(graph)], check=True, capture_output=True, text=True
    )
    stages: list[float] = json.loads(done.stdout)
    return stages
