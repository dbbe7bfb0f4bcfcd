"""What a worker tells beside its measurement: the code it ran, the canary, how it allocates."""

import platform
from collections.abc import Callable
from pathlib import Path

import pytest

from embprof.machine.process_facts import Facts
from embprof.sampling.canary import NAME
from embprof.sampling.isolation import Workers
from embprof.sampling.messages import Observed, WorkerSpec

MakeSpec = Callable[..., WorkerSpec]


def test_a_worker_tells_what_its_workload_imported(
    workers: Workers, spec: MakeSpec, tmp_path: Path
) -> None:
    def ran(constant: str) -> Facts:
        (tmp_path / "service.py").write_text(constant)
        (tmp_path / "own.py").write_text(
            "import service\nfrom embprof.testing import Sleep\nclass Own(Sleep): ...\n"
        )
        with workers.start(spec("own.Own")) as worker:
            worker.ask("open")
            found: Facts = worker.ask("facts")
            worker.ask("close")
        return found

    one, two = ran("one = 1"), ran("one = 20")
    assert one.code_sha256 != two.code_sha256
    assert (one.python, one.packages) == (two.python, two.packages)


@pytest.mark.parametrize("fresh", [False, True])
def test_a_worker_has_the_variables_of_the_moment_it_is_started(
    workers: Workers,
    spec: MakeSpec,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    fresh: bool,
) -> None:
    (tmp_path / "own_variable.py").write_text(
        "import os\nfrom embprof.testing import Sleep\nclass Own(Sleep):\n"
        "    def description(self):\n        return {'set': os.environ.get('SET_LATER')}\n"
    )
    workers.warm_up(spec().environment)
    monkeypatch.setenv("SET_LATER", "yes")
    with workers.start(spec("own_variable.Own", fresh=fresh)) as worker:
        assert worker.ask("open").description["set"] == "yes"


def observed(workers: Workers, spec: WorkerSpec) -> Observed:
    with workers.start(spec) as worker:
        worker.ask("open")
        answer: Observed = worker.ask("observe", 5)
        worker.ask("close")
    return answer


def test_a_worker_reads_it_after_a_slice_and_outside_its_time(
    workers: Workers, spec: MakeSpec
) -> None:
    answers = [observed(workers, spec(canary=True, workload={"seconds": 0.0})) for _ in range(3)]
    assert {answer.samples[-1].name for answer in answers} == {NAME}
    # Of three slices, since somebody may take the CPU for as long in the middle of one.
    beside_calls = min(answer.seconds - sum(answer.samples[0].values) for answer in answers)
    assert beside_calls < min(sum(answer.samples[-1].values) for answer in answers)


def test_a_worker_that_is_not_told_to_reads_none(workers: Workers, spec: MakeSpec) -> None:
    assert NAME not in [samples.name for samples in observed(workers, spec()).samples]


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
@pytest.mark.parametrize(
    ("asked", "limit", "found"),
    [("retain", None, "retain"), ("default", None, "default"), ("retain", 900, "default")],
)
def test_a_worker_says_how_it_allocates(
    workers: Workers,
    spec: MakeSpec,
    asked: str,
    limit: float | None,
    found: str,
) -> None:
    with workers.start(spec(allocator=asked, memory_limit_mb=limit)) as worker:
        assert worker.ask("open").description["allocator"] == found
        worker.ask("close")
