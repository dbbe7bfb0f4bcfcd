"""One job's answer in the making: what its workers are told, and what is kept of them."""

import dataclasses
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from embprof.config.inputs import model_id
from embprof.machine import resources, validity
from embprof.machine.fingerprint import digest
from embprof.machine.process_facts import Facts
from embprof.machine.validity import Counters
from embprof.model import Job, Run, Slice, Stamp, Status
from embprof.models.weights import Weights
from embprof.run.ending import OK, Ending
from embprof.run.recorder import Context, Recorder
from embprof.sampling.isolation import Workers
from embprof.sampling.messages import Opened
from embprof.sampling.sampler import Sampled
from embprof.sampling.schedule import Stop
from embprof.tracking.folder import RunFolder, read_run, read_slices

MakeJob = Callable[..., Job]
MakeSlice = Callable[..., Slice]
MakeRecorder = Callable[..., Recorder]

MODEL = {
    "name": "nobody/nothing",
    "revision": None,
    "path": None,
    "weights": "pretrained",
    "sha256": "0" * 64,
    "architecture": None,
}
FOUND = Weights(folder="/models/found", source="hub", sha256="0" * 64, tokenizer_sha256=None)
BEGUN = ("job.json", "environment.json")
OPENED = Opened(
    load_seconds=1.5,
    description={"items": "texts", "threads": 2, "wait_policy": "default"},
    imported_torch=True,
)


@pytest.fixture
def recorder(tmp_path: Path, job: MakeJob) -> MakeRecorder:
    """Records a job whose configuration has these changes."""

    def make(weights: Weights | None = None, **changes: Any) -> Recorder:
        asked = job()
        context = Context(
            sweep_id="sweep",
            workers=cast(Workers, None),
            weights={} if weights is None else {model_id(MODEL): weights},
            progress=lambda _: None,
        )
        folder = RunFolder(tmp_path / "sweep" / "0", "0")
        return Recorder(job(config={**asked.config, **changes}), folder, context)

    return make


def finished(recorder: Recorder, ending: Ending = OK) -> Run:
    """The answer of a recorder that has begun."""
    run = recorder.finish(ending)
    assert read_run(recorder.folder.path) == run
    return run


def test_a_worker_is_told_what_the_job_asks_for(recorder: MakeRecorder) -> None:
    made = recorder(threads=3, wait_policy="active", allocator="retain", memory_limit_mb=700)
    spec = made.spec(fresh=True)
    assert spec.workload == {"_target_": "embprof.testing.Sleep"}
    assert (spec.threads, spec.allocator, spec.memory_limit_mb) == (3, "retain", 700)
    assert (spec.fresh, spec.canary) == (True, False)
    assert spec.environment["OMP_WAIT_POLICY"] == "ACTIVE"
    assert "HF_HUB_OFFLINE" not in spec.environment, "nothing says that all is here"
    assert spec.log == str(made.folder.log)


def test_a_job_that_says_nothing_of_threads_gets_the_cpus_it_may_use(
    recorder: MakeRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "cpus_usable", lambda: 7)
    assert recorder(threads=None).spec(fresh=False).threads == 7


def test_a_worker_runs_in_this_interpreter(recorder: MakeRecorder) -> None:
    here = recorder().spec(fresh=False)
    assert (here.executable, here.paths) == (sys.executable, ())


def test_a_worker_is_told_where_weights_lie_and_that_it_need_not_look(
    recorder: MakeRecorder,
) -> None:
    asked = {"_target_": "x.Y", "model": MODEL}
    spec = recorder(FOUND, model=MODEL, workload=asked).spec(fresh=False)
    assert (spec.workload["model"]["path"], spec.workload["model"]["sha256"]) == (
        "/models/found",
        "0" * 64,
    )
    assert spec.environment["HF_HUB_OFFLINE"] == "1"
    assert asked["model"] == MODEL, "the job's own configuration stays as it was asked"


def test_what_is_known_before_measuring_is_on_disk_at_once(recorder: MakeRecorder) -> None:
    made = recorder()
    made.begin()
    files = {name: json.loads((made.folder.path / name).read_text()) for name in BEGUN}
    assert files["job.json"]["sweep_id"] == "sweep"
    assert files["job.json"]["key"] == "key0"
    assert {"config", "fingerprint"}.isdisjoint(files["job.json"])
    assert files["environment.json"]["hard"] == {"cpu_model": "test"}
    assert "packages" in files["environment.json"]["soft"]
    made.folder.close()


