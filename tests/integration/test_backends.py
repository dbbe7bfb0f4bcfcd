"""Backends in a sweep: what they run is made first, their answers are compared, then they race."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.corpora.test_labelled_queries import folder as labelled_folder

if TYPE_CHECKING:
    from tests.integration.conftest import Desk, MakeDesk, Measured

ROOT = Path(__file__).resolve().parents[2]
SERVICE = """
import sys
from pathlib import Path

from embprof.workloads.embedding import Embedding


class Watched(Embedding):
    def description(self):
        mapped = Path("/proc/self/maps").read_text()
        return {
            **super().description(),
            "torch_is_imported": "torch" in sys.modules,
            "torch_is_mapped": "libtorch" in mapped,
        }
"""
HASHED_SOURCE = """
from dataclasses import dataclass
from zlib import crc32

import numpy as np


@dataclass(kw_only=True)
class Hashed:
    name: str
    dtype: str

    def imports(self): return ("numpy",)
    def problems(self, network): return ()
    def remarks(self, network): return ()
    def encoder(self, network): return Encoder()
    def judge(self, network): ...


class Encoder:
    limit = 1_000_000_000

    def encode(self, texts, *, batch_size, normalize):
        return np.stack([np.random.default_rng(crc32(t.encode())).normal(size=384) for t in texts])

    def tokens(self, texts): return [len(text.split()) for text in texts]
    def prompts(self): return {}
    def counts(self): return {"tokens": 0.0, "padded_tokens": 0.0, "forward_passes": 0.0}
    def description(self): return {"dimensions": 384, "runtime": "numpy"}
    def stages(self): return ()
    def time_stages(self): ...
"""
BROKEN = """
import time
from dataclasses import dataclass

from embprof.errors import BuildError


@dataclass(kw_only=True)
class Broken:
    name: str
    dtype: str
    seconds: float
    folder: str | None = None

    def imports(self): return ()
    def problems(self, network): return ()
    def remarks(self, network): return ("broken: is only a trial",)
    def identity(self): return {"made_by": "broken"}
    def calibration(self): return 0
    def usual_seconds(self): return self.seconds
    def encoder(self, network): ...
    def judge(self, network): ...

    def build(self, network, folder, texts, say):
        say("trying")
        time.sleep(self.seconds)
        raise BuildError("the operator aten::odd cannot be exported")
