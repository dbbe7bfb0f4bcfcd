"""A request to jobs that are ready to run, or one error with everything that is wrong with it."""

import hashlib
import platform
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from embprof.comparison.differences import between
from embprof.config.key_roles import HOUSEKEEPING_KEYS, PROTOCOL_KEYS
from embprof.config.plan import Plan, key, plan
from embprof.errors import RequestError
from embprof.machine import resources
from embprof.machine.fingerprint import MODEL_FILES
from embprof.models import hub
from tests.unit.conftest import CONFIG, EMPTY_HEADER, POOLED

WEIGHTS = EMPTY_HEADER + b"the weights"


@pytest.fixture(scope="module", autouse=True)
def _no_gpu() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resources, "nvidia_gpus", lambda: ())
        patch.setattr(platform, "system", lambda: "Linux")
        yield


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Overrides that name a model which is there."""
    folder = tmp_path_factory.mktemp("model")
    (folder / "config.json").write_text(CONFIG)
    (folder / "model.safetensors").write_bytes(WEIGHTS)
    (folder / "tokenizer.json").write_bytes(b"tokenizer")
    (folder / "modules.json").write_text(POOLED)
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text("{}")
    return [f"model.path='{folder}'", "model.sha256=null"]


@pytest.fixture(scope="module")
def thousand(model: list[str]) -> Plan:
    """A sweep of 1,000 jobs, half of them on a device that is not there."""
    asked = ["batch_size=range(1,251)", "device=cpu,cuda,cuda:1,mps", "tracking.experiment=mine"]
    return plan([*asked, *model], multirun=True)


def problems_of(*overrides: str, multirun: bool = False) -> tuple[str, ...]:
    with pytest.raises(RequestError) as caught:
        plan(overrides, multirun=multirun)
    return caught.value.problems


def test_a_thousand_jobs_have_a_thousand_keys(thousand: Plan) -> None:
    assert len(thousand.jobs) == 1000
    assert len({job.key for job in thousand.jobs}) == 1000
    assert {len(job.key) for job in thousand.jobs} == {12}


def test_jobs_are_numbered_from_zero_in_the_order_of_the_sweep(thousand: Plan) -> None:
    assert [job.number for job in thousand.jobs] == list(range(1000))
    assert [(job.config["batch_size"], job.config["device"]) for job in thousand.jobs[3:6]] == [
        (1, "mps"),
        (2, "cpu"),
        (2, "cuda"),
    ]


def test_a_job_on_a_device_that_is_not_there_is_skipped_with_the_reason(thousand: Plan) -> None:
    reasons = {job.config["device"]: job.skip for job in thousand.jobs}
    assert reasons == {
        "cpu": None,
        "cuda": "no NVIDIA GPU on this machine",
        "cuda:1": "no NVIDIA GPU on this machine",
        "mps": "no Apple GPU on this machine",
    }


def test_a_job_holds_its_complete_configuration_with_references_resolved(thousand: Plan) -> None:
    config = thousand.jobs[4].config
    assert config["workload"]["batch_size"] == config["batch_size"] == 2
    assert config["workload"]["model"] == config["model"]
    assert "${" not in str(config)


def test_a_model_is_looked_up_once_for_all_jobs(thousand: Plan) -> None:
    (found,) = thousand.weights.values()
    assert found.source == "local path"
    assert found.sha256 == hashlib.sha256(WEIGHTS).hexdigest()


def test_settings_of_the_sweep_are_those_of_its_first_job(thousand: Plan) -> None:
    assert thousand.settings["tracking"]["experiment"] == "mine"
    assert thousand.multirun


def test_the_environment_names_machine_and_inputs(thousand: Plan) -> None:
    first, second = thousand.jobs[0], thousand.jobs[4]
    assert first.environment != second.environment
    differing = {k for k in first.fingerprint if first.fingerprint[k] != second.fingerprint[k]}
    assert differing == {"batch_size"}
    assert first.fingerprint["weights_sha256"] == hashlib.sha256(WEIGHTS).hexdigest()


def test_with_strict_a_device_that_is_not_there_is_an_error(model: list[str]) -> None:
    (said,) = problems_of(*model, "device=cuda", "strict=true")
    assert said.startswith("device=cuda: no NVIDIA GPU on this machine")


TYPES = ("backend=torch,onnx", "backend.dtype=float32,bfloat16")
NO_SUCH_TYPE = "backend=onnx backend.dtype=bfloat16: must be one of 'float32' or 'int8'"


def test_a_combination_that_no_backend_has_is_skipped_and_the_others_run(model: list[str]) -> None:
    jobs = plan([*TYPES, *model], multirun=True).jobs
    assert [job.skip for job in jobs] == [None, None, None, NO_SUCH_TYPE]


def test_with_strict_or_where_no_row_has_the_value_it_is_an_error(model: list[str]) -> None:
    (strict,) = problems_of(*TYPES, *model, "strict=true", multirun=True)
    assert strict == f"{NO_SUCH_TYPE} (strict=true makes that an error)"
    assert problems_of("backend=onnx", TYPES[1], *model, multirun=True) == (NO_SUCH_TYPE,)
    assert problems_of("backend=onnx", "backend.dtype=bfloat16", *model) == (NO_SUCH_TYPE,)


def test_every_error_of_a_sweep_comes_in_one_message(model: list[str], tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("id,body\n1,hello\n")
    path, sha256 = model[0], "0" * 64
    found = problems_of(
        *("batch_size=8,0", "bach_size=1", f"corpus.path='{tmp_path}/rows.csv',gone.txt"),
        *("corpus=file", f"model.sha256={sha256}", path, "corpus.column=txt"),
        multirun=True,
    )
    told = "\n".join(found)
    for part in (
        "bach_size=1: there is no key bach_size, did you mean batch_size?",
        "batch_size=0: must be at least 1",
        "corpus.path=gone.txt: there is no such file",
        "corpus.column=txt:",
        "id, body",
        "model.sha256:",
    ):
        assert part in told
    assert len(found) == len(set(found)) == 5


def test_a_model_that_is_nowhere_tells_the_places_tried_and_what_to_do(tmp_path: Path) -> None:
    (said,) = problems_of("model=nobody/nothing")
    assert said.startswith("model.name=nobody/nothing: no weights found; tried\n")
    for place in ("local path", "hub cache", "hub: not reachable"):
        assert place in said
    assert "model.path=FOLDER" in said
    assert str(tmp_path) not in said


def test_a_file_that_is_not_named_must_be_given(model: list[str]) -> None:
    assert problems_of(*model, "corpus=file") == ("corpus.path: must be given",)


def test_problems_of_combination_and_of_plug_ins_are_told(model: list[str]) -> None:
    found = problems_of(
        *model, "text_length=own", "workload._target_=nowhere.Mine", "+measurement.clok=1"
    )
    assert [problem.partition(":")[0] for problem in found] == [
        "text_length=own",
        "workload._target_=nowhere.Mine",
        "measurement.clok",
    ]


def test_without_downloads_the_hub_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked() -> str | None:
        raise AssertionError("the hub was asked")

    monkeypatch.setattr(hub, "why_unreachable", asked)
    with pytest.raises(RequestError, match="hub: not asked while planning"):
        plan(["model=nobody/nothing"], download=False)


def test_a_key_that_is_given_no_values_leaves_no_jobs_and_says_so(model: list[str]) -> None:
    (said,) = problems_of(*model, "batch_size=range(8,8)", multirun=True)
    assert "no values" in said


def other(value: object) -> object:
    return {"seconds": 1, "iterations": 1, "max_seconds": 1} if isinstance(value, dict) else "other"


@pytest.mark.parametrize("name", sorted(PROTOCOL_KEYS | HOUSEKEEPING_KEYS))
def test_jobs_that_differ_in_the_protocol_alone_have_the_same_key(
    resolved_defaults: dict[str, Any], name: str
) -> None:
    changed = {**resolved_defaults, name: other(resolved_defaults[name])}
    assert key(changed) == key(resolved_defaults)


@pytest.mark.parametrize(
    "name",
    [
        *("device", "batch_size", "text_length", "texts_per_call", "normalize", "truncation"),
        *("threads", "wait_policy", "allocator", "seed", "model", "corpus", "backend"),
        *("workload", "measurement"),
    ],
)
def test_jobs_that_ask_something_else_have_another_key(
    resolved_defaults: dict[str, Any], name: str
) -> None:
    changed = {**resolved_defaults, name: other(resolved_defaults[name])}
    assert key(changed) != key(resolved_defaults)


def test_a_key_does_not_depend_on_the_order_of_the_configuration(
    resolved_defaults: dict[str, Any],
) -> None:
    assert key(dict(reversed(resolved_defaults.items()))) == key(resolved_defaults)


def test_a_key_that_the_workload_does_not_use_is_noted(
    model: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert plan([*model, "batch_size=1,2"], multirun=True).notes == ()
    folder = tmp_path / "conf" / "workload"
    folder.mkdir(parents=True)
    (folder / "nap.yaml").write_text("_target_: embprof.testing.Sleep\nseconds: 0.01\n")
    monkeypatch.chdir(tmp_path)
    notes = plan(["workload=nap", "batch_size=1,2", "seed=1"], multirun=True).notes
    assert notes == ("note: batch_size changes nothing here, the workload Sleep does not use it",)


def test_a_model_edited_in_place_is_another_environment_of_the_same_question(
    tmp_path: Path,
) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert", "num_hidden_layers": 6}')
    (tmp_path / "model.safetensors").write_bytes(WEIGHTS)
    (tmp_path / "vocab.txt").touch()
    asked = [f"model.path='{tmp_path}'", "model.sha256=null"]
    (before,) = plan(asked).jobs
    (tmp_path / "config.json").write_text('{"model_type": "bert", "num_hidden_layers": 2}')
    (after,) = plan(asked).jobs
    assert after.key == before.key
    assert after.environment != before.environment
    (change,) = between(before.fingerprint, after.fingerprint)
    assert change.name == "model_files.config.json"


def test_a_job_without_models_has_no_files_of_models() -> None:
    (job,) = plan(["workload=http", "workload.url=http://127.0.0.1:1"]).jobs
    assert MODEL_FILES not in job.fingerprint


def test_a_folder_called_like_an_option_is_loaded_by_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "minilm_l6"
    folder.mkdir()
    (folder / "config.json").write_text(CONFIG)
    (folder / "model.safetensors").write_bytes(WEIGHTS)
    (folder / "vocab.txt").touch()
    monkeypatch.chdir(tmp_path)
    (found,) = plan(["model=./minilm_l6"]).weights.values()
    assert (found.source, found.folder) == ("local path", str(folder))


@pytest.mark.parametrize("place", ["model", "cross_encoder"])
def test_trust_in_code_of_a_model_is_another_question_and_its_absence_is_none(
    model: list[str], place: str
) -> None:
    asked = ["workload=nli", *model] if place == "cross_encoder" else model
    (before,) = plan(asked).jobs
    (refused,) = plan([*asked, f"{place}.trust_remote_code=false"]).jobs
    (trusted,) = plan([*asked, f"{place}.trust_remote_code=true"]).jobs
    assert (refused.key, refused.environment) == (before.key, before.environment)
    assert "trust_remote_code" not in refused.config["model"]
    assert trusted.config[place]["trust_remote_code"] is True
    assert trusted.key != before.key
    assert trusted.environment != before.environment


def test_a_model_that_cannot_do_what_the_workload_is_for_is_refused(
    model: list[str], tmp_path: Path
) -> None:
    folder = model[0].partition("=")[2]
    (problem,) = problems_of("workload=nli", f"cross_encoder.path={folder}")
    assert "is no cross-encoder (Transformer, Pooling)" in problem
    code = tmp_path / "code"
    shutil.copytree(folder.strip("'"), code)
    (code / "config.json").write_text('{"model_type": "bert", "auto_map": {"AutoModel": "a.B"}}')
    asked = [f"model.path='{code}'", "model.sha256=null"]
    (problem,) = problems_of(*asked)
    assert problem.endswith("then allow it with model.trust_remote_code=true")
    (problem,) = problems_of(*asked, "model.trust_remote_code=true")
    assert f"{code} lacks code of its own: a.py" in problem
    (code / "a.py").touch()
    assert plan([*asked, "model.trust_remote_code=true"]).notes == ()
    native = '{"model_type": "bert", "auto_map": {"AutoModel": "a.BertModel"}}'
    (code / "config.json").write_text(native)
    (note,) = plan([*asked, "batch_size=1,2"], multirun=True).notes
    assert "classes of the same name, which are taken: BertModel; model.trust_remote" in note


def test_what_was_assumed_of_a_model_and_how_its_weights_are_read_is_noted(
    model_folder: Path,
) -> None:
    (model_folder / "model.safetensors").rename(model_folder / "pytorch_model.bin")
    pooling, pickle = plan([f"model.path='{model_folder}'", "model.sha256=null"]).notes
    assert "mean pooling is assumed" in pooling
    assert "pytorch_model.bin, a pickle" in pickle
    assert "weights_only=True" in pickle
