"""A restart's protocol: what its worker is asked, and what is kept of the answers."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from embprof.errors import WorkerError
from embprof.machine.process_facts import Facts
from embprof.model import Job, Samples, Slice, Status
from embprof.run.recorder import Context, Recorder
from embprof.run.restart import Restart, Start, StartAgainError, name_arm
from embprof.sampling.isolation import Workers
from embprof.sampling.messages import NeedsFresh, Observed, Opened, WorkerSpec
from embprof.tracking.folder import RunFolder

MakeJob = Callable[..., Job]
Asked = tuple[str, Any, float | None]
OPENED = Opened(
    load_seconds=1.5, description={"items": "texts", "threads": 1, "wait_policy": "passive"}
)
OBSERVED = Observed(
    started=1.0,
    seconds=0.2,
    samples=(Samples(name="call_time", unit="s", better="lower", values=(0.2,), items=(4,)),),
)


class FakeWorkers:
    """Starts one worker, which answers what it was given."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {
            "open": OPENED,
            "observe": OBSERVED,
            "measuring": None,
            "finish": None,
            "facts": Facts(python="3.11", packages={"torch": "2.13.0"}, code_sha256="c0de"),
            "close": (),
        }
        self.asked: list[Asked] = []
        self.specs: list[WorkerSpec] = []
        self.ends: list[str] = []
        self.learns = False

    def ask(self, verb: str, argument: Any = None, *, deadline: float | None = None) -> Any:
        self.asked.append((verb, argument, deadline))
        answer = self.answers[verb]
        if isinstance(answer, BaseException):
            raise answer
        return answer

    @contextlib.contextmanager
    def start(self, spec: WorkerSpec) -> Iterator[FakeWorkers]:
        self.specs.append(spec)
        try:
            yield self
        finally:
            self.ends.append("gone")

    def learn(self, _: Opened) -> bool:
        return self.learns


@pytest.fixture
def workers() -> FakeWorkers:
    return FakeWorkers()


@pytest.fixture
def recorder(tmp_path: Path, job: MakeJob, workers: FakeWorkers) -> Iterator[Recorder]:
    asked = job()
    known = {"allocator": "retain", "seed": 0, "workload": {"_target_": "x.Y"}, **asked.config}
    context = Context(
        sweep_id="sweep", workers=cast(Workers, workers), weights={}, progress=lambda _: None
    )
    made = Recorder(
        dataclasses.replace(asked, config=known), RunFolder(tmp_path / "0", "0"), context
    )
    made.begin()
    yield made
    made.folder.close()


def test_a_worker_is_asked_in_order_with_the_deadline_and_gone_in_the_end(
    recorder: Recorder, workers: FakeWorkers
) -> None:
    with Restart.started(recorder, Start(fresh=True), number=2, deadline=12.5) as restart:
        assert workers.asked == [], "others may be started before it is opened"
        restart.open()
        assert restart.observe(8) == OBSERVED
        restart.measuring()
        restart.finish()
        restart.close()
    assert [verb for verb, _, _ in workers.asked] == [
        *("open", "observe", "measuring", "finish", "facts", "close")
    ]
    assert workers.asked[1] == ("observe", 8, 12.5)
    assert {deadline for _, _, deadline in workers.asked} == {12.5}
    assert workers.ends == ["gone"]
    assert workers.specs[0].fresh
    assert not workers.specs[0].canary


def test_what_it_says_of_itself_and_its_files_are_kept(
    recorder: Recorder, workers: FakeWorkers, tmp_path: Path
) -> None:
    left = tmp_path / "profile.html"
    left.write_text("<html>")
    workers.answers |= {"close": (left,), "finish": OBSERVED}
    with Restart.started(recorder, Start(fresh=False), number=1, deadline=1.0) as restart:
        restart.open()
        restart.finish()
        facts = restart.close()
    assert facts.code_sha256 == recorder.description["code_sha256"] == "c0de"
    assert recorder.load_seconds == OPENED.load_seconds
    assert [(piece.restart, type(piece)) for piece in recorder.slices] == [(1, Slice)]
    assert list(recorder.folder.path.rglob("profile*.html"))


@pytest.mark.parametrize("arm", [None, "b"])
def test_a_worker_that_needs_a_fresh_process_asks_for_another_start(
    recorder: Recorder, workers: FakeWorkers, arm: str | None
) -> None:
    workers.answers["open"] = NeedsFresh()
    start = Start(fresh=False, arm=arm)
    with (
        pytest.raises(StartAgainError) as raised,
        Restart.started(recorder, start, number=0, deadline=1.0) as restart,
    ):
        restart.open()
    assert raised.value.fresh
    assert workers.ends == ["gone"]
    assert recorder.description == {}, "it has shown nothing yet"


@pytest.mark.parametrize(
    ("start", "again"),
    [
        (Start(fresh=False), False),
        (Start(fresh=False, arm="a"), True),
        (Start(fresh=True, arm="a"), False),
    ],
)
def test_only_arms_measured_in_turn_start_again_where_workers_start_otherwise_from_now_on(
    recorder: Recorder, workers: FakeWorkers, start: Start, *, again: bool
) -> None:
    workers.learns = True
    with Restart.started(recorder, start, number=0, deadline=1.0) as restart:
        if not again:
            restart.open()
            return
        with pytest.raises(StartAgainError) as raised:
            restart.open()
    assert not raised.value.fresh


def test_arms_have_a_canary_and_their_names_in_what_is_said_of_them(
    recorder: Recorder, workers: FakeWorkers
) -> None:
    workers.answers["open"] = WorkerError(Status.FAILED, "it broke", "details")
    start = Start(fresh=False, arm="b", executable="/venv/bin/python", paths=("/tree",))
    with (
        pytest.raises(WorkerError, match=r"^arm B: it broke") as raised,
        Restart.started(recorder, start, number=0, deadline=1.0) as restart,
    ):
        restart.open()
    assert raised.value.details == "details"
    (spec,) = workers.specs
    assert spec.canary
    assert (spec.executable, spec.paths) == ("/venv/bin/python", ("/tree",))


def test_an_arm_is_named_once() -> None:
    with pytest.raises(WorkerError, match=r"^arm B: no$"), name_arm("a"), name_arm("b"):
        raise WorkerError(Status.FAILED, "no")
