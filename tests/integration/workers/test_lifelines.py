"""Nothing outlives a parent that is killed, wherever its processes are."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import psutil
import pytest

Eventually = Callable[[Callable[[], object]], bool]
IsGone = Callable[[int], bool]
Launch = Callable[..., subprocess.Popen[str]]

PARENT = """
import os, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # may be ignored, in the background
from embprof.sampling.isolation import Workers, worker_environment
from embprof.sampling.messages import WorkerSpec

folder, heavy, how = sys.argv[1], sys.argv[2] == "heavy", sys.argv[3:]
sys.path.insert(0, folder)
environment = worker_environment(1, "default", offline=True)
hang = {"_target_": "embprof.testing.Fails", "how": "hang"}
throughput = {"_target_": "embprof.measurements.throughput.Throughput"}
with Workers(heavy=heavy) as workers:
    started = []
    for fresh in how:
        spec = WorkerSpec(
            workload=hang,
            measurement=throughput,
            threads=1,
            environment=environment,
            log=os.path.join(folder, "worker.log"),
            fresh=fresh == "fresh",
        )
        started.append(workers.start(spec))
        started[-1].ask("open")
        started[-1]._connection.send(("observe", 1))
    print("ready", flush=True)
    if heavy:
        workers.warm_up(environment)
    time.sleep(60)
"""
SLOW = "import os, time\nopen(os.environ['BEGUN'], 'w').close()\ntime.sleep(60)\n"


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    """Starts a parent in a process group of its own."""
    parents: list[subprocess.Popen[str]] = []

    def start(*words: str, variables: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        parent = subprocess.Popen(
            [sys.executable, "-c", PARENT, str(tmp_path), *words],
            env={**os.environ, **(variables or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        parents.append(parent)
        assert parent.stdout is not None
        assert parent.stdout.readline() == "ready\n", parent.communicate()[1]
        return parent

    yield start
    for parent in parents:
        parent.kill()
        parent.communicate()


def test_server_and_workers_that_hang_end_when_their_parent_is_killed(
    launch: Launch, is_gone: IsGone, eventually: Eventually
) -> None:
    parent = launch("light", "forked", "fresh", "forked")
    family = [one.pid for one in psutil.Process(parent.pid).children(recursive=True)]
    assert len(family) == 4, "a server, two workers of its own, and a fresh one"
    parent.kill()
    assert eventually(lambda: all(map(is_gone, family)))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_server_in_the_middle_of_its_imports_ends_with_its_parent(
    launch: Launch, is_gone: IsGone, eventually: Eventually, tmp_path: Path, number: signal.Signals
) -> None:
    (tmp_path / "transformers.py").write_text(SLOW)
    begun = tmp_path / "begun"
    parent = launch("heavy", variables={"BEGUN": str(begun)})
    assert eventually(begun.exists)
    (server,) = psutil.Process(parent.pid).children()
    if number == signal.SIGKILL:
        parent.kill()
    else:
        os.killpg(parent.pid, number)  # as ctrl-C in a terminal does: all of them get it
    assert eventually(lambda: is_gone(server.pid))
    assert parent.wait() != 0
