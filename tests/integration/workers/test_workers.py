"""Workers as real processes: how they start, how they end, and what they leave behind."""

import gc
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from embprof.errors import WorkerError
from embprof.model import Status
from embprof.sampling.isolation import Worker, Workers
from embprof.sampling.messages import Opened, WorkerSpec

MakeSpec = Callable[..., WorkerSpec]
Eventually = Callable[[Callable[[], object]], bool]
IsGone = Callable[[int], bool]

EITHER = pytest.mark.parametrize("fresh", [False, True], ids=["forked", "fresh"])
MODULE = '''
import gc
import os
import signal
import subprocess
import sys
import time

from embprof.testing import Sleep


class Starts(Sleep):
    """Starts a process in the way that ``how`` says, then dies; the process stays for a while."""

    def __init__(self, how):
        super().__init__(seconds=0.0)
        self.how = how

    def step(self):
        if self.how == "shell":
            os.system("sleep 120 &")
        elif self.how == "fork":
            if os.fork() == 0:
                time.sleep(120)
                os._exit(0)
        else:
            subprocess.Popen(["sleep", "120"])
        os.kill(os.getpid(), signal.SIGKILL)


class Careless(Sleep):
    """Has nobody told when a process ends, and asks none of those it starts how it went."""

    def step(self):
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        subprocess.Popen(["true"])
        return super().step()


class Looks(Sleep):
    """Says what it finds itself in."""

    def description(self):
        return {
            "waits": os.environ.get("OMP_WAIT_POLICY"),
            "parent": os.getppid(),
            "first": next(one for one in sys.path if not one.startswith(sys.base_prefix)),
            "has_torch": "torch" in sys.modules,
            "deaf": signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []),
        }
'''