"""
SHORT = (
    *("corpus=claims", "text_length=own", "batch_size=32", "threads=1", "wait_policy=passive"),
    *("iterations=40", "warmup.iterations=2", "warmup.seconds=0", "warmup.max_seconds=5"),
)
ROWS = ("-m", "workload=watched", "backend=torch,onnx,hashed")
PARITY = ("parity.texts=60",)
OURS = [file.stem for file in sorted((ROOT / "conf" / "backend").glob("*.yaml"))]
SMALL = {
    "model_type": "bert",
    "hidden_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "vocab_size": 30_522,
    "max_position_embeddings": 128,
    "max_tokens": 64,
    "pooling": "mean",
}
BUILT, COMPARED = "is to be made first, once", "comparing the answers of"
TORCH, ONNX, HASHED = range(3)
UNTRAINED = {"revision": None, "path": None, "weights": "random", "sha256": None}


def embedding(desk: Desk, name: str, target: str) -> None:
    """``workload=embedding`` under another class."""
    keys = ("model", "backend", "corpus", "device", "batch_size", "texts_per_call", "text_length")
    same = {key: f"${{{key}}}" for key in (*keys, "normalize", "truncation", "seed")}
    desk.option("workload", name, target=target, **same)


@pytest.fixture(scope="module")
def desk(make_desk: MakeDesk) -> Desk:
    desk = make_desk("backends")
    desk.environment["EMBPROF_CACHE_DIR"] = str(desk.path / "cache")
    (desk.path / "watched.py").write_text(SERVICE)
    (desk.path / "broken.py").write_text(BROKEN)
    embedding(desk, "watched", "watched.Watched")
    (desk.path / "hashed.py").write_text(HASHED_SOURCE)
    desk.option("backend", "hashed", target="hashed.Hashed", name="hashed", dtype="float32")
    for name, seconds in (("broken", 0.0), ("endless", 600.0)):
        desk.option(
            "backend", name, target="broken.Broken", name=name, dtype="float32", seconds=seconds
        )
    return desk


@pytest.fixture(scope="module")
def plan_before(desk: Desk) -> str:
    return desk.run("plan", *ROWS, *SHORT).out


@pytest.fixture(scope="module")
def swept(desk: Desk, plan_before: str) -> Measured:
    assert plan_before
    measured = desk.measure(*ROWS, *SHORT, *PARITY, report=True)
    assert measured.done.code == 0, measured.done.text
    return measured


@pytest.fixture(scope="module")
def every_backend(desk: Desk) -> Measured:
    """Memory of a small network on all that there are: a sweep as users type it."""
    desk.option("model", "small", name="small", **UNTRAINED, architecture=SMALL)
    return desk.measure(
        *("-m", f"backend={','.join(OURS)}", "model=small", "measurement=memory", *SHORT),
        "parity.texts=0",
    )


@pytest.fixture(scope="module")
def checked(desk: Desk) -> Measured:
    """Answers alone, of a right backend and of one that draws them, and a search by two queries."""
    labelled_folder(desk.path / "mine")
    measured = desk.measure(
        *("-m", "measurement=parity", "backend=onnx,hashed", "corpus=claims", "text_length=own"),
        *("threads=1", *PARITY, "parity.labelled=mine", "parity.min_probes_cosine=0.99"),
        report=True,
    )
    assert measured.done.code == 0, measured.done.text
    return measured


def figures(answer: dict[str, Any]) -> dict[str, float]:
    found = {one["name"]: one["estimate"] for one in answer["figures"]}
    return {name: estimate["value"] for name, estimate in found.items() if estimate}


def test_what_is_to_be_made_is_planned_made_once_and_said(
    desk: Desk, plan_before: str, swept: Measured
) -> None:
    assert plan_before.count(BUILT) == 1
    assert swept.done.out.count("making onnx") == 1
    assert BUILT not in desk.run("plan", *ROWS, *SHORT).out
    again = desk.measure(*ROWS, *SHORT, *PARITY, "batch_size=8", "iterations=4")
    assert again.done.code == 0, again.done.text
    assert "making onnx" not in again.done.out
    assert COMPARED not in again.done.out
    kept = [figures(one.answer(HASHED))["top10_kept_percent"] for one in (swept, again)]
    assert kept[0] == pytest.approx(kept[1])


def test_workers_of_exported_models_have_no_torch(swept: Measured) -> None:
    facts = swept.answer(ONNX)["description"]
    assert (facts["torch_is_imported"], facts["torch_is_mapped"]) == (False, False)
    assert facts["runtime"].startswith("onnxruntime")
    assert (facts["dimensions"], facts["max_tokens"]) == (384, 256)
    assert swept.answer(TORCH)["description"]["torch_is_mapped"] is True


def test_every_backend_that_there_is_runs_in_a_sweep(every_backend: Measured) -> None:
    assert every_backend.done.code == 0, every_backend.done.text
    assert {"torch", "compile", "onnx", "openvino", "static"} <= set(OURS)
    for number, name in enumerate(OURS):
        answer = every_backend.answer(number)
        assert answer["config"]["backend"]["name"] == name
        assert answer["status"] == "ok", answer["reason"]


def test_weights_of_exported_graphs_are_told_apart_from_what_else_takes_memory(
    every_backend: Measured,
) -> None:
    rows = {name: figures(every_backend.answer(job)) for job, name in enumerate(OURS)}
    parameters = rows["torch"]["weights_mb"]
    for name in ("onnx", "openvino"):
        assert rows[name]["weights_mb"] == pytest.approx(parameters, rel=0.1), name
        assert 0 < rows[name]["component_weights_mb"] <= 1.02 * rows[name]["weights_mb"]
    assert rows["static"]["weights_mb"] == pytest.approx(30_522 * 32 * 4 / 1e6, rel=0.05)


def test_a_runtime_tells_the_times_of_its_operators(desk: Desk, swept: Measured) -> None:
    assert swept, "its graph is there"
    looked = ("measurement=profile", "measurement.profiler=runtime", "backend=onnx")
    measured = desk.measure(*looked, *SHORT, "iterations=5")
    assert measured.done.code == 0, measured.done.text
    folder = measured.desk.sweep(measured.sweep_id) / "0"
    kinds = json.loads((folder / "functions.json").read_text())
    assert kinds["functions"][0]["function"] == "MatMul"
    every = json.loads((folder / "operators.json").read_text())
    products = [one for one in every if one["operator"] == "MatMul"]
    assert len(products) >= 6 * 6, "six layers of six products"
    assert 50 < sum(one["percent"] for one in every) < 105
    trace = json.loads((folder / "trace.json").read_text())
    assert any(event.get("cat") == "Node" for event in trace)


def test_a_profiler_of_another_runtime_is_refused(desk: Desk) -> None:
    for profiler, backend, other in (("runtime", "torch", "torch"), ("torch", "onnx", "runtime")):
        words = (f"measurement.profiler={profiler}", f"backend={backend}")
        done = desk.run("plan", "measurement=profile", *words)
        assert done.code == 2
        assert f"measurement.profiler={other}" in done.text


def test_answers_are_compared_where_they_may_differ(swept: Measured) -> None:
    assert "top10_kept_percent" not in figures(swept.answer(TORCH))
    exact = figures(swept.answer(ONNX))
    assert exact["top10_kept_percent"] == pytest.approx(100, abs=0.5)
    assert exact["cosine_min"] > 0.9999
    hashed = figures(swept.answer(HASHED))
    assert 0 < hashed["top10_kept_percent"] < 60
    assert abs(hashed["cosine_mean"]) < 0.3


def test_a_row_that_loses_too_much_is_measured_marked_and_has_no_rank(swept: Measured) -> None:
    assert figures(swept.answer(HASHED))["throughput_texts_per_s"] > 0
    tags = [run.data.tags for run in swept.children]
    assert [bool(one.get("embprof.rank")) for one in tags] == [True, True, False]
    assert "⚠" in swept.done.row(HASHED)
    assert "⚠" not in swept.done.row(ONNX)
    assert "has no rank: top10_kept_percent" in swept.done.out


def test_the_report_says_what_is_lost_and_names_no_key_that_says_nothing(swept: Measured) -> None:
    folder = swept.desk.sweep(swept.sweep_id) / "report"
    page = (folder / "PROFILING_REPORT.md").read_text()
    assert "hashed float32 gives other answers" in page
    assert "_target_" not in swept.done.out


def test_the_runtime_is_part_of_the_environment_and_torchs_stays_what_it_was(
    swept: Measured,
) -> None:
    folders = [swept.desk.sweep(swept.sweep_id) / str(job) for job in (TORCH, ONNX)]
    torch, onnx = (json.loads((one / "environment.json").read_text())["hard"] for one in folders)
    assert "backend" not in torch
    assert onnx["backend"] == "onnx"


def test_a_check_of_answers_has_how_far_they_agree_and_what_differs_by_name(
    checked: Measured,
) -> None:
    exact, hashed = (figures(checked.answer(row)) for row in (0, 1))
    assert exact["top10_kept_percent"] == pytest.approx(100, abs=0.5)
    assert min(exact["cosine_min"], exact["probes_cosine_min"]) > 0.9999
    assert exact["parity_faults"] == 0
    assert hashed["probes_cosine_min"] < 0.5
    assert hashed["parity_faults"] >= 1
    named = [checked.answer(row)["description"]["differs_in"] for row in (0, 1)]
    assert named[0] == "none"
    assert "other_model" in named[1]
    assert "throughput_texts_per_s" not in exact
    file = checked.desk.sweep(checked.sweep_id) / "1" / "parity.json"
    assert "other_model" in {one["name"] for one in json.loads(file.read_text())["faults"]}


def test_a_search_with_labelled_queries_is_judged_beside_that_of_the_reference(
    checked: Measured,
) -> None:
    exact, hashed = (figures(checked.answer(row)) for row in (0, 1))
    assert (exact["ndcg10"], exact["recall10"], exact["ndcg10_loss"]) == (1, 1, 0)
    assert hashed["ndcg10_loss"] == pytest.approx(1 - hashed["ndcg10"])
    assert "1 of 3 queries have no relevant document" in checked.done.out


def test_a_row_that_answers_otherwise_is_marked_and_said(checked: Measured) -> None:
    assert "⚠" in checked.done.row(1)
    assert "⚠" not in checked.done.row(0)
    said = " ".join(checked.done.out.split())
    assert "#0 onnx float32 answers as torch in float32 does but for rounding" in said
    differs = said[said.index("#1 hashed float32 does not (") :]
    assert "other_model" in differs
    assert "probes_cosine_min" in differs


def test_what_cannot_be_made_is_the_reason_of_its_row_alone(desk: Desk) -> None:
    measured = desk.measure(
        *("-m", "workload=embedding", "backend=broken,torch"), *SHORT, "order=one_by_one"
    )
    assert measured.done.code == 1
    failed, fine = measured.answer(0), measured.answer(1)
    assert (failed["status"], fine["status"]) == ("failed", "ok")
    reason = "broken float32 of all-MiniLM-L6-v2 cannot be made: "
    assert f"{reason}the operator aten::odd cannot be exported" in failed["reason"]
    assert "Traceback" not in measured.done.text


def test_ctrl_c_while_something_is_made_ends_the_sweep_and_leaves_nothing(desk: Desk) -> None:
    started = desk.start("workload=embedding", "backend=endless", *SHORT)
    started.wait_for(lambda: "trying" in started.out, "it begins to be made")
    time.sleep(0.2)
    started.interrupt()
    assert started.finish().code == 130
    kept = desk.path / "cache" / "backends" / "endless"
    assert [one for one in kept.iterdir() if one.suffix != ".lock"] == []


def test_a_backend_that_was_damaged_on_disk_is_made_anew(desk: Desk, swept: Measured) -> None:
    assert swept
    (graph, *_) = (desk.path / "cache" / "backends" / "onnx").glob("*/graph.onnx")
    graph.write_bytes(graph.read_bytes()[:-1])
    assert BUILT in desk.run("plan", *ROWS, *SHORT).out


def test_a_workload_that_embeds_with_torch_alone_says_so(desk: Desk) -> None:
    done = desk.run("plan", "workload=vector_search", "backend=onnx")
    assert done.code == 2
    assert "backend=onnx: passages and queries are embedded with torch here" in done.text
