"""``-m batch_size=8,16 device=cpu,cuda`` with the real model: what a user gets, file by file."""

from __future__ import annotations

import json
import math
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

if TYPE_CHECKING:
    from tests.integration.conftest import Measured

MEASURED = pytest.mark.parametrize("job", [0, 2])
CHILD = pytest.mark.parametrize(("child", "job"), [(0, 0), (1, 2)])
METRICS = {
    "throughput_texts_per_s",
    "throughput_texts_per_s_low",
    "throughput_texts_per_s_high",
    "latency_p50_ms",
    "tokens_per_s",
    "padding_percent",
    "cpu_percent",
    "peak_rss_mb",
    "rss_delta_mb",
    "forward_passes",
}
FILES = {
    "run.json",
    "samples.jsonl",
    "config.yaml",
    "environment.json",
    ".hydra/config.yaml",
    ".hydra/overrides.yaml",
    ".hydra/hydra.yaml",
}


def test_it_succeeds_and_has_nothing_to_complain_of(main_job: Measured) -> None:
    assert (main_job.done.code, main_job.done.err) == (0, "")


def test_jobs_on_a_gpu_that_is_not_there_are_skipped_with_the_reason(main_job: Measured) -> None:
    assert "4 jobs, 2 skipped" in main_job.done.text
    assert "#1, #3 skipped: no NVIDIA GPU on this machine" in main_job.done.text


def test_the_table_has_a_row_for_every_job_within_100_columns(main_job: Measured) -> None:
    assert main_job.done.width <= 100
    for job, (batch_size, device) in enumerate([(8, "cpu"), (8, "cuda"), (16, "cpu")]):
        assert main_job.done.row(job).split()[1:3] == [str(batch_size), device]
    assert main_job.done.row(3).split() == ["3", "16", "cuda", "skipped"]


@MEASURED
def test_the_table_shows_the_throughput_that_was_stored(main_job: Measured, job: int) -> None:
    shown = float(main_job.done.row(job).split()[3].replace(",", ""))
    (stored,) = (
        figure["estimate"]["value"]
        for figure in main_job.answer(job)["figures"]
        if figure["name"] == "throughput_texts_per_s"
    )
    assert shown == pytest.approx(stored, rel=0.01)


def test_a_sweep_is_one_parent_run_with_a_child_for_every_measured_job(main_job: Measured) -> None:
    parent, children = main_job.parent, main_job.children
    assert parent.info.status == "FINISHED"
    assert [run.info.status for run in children] == ["FINISHED", "FINISHED"]
    assert {run.data.tags["mlflow.parentRunId"] for run in children} == {parent.info.run_id}


def test_the_default_store_lies_in_the_folder_of_the_user(main_job: Measured) -> None:
    assert (main_job.desk.mlruns / "mlflow.db").is_file()
    artifacts = (main_job.desk.mlruns / "artifacts").as_uri()
    assert all(run.info.artifact_uri.startswith(artifacts) for run in main_job.children)


@CHILD
def test_tags_say_what_was_asked_where_and_how_it_ended(
    main_job: Measured, child: int, job: int
) -> None:
    answer = main_job.answer(job)
    tags = main_job.children[child].data.tags
    assert tags["embprof.kind"] == "job"
    assert tags["embprof.sweep_id"] == main_job.sweep_id
    assert tags["embprof.status"] == answer["status"] == "ok"
    assert tags["embprof.key"] == answer["key"]
    assert re.fullmatch("[0-9a-f]{12}", tags["embprof.key"])
    assert tags["embprof.environment"] == answer["environment"]
    assert re.fullmatch("[0-9a-f]{12}", tags["embprof.environment"])


def test_different_questions_have_different_keys(main_job: Measured) -> None:
    small, large = (run.data.tags["embprof.key"] for run in main_job.children)
    assert small != large


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_every_run_names_the_commit_it_was_measured_at(main_job: Measured) -> None:
    commit = main_job.desk.call("git", "rev-parse", "HEAD").out.strip()
    for run in (main_job.parent, *main_job.children):
        assert run.data.tags["embprof.git_commit"] == commit
        assert run.data.tags["embprof.git_dirty"] == "false"


@CHILD
def test_params_are_the_configuration_flattened(main_job: Measured, child: int, job: int) -> None:
    params = main_job.children[child].data.params
    expected = {
        "batch_size": {0: "8", 2: "16"}[job],
        "device": "cpu",
        "text_length": "40",
        "iterations": "40",
        "max_seconds": "None",
        "warmup.iterations": "3",
        "model.name": "sentence-transformers/all-MiniLM-L6-v2",
        "model.weights": "pretrained",
        "backend.dtype": "float32",
        "corpus._target_": "embprof.corpora.synthetic.Synthetic",
        "workload._target_": "embprof.workloads.embedding.Embedding",
    }
    assert expected.items() <= params.items()
    assert "workload.batch_size" not in params, "what the workload repeats is said once"


@CHILD
def test_metrics_have_their_unit_last_and_are_finite(
    main_job: Measured, child: int, job: int
) -> None:
    metrics = main_job.children[child].data.metrics
    assert metrics.keys() >= METRICS
    assert all(math.isfinite(value) for value in metrics.values())
    stored = {
        figure["name"]: figure["estimate"]["value"]
        for figure in main_job.answer(job)["figures"]
        if figure["estimate"]
    }
    assert stored.items() <= metrics.items()