@pytest.fixture(autouse=True)
def _module(tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_text(MODULE)


@pytest.fixture
def own() -> Iterator[Workers]:
    """Workers whose server a test may end."""
    with Workers(heavy=False) as made:
        yield made


def why_not(worker: Worker, *verbs: str, deadline: float | None = None) -> WorkerError:
    """The error that the last of these verbs ends with."""
    *before, last = verbs
    for verb in before:
        worker.ask(verb)
    with pytest.raises(WorkerError) as caught:
        worker.ask(last, 2, deadline=deadline)
    return caught.value


def opened(workers: Workers, spec: WorkerSpec) -> Opened:
    """What a worker says when it has loaded, and no more."""
    with workers.start(spec) as worker:
        found: Opened = worker.ask("open")
        worker.ask("close")
    return found


@EITHER
def test_a_worker_answers_and_is_gone_when_it_is_closed(
    workers: Workers, spec: MakeSpec, is_gone: IsGone, *, fresh: bool
) -> None:
    with workers.start(spec(fresh=fresh)) as worker:
        assert worker.ask("open").description["items"] == "naps"
        assert len(worker.ask("observe", 3).samples[0].values) == 3
        assert worker.ask("close") == ()
    assert is_gone(worker.pid)


@pytest.mark.parametrize(
    ("how", "reason", "fresh"),
    [
        ("exit", "ended by itself with exit code 3", False),
        ("exit", "ended by itself with exit code 3", True),
        ("segfault", "killed by signal 11 (SIGSEGV)", False),
        ("kill", "killed by signal 9 (SIGKILL)", False),
        ("kill", "killed by signal 9 (SIGKILL)", True),
        ("raise", "RuntimeError: failed on purpose", False),
    ],
)
def test_a_worker_that_dies_says_how(
    workers: Workers, spec: MakeSpec, how: str, reason: str, *, fresh: bool
) -> None:
    with workers.start(spec("Fails", workload={"how": how}, fresh=fresh)) as worker:
        error = why_not(worker, "open", "observe")
    assert (error.status, error.reason) == (Status.FAILED, reason)


@EITHER
def test_a_worker_that_is_killed_before_it_is_asked_anything_says_how(
    workers: Workers, spec: MakeSpec, *, fresh: bool
) -> None:
    with workers.start(spec(fresh=fresh)) as worker:
        os.kill(worker.pid, signal.SIGTERM)
        assert why_not(worker, "open").reason == "killed by signal 15 (SIGTERM)"


@EITHER
def test_a_worker_that_cannot_write_its_log_says_so(
    workers: Workers, spec: MakeSpec, *, fresh: bool
) -> None:
    with workers.start(spec(log="/nowhere/worker.log", fresh=fresh)) as worker:
        error = why_not(worker, "open")
    assert "No such file or directory: '/nowhere/worker.log'" in error.reason


def test_a_worker_that_hangs_is_ended_at_the_deadline(
    workers: Workers, spec: MakeSpec, is_gone: IsGone
) -> None:
    with workers.start(spec("Fails", workload={"how": "hang"})) as worker:
        error = why_not(worker, "open", "observe", deadline=time.monotonic() + 0.5)
        assert is_gone(worker.pid)
    assert error.status == Status.TIMEOUT
    assert error.reason == "did not answer to observe within the time limit"


@pytest.mark.parametrize(
    ("how", "fresh"), [("shell", False), ("fork", False), ("subprocess", False), ("shell", True)]
)
def test_the_end_of_a_worker_is_not_hidden_by_a_process_that_it_started(
    workers: Workers, spec: MakeSpec, how: str, *, fresh: bool
) -> None:
    started = time.monotonic()
    with workers.start(spec("odd.Starts", workload={"how": how}, fresh=fresh)) as worker:
        assert "SIGKILL" in why_not(worker, "open", "observe").reason
    assert time.monotonic() - started < 100, "before that process ends"


def test_a_worker_may_do_with_its_own_children_what_it_likes(
    workers: Workers, spec: MakeSpec
) -> None:
    with workers.start(spec("odd.Careless")) as worker:
        for verb in ("open", "observe", "close"):
            worker.ask(verb, 2)
    with workers.start(spec("Fails", workload={"how": "exit"})) as worker:
        assert "exit code 3" in why_not(worker, "open", "observe").reason


@EITHER
def test_a_worker_is_deaf_to_ctrl_c_which_is_for_its_parent(
    workers: Workers, spec: MakeSpec, *, fresh: bool
) -> None:
    with workers.start(spec("odd.Looks", fresh=fresh)) as worker:
        os.kill(worker.pid, signal.SIGINT)
        assert worker.ask("open").description["deaf"] is True
        worker.ask("close")


def test_folders_that_a_worker_is_given_come_first(
    workers: Workers, spec: MakeSpec, tmp_path: Path
) -> None:
    found = opened(workers, spec("odd.Looks"))
    assert found.description["first"] == str(tmp_path)


def test_memory_beyond_the_limit_is_out_of_memory(workers: Workers, spec: MakeSpec) -> None:
    asked = spec("Fails", workload={"how": "eat"}, memory_limit_mb=300)
    with workers.start(asked) as worker:
        error = why_not(worker, "open", "observe")
    assert error.status == Status.OUT_OF_MEMORY
    assert "MemoryError" in error.reason


def test_the_limit_of_one_worker_is_not_that_of_the_next(workers: Workers, spec: MakeSpec) -> None:
    eats = "Fails", {"how": "eat", "at": 2}
    asked = spec(eats[0], workload=eats[1], memory_limit_mb=300)
    with workers.start(asked) as worker:
        why_not(worker, "open", "observe")
    with workers.start(spec("odd.Looks")) as worker:
        worker.ask("open")
        limits = psutil.Process(worker.pid).rlimit(psutil.RLIMIT_DATA)
        worker.ask("close")
    assert limits == psutil.Process().rlimit(psutil.RLIMIT_DATA)


def test_a_server_forks_all_workers_of_a_wait_policy_and_another_those_of_another(
    own: Workers, spec: MakeSpec
) -> None:
    policies = ("default", "passive", "active", "passive", "default")
    found = [opened(own, spec("odd.Looks", wait_policy=policy)).description for policy in policies]
    assert [one["waits"] for one in found] == [None, "PASSIVE", "ACTIVE", "PASSIVE", None]
    parents = [one["parent"] for one in found]
    assert len(set(parents)) == 3
    assert parents[1] == parents[3]
    assert parents[0] == parents[4]
    assert {child.pid for child in psutil.Process().children()} >= set(parents)


def test_a_fresh_worker_is_a_child_of_this_very_process(workers: Workers, spec: MakeSpec) -> None:
    found = opened(workers, spec("odd.Looks", fresh=True))
    assert found.description["parent"] == os.getpid()


def test_two_sets_of_workers_side_by_side_do_not_share_a_server(
    own: Workers, workers: Workers, spec: MakeSpec
) -> None:
    with own.start(spec("odd.Looks")) as mine, workers.start(spec("odd.Looks")) as theirs:
        parents = {worker.ask("open").description["parent"] for worker in (mine, theirs)}
        own.close()
        for worker in (theirs, mine):
            assert worker.ask("observe", 1).samples, "a worker outlives its server"
            worker.ask("close")
    assert len(parents) == 2


def test_two_workers_of_a_server_run_side_by_side(workers: Workers, spec: MakeSpec) -> None:
    with workers.start(spec()) as a, workers.start(spec("Fails", workload={"how": "kill"})) as b:
        for worker in (a, b):
            worker.ask("open")
        assert "SIGKILL" in why_not(b, "observe").reason
        assert a.ask("observe", 2).samples
        a.ask("close")


def test_many_workers_leave_no_zombie_and_no_file_open(own: Workers, spec: MakeSpec) -> None:
    me = psutil.Process()

    def open_files() -> tuple[int, int]:
        gc.collect()  # what earlier tests left is closed when it is collected, at any moment
        (server,) = (one for one in me.children() if one.pid == parent)
        return me.num_fds(), server.num_fds()

    parent = opened(own, spec("odd.Looks")).description["parent"]
    before = open_files()
    for number in range(50):
        with own.start(spec("Fails", workload={"how": "exit", "at": 2})) as worker:
            worker.ask("open")
            if number % 3 == 0:
                worker.ask("close")
            elif number % 3 == 1:
                why_not(worker, "observe")
            else:
                worker.kill()
        alive = [one.status() for one in psutil.Process(parent).children()]
        assert alive == []
    assert open_files() == before


def test_a_server_that_was_killed_is_replaced(own: Workers, spec: MakeSpec) -> None:
    first = opened(own, spec("odd.Looks")).description["parent"]
    os.kill(first, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(first)], timeout=5)
    assert opened(own, spec("odd.Looks")).description["parent"] != first


