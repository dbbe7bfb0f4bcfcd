"""A job to a finished run, whatever its worker does; the worker is the only fake."""

import dataclasses
import itertools
import json
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

import pytest

from embprof.config.inputs import model_id
from embprof.errors import WorkerError
from embprof.interface.conclusion import Conclusion, FollowUp
from embprof.interruptions import Terminated
from embprof.machine import validity
from embprof.machine.process_facts import Facts
from embprof.model import Job, Run, Samples, Status
from embprof.models.weights import Weights
from embprof.run import follow_up
from embprof.run.measure import measure
from embprof.run.recorder import Context
from embprof.sampling.isolation import Workers
from embprof.sampling.messages import NeedsFresh, Observed, Opened, WorkerSpec
from embprof.testing import FakeClock
from embprof.tracking.folder import RunFolder, read_run, read_slices

MakeJob = Callable[..., Job]


FRESH = {"_target_": "acme.footprint.Footprint", "fresh": True}
"""A measurement that asks for a fresh process."""


class FakeWorker:
    """Answers as a worker would; ``fails_at`` verbs raise instead."""

    def __init__(
        self, spec: WorkerSpec, fails_at: dict[str, BaseException], seconds: float
    ) -> None:
        self.spec = spec
        self.fails_at = fails_at
        self.clock = FakeClock()
        self.seconds = seconds
        self.log: list[str] = []

    def ask(self, verb: str, argument: Any = None, *, deadline: float | None = None) -> Any:
        assert deadline is not None
        self.log.append(verb)
        if verb in self.fails_at and self.log.count(verb) >= 3 - 2 * (verb != "observe"):
            raise self.fails_at[verb]
        if verb == "open":
            needs_fresh = self.spec.measurement.get("fresh") and not self.spec.fresh
            facts = {"items": "texts", "threads": 1, "wait_policy": "passive"}
            return NeedsFresh() if needs_fresh else Opened(load_seconds=1.5, description=facts)
        if verb == "facts":
            return Facts(python="3.11.0", packages={}, code_sha256="abc")
        return self._observed(argument) if verb == "observe" else ()

    def kill(self) -> None:
        self.log.append("killed")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.log.append("gone")

    def _observed(self, iterations: int) -> Observed:
        started = self.clock()
        self.clock.advance(iterations * self.seconds)
        call_time = Samples(
            name="call_time",
            unit="s",
            better="lower",
            values=(self.seconds,) * iterations,
            items=(8,) * iterations,
        )
        return Observed(started=started, seconds=iterations * self.seconds, samples=(call_time,))


class FakeWorkers:
    """Starts fake workers and remembers them."""

    def __init__(self, fails_at: dict[str, BaseException] | None = None) -> None:
        self.fails_at = fails_at or {}
        self.seconds = 0.05
        self.started: list[FakeWorker] = []
        self.learned: list[Opened] = []

    def learn(self, opened: Opened) -> bool:
        self.learned.append(opened)
        return False

    def start(self, spec: WorkerSpec) -> FakeWorker:
        self.started.append(FakeWorker(spec, self.fails_at, self.seconds))
        return self.started[-1]


class Bench:
    """Measures jobs into folders below a temporary one."""

    def __init__(self, root: Path) -> None:
        self.path = root / "sweep" / "0"
        self.phases: list[str] = []

    def measure(self, job: Job, workers: FakeWorkers, weights: Weights | None = None) -> Run:
        known = {} if weights is None else {model_id(job.config["workload"]["model"]): weights}
        context = Context(
            sweep_id="sweep",
            workers=cast(Workers, workers),
            weights=known,
            progress=self.phases.append,
        )
        return measure(job, RunFolder(self.path, "0"), context)