@CHILD
def test_a_throughput_lies_within_its_interval(main_job: Measured, child: int, job: int) -> None:
    metrics = main_job.children[child].data.metrics
    low, value, high = (metrics[f"throughput_texts_per_s{end}"] for end in ("_low", "", "_high"))
    assert 0 < low <= value <= high, f"job {job}"


@CHILD
def test_the_files_of_a_run_are_its_artifacts(main_job: Measured, child: int, job: int) -> None:
    run = main_job.children[child]
    kept = main_job.store.artifacts(run)
    assert kept >= FILES
    on_disk = main_job.desk.sweep(main_job.sweep_id) / str(job)
    assert all((on_disk / name).is_file() for name in kept)


@CHILD
def test_samples_kept_in_mlflow_reproduce_every_logged_rate(
    main_job: Measured, child: int, job: int, tmp_path: Path
) -> None:
    run = main_job.children[child]
    kept = main_job.store.download(run, "samples.jsonl", tmp_path).read_text()
    on_disk = main_job.desk.sweep(main_job.sweep_id) / str(job) / "samples.jsonl"
    assert kept == on_disk.read_text()

    metrics, readings = run.data.metrics, main_job.readings(job)
    seconds, texts = readings.total("call_time"), sum(readings.items())
    tokens, padded = readings.total("tokens"), readings.total("padded_tokens")
    expected = {
        "throughput_texts_per_s": texts / seconds,
        "tokens_per_s": tokens / seconds,
        "padding_percent": 100 * (1 - tokens / padded),
        "cpu_percent": 100 * readings.total("cpu_time") / seconds,
        "forward_passes": len(readings.values("call_time")),
        "peak_rss_mb": max(readings.values("peak_rss")),
    }
    assert {name: metrics[name] for name in expected} == pytest.approx(expected, rel=1e-9)


@MEASURED
def test_every_call_embeds_one_batch_of_texts(main_job: Measured, job: int) -> None:
    assert set(main_job.readings(job).items()) == {{0: 8, 2: 16}[job]}


@MEASURED
def test_warm_up_is_kept_but_left_out_of_the_figures(main_job: Measured, job: int) -> None:
    file = main_job.desk.sweep(main_job.sweep_id) / str(job) / "samples.jsonl"
    slices = [json.loads(line) for line in file.read_text().splitlines()]
    warmup = [piece["seconds"] for piece in slices if piece["warmup"]]
    measured = [piece["seconds"] for piece in slices if not piece["warmup"]]
    seconds = main_job.answer(job)["seconds"]
    assert sum(warmup) >= 0.5
    assert len(main_job.readings(job).values("call_time")) == 40
    assert seconds["warmup"] == pytest.approx(sum(warmup))
    assert seconds["measured"] == pytest.approx(sum(measured))


def test_the_parent_shows_the_table_and_what_was_skipped(main_job: Measured) -> None:
    tags = main_job.parent.data.tags
    assert tags["embprof.kind"] == "sweep"
    assert tags["embprof.sweep_id"] == main_job.sweep_id
    assert tags["embprof.status"] == "ok"
    note = tags["mlflow.note.content"].replace(" &nbsp;", "")
    assert "| # | batch_size | device | texts/s |" in note
    for job in (0, 2):
        throughput = main_job.done.row(job).split()[3]
        assert f"| {throughput} |" in note
    assert "#1, #3 skipped: no NVIDIA GPU on this machine" in note
    assert "#1 no NVIDIA GPU on this machine" in tags["embprof.skipped"]


@MEASURED
def test_the_configuration_on_disk_is_complete_and_resolved(main_job: Measured, job: int) -> None:
    folder = main_job.desk.sweep(main_job.sweep_id) / str(job)
    config = yaml.safe_load((folder / "config.yaml").read_text())
    assert config == main_job.answer(job)["config"]
    assert config["workload"]["batch_size"] == config["batch_size"]
    overrides = yaml.safe_load((folder / ".hydra" / "overrides.yaml").read_text())
    assert overrides == main_job.answer(job)["overrides"]
    own = yaml.safe_load((folder / ".hydra" / "hydra.yaml").read_text())["hydra"]
    assert (own["mode"], own["job"]["num"]) == ("MULTIRUN", job)
    assert own["runtime"]["output_dir"] == str(folder)
    sweep = yaml.safe_load((folder.parent / "multirun.yaml").read_text())["hydra"]
    assert sweep["overrides"]["task"][:2] == ["batch_size=8,16", "device=cpu,cuda"]


@MEASURED
def test_the_environment_names_machine_and_weights(main_job: Measured, job: int) -> None:
    folder = main_job.desk.sweep(main_job.sweep_id) / str(job)
    environment = json.loads((folder / "environment.json").read_text())
    assert environment["hard"]["weights_sha256"].startswith("53aa5117")
    assert environment["hard"]["cpu_model"]
    assert environment["soft"]["packages"]["torch"]


def test_nothing_is_left_for_later(main_job: Measured) -> None:
    assert not list(main_job.desk.mlruns.glob("active/*"))
    assert not list(main_job.desk.mlruns.glob("outbox/*"))
    assert not list(main_job.desk.mlruns.rglob("*.draft"))