def test_a_description_is_on_disk_as_soon_as_the_workload_is_loaded(
    recorder: MakeRecorder,
) -> None:
    made = recorder(FOUND, workload={"_target_": "x.Y", "model": MODEL})
    made.begin()
    made.opened(OPENED)
    described = json.loads((made.folder.path / "description.json").read_text())
    assert described["items"] == "texts"
    assert (described["weights_source"], described["weights_sha256"]) == ("hub", "0" * 64)
    assert described["hostname"]
    made.folder.close()


def test_parts_of_a_workload_have_models_and_servers_of_their_own(
    recorder: MakeRecorder,
) -> None:
    server = {"_target_": "x.Server", "dsn": None}
    made = recorder(FOUND, workload={"_target_": "x.Y", "nli": {"model": MODEL}, "service": server})
    made.context = dataclasses.replace(made.context, services={digest(server): {"dsn": "here"}})
    made.begin()
    spec = made.spec(fresh=True)
    assert spec.workload["nli"]["model"]["path"] == "/models/found"
    assert spec.workload["service"] == {"dsn": "here"}
    made.opened(OPENED)
    assert made.description["nli_weights_source"] == "hub"
    made.folder.close()


def test_loading_is_counted_over_all_restarts(recorder: MakeRecorder) -> None:
    made = recorder()
    made.begin()
    made.opened(OPENED)
    made.opened(OPENED)
    assert finished(made).seconds["load"] == 3.0


@pytest.mark.parametrize("code", ["abc", None])
def test_the_code_that_ran_is_kept_if_there_was_any(
    recorder: MakeRecorder, code: str | None
) -> None:
    made = recorder()
    made.begin()
    made.opened(OPENED)
    made.ran(Facts(python="3.13.0", packages={"torch": "9.9"}, code_sha256=code))
    description = finished(made).description
    assert description.get("code_sha256") == code
    assert ("code_sha256" in description) is (code is not None)
    assert description["torch"] == "9.9", "that of the worker, whatever is installed here"


def test_a_slice_is_on_disk_before_anything_is_made_of_it(
    recorder: MakeRecorder, piece: MakeSlice
) -> None:
    made = recorder()
    made.begin()
    kept = [piece(0.1, warmup=True), piece(0.2), piece(0.3, restart=1)]
    for one in kept:
        made.keep(one)
        assert list(read_slices(made.folder.path))[-1] == one
    assert made.measured(0) == [kept[1]]
    assert made.measured(1) == [kept[2]]
    made.folder.close()


def test_the_answer_holds_figures_of_the_measured_slices_and_where_time_went(
    recorder: MakeRecorder, piece: MakeSlice
) -> None:
    made = recorder()
    made.begin()
    made.opened(OPENED)
    for one in (piece(9.0, warmup=True), piece(0.1, 0.1), piece(0.1, 0.1)):
        made.keep(one)
    made.sampled.append(Sampled(stop=Stop.PRECISE, steady=True))
    run = finished(made)
    assert (run.run_id, run.status, run.stop, run.steady) == ("sweep/0", Status.OK, "precise", True)
    assert run.value("throughput_texts_per_s") == pytest.approx(100)
    assert run.seconds["warmup"] == 9.0
    assert run.seconds["measured"] == pytest.approx(0.4)
    assert run.seconds["total"] >= 0


@pytest.mark.parametrize(
    ("states", "steady"),
    [([], None), ([True, True], True), ([True, None], None), ([True, None, False], False)],
)
def test_a_run_is_steady_if_every_restart_was(
    recorder: MakeRecorder, states: list[bool | None], *, steady: bool | None
) -> None:
    made = recorder()
    made.begin()
    made.sampled += [Sampled(stop=Stop.PRECISE, steady=state) for state in states]
    assert finished(made).steady is steady


def test_what_happened_around_a_measurement_is_stamped_once_a_mark(
    recorder: MakeRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, Any]] = []

    def stamps(_before: Counters, _after: Counters, **about: Any) -> list[Stamp]:
        told.append(about)
        return [Stamp(mark="B", detail=f"time {len(told)}")]

    monkeypatch.setattr(validity, "stamps", stamps)
    made = recorder()
    made.begin()
    made.opened(OPENED)
    for _ in range(2):
        made.stamp(validity.read(), validity.read(), own_cpu_seconds=3.0)
    assert (told[0]["threads"], told[0]["own_cpu_seconds"]) == (2, 3.0)
    assert finished(made).stamps == (Stamp(mark="B", detail="time 1"),)


def test_a_traceback_is_added_to_what_the_workload_printed(recorder: MakeRecorder) -> None:
    made = recorder()
    made.begin()
    made.folder.log.write_text("chatter")
    ending = Ending(status=Status.FAILED, reason="why", details="Traceback …")
    run = finished(made, ending)
    assert (run.status, run.reason) == (Status.FAILED, "why")
    assert made.folder.log.read_text() == "chatter\nTraceback …"