@pytest.fixture(autouse=True)
def _no_counters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else this machine does leaves no stamps."""
    monkeypatch.setattr(validity, "stamps", lambda *_, **__: [])


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def with_config(job: Job, **changes: Any) -> dict[str, Any]:
    return {"config": {**job.config, **changes}}


def test_a_job_that_goes_well_is_ok_with_figures_and_is_on_disk(bench: Bench, job: MakeJob) -> None:
    run = bench.measure(job(), FakeWorkers())
    assert (run.status, run.reason, run.stop) == (Status.OK, None, "precise")
    assert run.value("throughput_texts_per_s") == pytest.approx(8 / 0.05)
    assert run.seconds["load"] == 1.5
    assert read_run(bench.path) == run
    assert bench.phases == ["loading", "warming up", "measuring", "closing"]


def test_every_slice_is_on_disk(bench: Bench, job: MakeJob) -> None:
    asked = job()
    config = {
        **asked.config,
        "iterations": 10,
        "warmup": {"iterations": 3, "seconds": 0, "max_seconds": 1},
    }
    run = bench.measure(job(config=config), FakeWorkers())
    slices = list(read_slices(bench.path))
    measured = [t for piece in slices if not piece.warmup for t in piece.values("call_time")]
    assert len(measured) == 10
    assert run.seconds["measured"] == pytest.approx(0.5)
    assert run.seconds["warmup"] == pytest.approx(sum(p.seconds for p in slices if p.warmup))


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        (
            WorkerError(Status.OUT_OF_MEMORY, "killed by the kernel: out of memory"),
            Status.OUT_OF_MEMORY,
            "killed by the kernel: out of memory (while measuring)",
        ),
        (
            WorkerError(Status.FAILED, "RuntimeError: on purpose", "Traceback …"),
            Status.FAILED,
            "RuntimeError: on purpose (while measuring)",
        ),
        (
            WorkerError(Status.TIMEOUT, "did not answer"),
            Status.TIMEOUT,
            "not finished within time_limit=15 min 0 s, while measuring",
        ),
        (KeyboardInterrupt(), Status.INTERRUPTED, "ctrl-C, while measuring"),
        (Terminated(), Status.INTERRUPTED, "SIGTERM, while measuring"),
    ],
)
def test_a_worker_that_fails_while_measuring_leaves_a_run_with_reason_and_figures(
    bench: Bench, job: MakeJob, error: BaseException, status: Status, reason: str
) -> None:
    run = bench.measure(job(), FakeWorkers({"observe": error}))
    assert (run.status, run.reason) == (status, reason)
    assert run.value("throughput_texts_per_s") == pytest.approx(8 / 0.05)
    assert read_run(bench.path) == run


def test_the_traceback_of_a_worker_is_in_its_log(bench: Bench, job: MakeJob) -> None:
    bench.measure(job(), FakeWorkers({"open": WorkerError(Status.FAILED, "x", "the traceback")}))
    assert "the traceback" in (bench.path / "worker.log").read_text()


def test_a_worker_that_fails_while_loading_leaves_no_figures(bench: Bench, job: MakeJob) -> None:
    run = bench.measure(job(), FakeWorkers({"open": WorkerError(Status.FAILED, "no model")}))
    assert (run.figures, run.stop, run.steady) == ((), None, None)
    assert run.reason == "no model (while loading)"


def test_restarts_are_workers_one_after_the_other(bench: Bench, job: MakeJob) -> None:
    workers = FakeWorkers()
    run = bench.measure(job(**with_config(job(), restarts=3)), workers)
    assert [worker.log[-2:] for worker in workers.started] == [["close", "gone"]] * 3
    assert {piece.restart for piece in read_slices(bench.path)} == {0, 1, 2}
    assert run.seconds["load"] == 4.5
    assert "measuring (restart 2 of 3)" in bench.phases


def test_what_a_worker_ran_is_asked_when_all_is_measured_and_is_kept(
    bench: Bench, job: MakeJob
) -> None:
    workers = FakeWorkers()
    run = bench.measure(job(), workers)
    assert workers.started[0].log[-3:] == ["facts", "close", "gone"]
    assert run.description["code_sha256"] == "abc"


def test_workers_learn_from_each_that_was_opened(bench: Bench, job: MakeJob) -> None:
    workers = FakeWorkers()
    bench.measure(job(**with_config(job(), restarts=2)), workers)
    assert [opened.description["items"] for opened in workers.learned] == ["texts", "texts"]


def test_a_worker_that_cannot_be_started_fails_its_job(bench: Bench, job: MakeJob) -> None:
    class Refusing(FakeWorkers):
        def start(self, spec: WorkerSpec) -> FakeWorker:
            raise WorkerError(Status.FAILED, f"{spec.threads} cannot run a worker")

    run = bench.measure(job(), Refusing())
    assert (run.status, run.reason) == (Status.FAILED, "1 cannot run a worker (while loading)")
    assert read_run(bench.path) == run


@pytest.mark.parametrize(
    ("isolation", "fresh"), [("auto", [False]), ("fork", [False]), ("fresh", [True])]
)
def test_isolation_says_how_workers_start(
    bench: Bench, job: MakeJob, isolation: str, fresh: list[bool]
) -> None:
    workers = FakeWorkers()
    bench.measure(job(**with_config(job(), isolation=isolation)), workers)
    assert [worker.spec.fresh for worker in workers.started] == fresh


def test_a_measurement_that_needs_a_fresh_process_gets_one_in_every_restart(
    bench: Bench, job: MakeJob
) -> None:
    workers = FakeWorkers()
    changed = with_config(job(), measurement=FRESH, restarts=2)
    run = bench.measure(job(**changed), workers)
    assert [worker.spec.fresh for worker in workers.started] == [False, True, True]
    assert run.status == Status.OK


def test_fork_for_a_measurement_that_needs_a_fresh_process_is_a_failure(
    bench: Bench, job: MakeJob
) -> None:
    changed = with_config(job(), measurement=FRESH, isolation="fork")
    run = bench.measure(job(**changed), FakeWorkers())
    assert run.status == Status.FAILED
    assert "needs a fresh process" in str(run.reason)


def test_a_worker_is_told_where_the_weights_are(bench: Bench, job: MakeJob) -> None:
    model = {
        "name": "nobody/nothing",
        "revision": None,
        "path": None,
        "weights": "pretrained",
        "sha256": "0" * 64,
        "architecture": None,
    }
    found = Weights(folder="/models/found", source="hub", sha256="0" * 64, tokenizer_sha256=None)
    workers = FakeWorkers()
    changed = with_config(job(), model=model, workload={"_target_": "x.Y", "model": model})
    bench.measure(job(**changed), workers, found)
    told = workers.started[0].spec.workload["model"]
    assert (told["path"], told["sha256"]) == ("/models/found", "0" * 64)


def test_what_is_known_before_measuring_is_on_disk_before_the_worker_starts(
    bench: Bench, job: MakeJob
) -> None:
    class Looking(FakeWorkers):
        def start(self, spec: WorkerSpec) -> FakeWorker:
            found.update(json.loads((bench.path / "job.json").read_text()))
            return super().start(spec)

    found: dict[str, Any] = {}
    bench.measure(job(3, "batch_size=8"), Looking())
    assert (found["number"], found["overrides"], found["key"]) == (3, ["batch_size=8"], "key3")


@pytest.mark.parametrize(
    "samples",
    [
        (),
        (Samples(name="call_time", unit="s", better="lower", values=(0.1,), items=(0,)),),
        (Samples(name="call_time", unit="s", better="lower", values=(0.1,)),),
        (Samples(name="growth", unit="MB", better="lower", values=(0.0,)),),
        (Samples(name="growth", unit="MB", better="lower", values=(float("nan"),)),),
    ],
)
def test_readings_that_nobody_foresaw_never_end_the_sweep(
    bench: Bench,
    job: MakeJob,
    monkeypatch: pytest.MonkeyPatch,
    samples: tuple[Samples, ...],
) -> None:
    def odd(self: FakeWorker, iterations: int) -> Observed:
        self.clock.advance(1.0)
        return Observed(
            started=0.0,
            seconds=1.0,
            samples=tuple(
                Samples(
                    name=one.name,
                    unit=one.unit,
                    better=one.better,
                    values=one.values * iterations,
                    items=one.items * iterations,
                )
                for one in samples
            ),
        )

    monkeypatch.setattr(FakeWorker, "_observed", odd)
    warmup = {"iterations": 10, "seconds": 0, "max_seconds": 5}
    run = bench.measure(job(**with_config(job(), warmup=warmup, max_seconds=30)), FakeWorkers())
    assert run.status in (Status.OK, Status.FAILED)
    assert (run.status == Status.OK) == (run.reason is None)
    assert read_run(bench.path) is not None


def test_a_warm_up_without_a_steady_state_is_stamped(
    bench: Bench, job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    ordinary, number = FakeWorker._observed, itertools.count()

    def slowing(self: FakeWorker, iterations: int) -> Observed:
        observed = ordinary(self, iterations)
        times = tuple(0.05 * 1.05 ** next(number) for _ in range(iterations))
        calls = dataclasses.replace(observed.samples[0], values=times)
        return dataclasses.replace(observed, samples=(calls,))

    monkeypatch.setattr(FakeWorker, "_observed", slowing)
    warmup = {"iterations": 3, "seconds": 0, "max_seconds": 3}
    run = bench.measure(job(**with_config(job(), warmup=warmup)), FakeWorkers())
    assert run.steady is False
    assert "W" in {stamp.mark for stamp in run.stamps}


CLOSER = FollowUp(phase="looking closer", measurement={"_target_": "closer.Look"}, iterations=7)


def test_what_was_concluded_may_ask_for_one_more_worker(
    bench: Bench, job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow_up, "conclude", lambda *_: Conclusion(follow_up=CLOSER))
    workers = FakeWorkers()
    run = bench.measure(job(**with_config(job(), restarts=2)), workers)
    assert run.status == Status.OK
    last = workers.started[2]
    assert last.spec.measurement == CLOSER.measurement
    assert last.spec.fresh
    assert last.log == ["open", "observe", "facts", "close", "gone"]
    assert bench.phases[-1] == "looking closer"
    assert {piece.restart for piece in read_slices(bench.path)} == {0, 1}, "its own are not kept"


def test_a_closer_look_that_fails_takes_nothing_away(
    bench: Bench, job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    class OneTooMany(FakeWorkers):
        def start(self, spec: WorkerSpec) -> FakeWorker:
            if spec.measurement == CLOSER.measurement:
                raise WorkerError(Status.FAILED, "no such tool")
            return super().start(spec)

    monkeypatch.setattr(follow_up, "conclude", lambda *_: Conclusion(follow_up=CLOSER))
    run = bench.measure(job(), OneTooMany())
    assert (run.status, run.primary is not None) == (Status.OK, True)
    assert run.description["follow_up"] == "none: no such tool (while looking closer)"


def test_a_worker_is_told_once_when_warming_up_is_over(bench: Bench, job: MakeJob) -> None:
    workers = FakeWorkers()
    warmup = {"iterations": 3, "seconds": 0.0, "max_seconds": 1}
    bench.measure(job(**with_config(job(), warmup=warmup, iterations=4)), workers)
    log = workers.started[0].log
    assert log.count("measuring") == 1
    before, after = log[: log.index("measuring")], log[log.index("measuring") :]
    assert "observe" in before
    assert "observe" in after