def test_a_worker_outlives_its_server_and_ends_with_its_job(
    own: Workers, spec: MakeSpec, is_gone: IsGone, eventually: Eventually
) -> None:
    with own.start(spec("odd.Looks")) as worker:
        os.kill(worker.ask("open").description["parent"], signal.SIGKILL)
        assert worker.ask("observe", 2).samples
        worker.ask("close")
    assert eventually(lambda: is_gone(worker.pid))


def test_a_worker_that_hangs_ends_with_its_job_even_without_its_server(
    own: Workers, spec: MakeSpec, is_gone: IsGone, eventually: Eventually
) -> None:
    with own.start(spec("Fails", workload={"how": "hang"})) as worker:
        worker.ask("open")
        os.kill(psutil.Process(worker.pid).ppid(), signal.SIGKILL)
        error = why_not(worker, "observe", deadline=time.monotonic() + 0.1)
    assert error.status == Status.TIMEOUT
    assert eventually(lambda: is_gone(worker.pid))


def test_workers_that_are_closed_leave_no_process(own: Workers, spec: MakeSpec) -> None:
    before = {child.pid for child in psutil.Process().children()}
    for wait_policy in ("default", "passive"):
        opened(own, spec(wait_policy=wait_policy))
    own.close()
    assert {child.pid for child in psutil.Process().children()} <= before
