"""Real commands, each in a folder of its own, and the MLflow store that they log to.

Starting a command costs seconds, so one real sweep is run by a fixture and many tests read what it
left: its exit code, what it printed, its files and its runs in MLflow. Files are read as JSON, not
through embprof: they are its contract with users.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.integration.forked_process import Forked
from tests.integration.warm_process import WarmCommands

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient

# A shell starts what it runs in the background deaf to ctrl-C, nohup deaf to a closed terminal, and
# so would be all that is started from there.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
for _number in (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM):
    if signal.getsignal(_number) == signal.SIG_IGN:
        signal.signal(_number, signal.SIG_DFL)

PATIENCE = 600.0
"""Seconds after which a command counts as hanging, on the busiest of machines."""
SILENCE = 60.0
"""Seconds in which the processes that a command has started are gone after it."""
POLL = 0.02
LEFT_OUT = ("MLFLOW_", "OMP_", "HYDRA_", "EMBPROF_", "GIT_")
"""Variables of the developer's own that would change what a command does."""
KEPT_WHOLE = re.compile(r"runs: |  \S+: weights from |[A-Z] .* \(#\d")
"""Lines that name folders, and those that explain a mark: which of these there are is chance."""
CALLS = 40
"""Measured calls of each of the main job's jobs: a second's worth, and an interval, on any day."""
LONGEST = (
    *("test_gate.py", "test_nli.py", "test_load_time.py", "test_interruptions.py"),
    *("test_callable.py", "test_vector_search.py", "test_sql.py", "test_profile.py"),
    *("test_main_job.py", "test_pipeline.py", "test_sweep_with_baseline.py", "test_http.py"),
)
"""Files that take longest, the longest first."""
SCENARIOS = "test_scenarios_run.py"
SCATTERED = ("test_gate.py", SCENARIOS)
"""Files whose tests share nothing that takes long, and which take long together."""
OF_THE_MAIN_JOB = ("test_main_job.py", "test_mlflow_reads_the_store.py", "test_planning.py")
"""Files with tests that look at the same sweep."""
COLOURS = ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLUMNS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """All it printed, on one line: where lines are broken does not matter then."""
        return " ".join(f"{self.out} {self.err}".split())

    @property
    def sweep_id(self) -> str:
        found = re.search(r"^(?:sweep|gate) (\d{8}-\d{6}-[0-9a-f]{4}): ", self.out, re.MULTILINE)
        assert found, f"no sweep was announced:\n{self.out}\n{self.err}"
        return found[1]

    @property
    def width(self) -> int:
        """Columns of the widest line, but for lines that are kept whole however long."""
        lines = self.out.splitlines()
        return max(len(line) for line in lines if not KEPT_WHOLE.match(line))

    def row(self, number: int) -> str:
        """The line of the final table that belongs to a job."""
        rows = re.findall(rf"^{number} +\S.*$", self.out, re.MULTILINE)
        assert rows, f"no row {number} in:\n{self.out}"
        return str(rows[-1])


Begin = Callable[[int, int], "subprocess.Popen[bytes] | Forked"]


class Started:
    """A command that runs, in a process group of its own."""

    def __init__(self, begin: Begin, folder: Path) -> None:
        """``begin`` makes the process, given the files for what it prints."""
        self._said = [folder / f".said-{time.monotonic_ns()}-{stream}" for stream in ("out", "err")]
        out, err = (file.open("w") for file in self._said)
        with out, err:
            self.process = begin(out.fileno(), err.fileno())

    @property
    def out(self) -> str:
        return self._said[0].read_text()

    def wait_for(self, happened: Callable[[], object], what: str) -> None:
        """Returns once it has happened; fails when the command ends before."""
        patience = time.monotonic() + PATIENCE
        while not happened():
            alive = self.process.poll() is None and time.monotonic() < patience
            assert alive or happened(), f"{what}: never happened\n{self.out}\n{self._err}"
            time.sleep(POLL)

    def wait_for_silence(self, is_silent: Callable[[], object], what: str) -> None:
        """Returns once nothing of an ended command is left; fails when something stays."""
        patience = time.monotonic() + SILENCE
        while not is_silent():
            assert time.monotonic() < patience, f"{what}: it did not"
            time.sleep(POLL)

    def interrupt(self) -> None:
        """What ctrl-C in a terminal does: SIGINT for every process of the group."""
        os.killpg(self.process.pid, signal.SIGINT)

    def finish(self) -> Done:
        code = self.process.wait(timeout=PATIENCE)
        return Done(code=code, out=self.out, err=self._err)

    def end(self) -> None:
        """Leaves nothing of it behind."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=PATIENCE)

    @property
    def _err(self) -> str:
        return self._said[1].read_text()


@dataclass(kw_only=True)
class Desk:
    """A folder that a user stands in, with the environment of their shell.

    ``run`` and ``start`` fork ``python -m embprof`` of a process that has done the imports;
    ``call`` and ``launch`` start what they are given. ``site``: a folder whose sitecustomize.py
    every Python of the desk runs first.
    """

    path: Path
    environment: dict[str, str]
    store: Store
    commands: WarmCommands
    site: Path | None = None
    _started: list[Started] = field(default_factory=list)

    def run(self, *words: str, **variables: str) -> Done:
        """Runs ``python -m embprof`` to its end."""
        environment = {**self.environment, **variables}
        if not self.commands.can_begin(environment):
            return self.call(sys.executable, "-m", "embprof", *words, **variables)
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            files = out.fileno(), err.fileno()
            process = self.commands.begin(
                words, self.path, environment, files, site=self.site, shares_servers=True
            )
            try:
                code = process.wait(PATIENCE)
            except BaseException:
                process.kill()
                process.wait(PATIENCE)
                raise
            out.seek(0)
            err.seek(0)
            return Done(code=code, out=out.read(), err=err.read())

    def measure(self, *words: str, report: bool = False, **variables: str) -> Measured:
        """Runs a sweep to its end, to be looked at; with a report, which few tests read."""
        decided = report or any(word.startswith(("report=", "resume=")) for word in words)
        asked = words if decided else (*words, "report=false")
        return Measured(desk=self, done=self.run(*asked, **variables), store=self.store)

    def call(self, *arguments: str, **variables: str) -> Done:
        """Runs any command to its end."""
        done = subprocess.run(
            arguments,
            cwd=self.path,
            env=self._shell(variables),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return Done(code=done.returncode, out=done.stdout, err=done.stderr)

    def start(self, *words: str, **variables: str) -> Started:
        """Starts ``python -m embprof``; it is ended with the test session at the latest."""
        if not self.commands.can_begin({**self.environment, **variables}):
            return self.launch(sys.executable, "-m", "embprof", *words, **variables)
        return self.fork("embprof", *words, **variables)

    def fork(self, module: str, *words: str, **variables: str) -> Started:
        """Starts ``python -m MODULE`` with what embprof imports imported.

        Its fork servers are its own, as a user's are: tests look at its family, and end it.
        """
        environment = {**self.environment, **variables}

        def begin(out: int, err: int) -> Forked:
            return self.commands.begin(
                words,
                self.path,
                environment,
                (out, err),
                module=module,
                site=self.site,
                shares_servers=False,
            )

        return self._begin(begin)

    def launch(self, *arguments: str, **variables: str) -> Started:
        """Starts any command."""
        return self._begin(
            lambda out, err: subprocess.Popen(
                arguments,
                cwd=self.path,
                env=self._shell(variables),
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        )

    def _shell(self, variables: dict[str, str]) -> dict[str, str]:
        """The environment of a command that is started."""
        environment = {**self.environment, **variables}
        if self.site is not None:
            paths = (str(self.site), environment.get("PYTHONPATH"))
            environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
        return environment

    def _begin(self, begin: Begin) -> Started:
        started = Started(begin, self.path)
        self._started.append(started)
        return started

    def put_away(self) -> None:
        for started in self._started:
            started.end()

    def option(self, group: str, name: str, /, **content: object) -> None:
        """Adds ``./conf/GROUP/NAME.yaml``; ``target`` is its class."""
        target = content.pop("target", None)
        node = content if target is None else {"_target_": target, **content}
        file = self.path / "conf" / group / f"{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump(node, sort_keys=False))

    @property
    def mlruns(self) -> Path:
        return self.path / "mlruns"

    def sweep(self, sweep_id: str) -> Path:
        return self.mlruns / "sweeps" / sweep_id

    def answer(self, sweep_id: str, job: int | str) -> dict[str, Any]:
        """The run.json of a job."""
        content: dict[str, Any] = json.loads(
            (self.sweep(sweep_id) / str(job) / "run.json").read_text()
        )
        return content

    def slices(self, sweep_id: str, job: int | str) -> list[dict[str, Any]]:
        """The measured slices of a job (warm-up is left out), each as samples.jsonl has it."""
        lines = (self.sweep(sweep_id) / str(job) / "samples.jsonl").read_text().splitlines()
        return [piece for line in lines if not (piece := json.loads(line))["warmup"]]

    def has_measured(self, job: int, *, slices: int = 2) -> bool:
        """Whether the only sweep here has that many slices of a job on disk by now."""
        files = list(self.mlruns.glob(f"sweeps/*/{job}/samples.jsonl"))
        return any(file.read_text().count('"warmup":false') >= slices for file in files)


class Readings:
    """What the slices of a job hold, quantity by quantity."""

    def __init__(self, slices: Sequence[dict[str, Any]]) -> None:
        self._samples = [samples for piece in slices for samples in piece["samples"]]

    def values(self, name: str) -> list[float]:
        return [v for s in self._samples if s["name"] == name for v in s["values"]]

    def items(self, name: str = "call_time") -> list[int]:
        return [i for s in self._samples if s["name"] == name for i in s["items"]]

    def total(self, name: str) -> float:
        return sum(self.values(name))


class Store:
    """An MLflow store, read through MLflow's own client."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self._opened: MlflowClient | None = None

    def parents(self, sweep_id: str) -> list[Run]:
        return self._search(sweep_id, "sweep")

    def parent(self, sweep_id: str) -> Run:
        (run,) = self.parents(sweep_id)
        return run

    def children(self, sweep_id: str) -> list[Run]:
        """The job runs of a sweep in the order of their numbers."""
        runs = self._search(sweep_id, "job")
        return sorted(runs, key=lambda run: run.data.tags["embprof.run"])

    def artifacts(self, run: Run) -> set[str]:
        """Paths of all files kept with a run."""
        with self._client() as client:
            found: set[str] = set()
            folders: list[str | None] = [None]
            while folders:
                for entry in client.list_artifacts(run.info.run_id, folders.pop()):
                    (folders.append if entry.is_dir else found.add)(entry.path)
            return found

    def download(self, run: Run, path: str, to: Path) -> Path:
        with self._client() as client:
            return Path(client.download_artifacts(run.info.run_id, path, str(to)))

    def _search(self, sweep_id: str, kind: str) -> list[Run]:
        query = f"tags.`embprof.sweep_id` = '{sweep_id}' and tags.`embprof.kind` = '{kind}'"
        with self._client() as client:
            experiments = [e.experiment_id for e in client.search_experiments()]
            return list(client.search_runs(experiments, query))

    @contextlib.contextmanager
    def _client(self) -> Iterator[MlflowClient]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # MLflow's own, of what its libraries deprecate
            if self._opened is None:
                from mlflow.tracking import MlflowClient

                self._opened = MlflowClient(tracking_uri=self.uri)
            yield self._opened


MakeDesk = Callable[..., Desk]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A sweep that a fixture has run: where, how it ended, and where it was logged."""

    desk: Desk
    done: Done
    store: Store

    @property
    def sweep_id(self) -> str:
        return self.done.sweep_id

    def answer(self, job: int | str) -> dict[str, Any]:
        return self.desk.answer(self.sweep_id, job)

    def readings(self, job: int | str) -> Readings:
        return Readings(self.desk.slices(self.sweep_id, job))

    @property
    def parent(self) -> Run:
        return self.store.parent(self.sweep_id)

    @property
    def children(self) -> list[Run]:
        return self.store.children(self.sweep_id)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Longest files first, scenarios last: they fill what the others leave."""
    items.sort(key=lambda item: _rank(item.path.name))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Hands tests that share a sweep to one worker, and all others to any.

    xdist's own groups (``--dist loadgroup``) are lost with pytest 9.2.
    """
    return _Scheduling(config, log)


class _Scheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    def _split_scope(self, nodeid: str) -> str:
        """What a test shares: the main job, the fixtures of its module, or nothing."""
        file = Path(nodeid.partition("::")[0]).name
        if file in OF_THE_MAIN_JOB:
            return "main job"
        return nodeid if file in SCATTERED else file


def _rank(name: str) -> int:
    """Where a file stands; those not named stand together, between the long ones and the last."""
    if name == SCENARIOS:
        return len(LONGEST) + 1
    return LONGEST.index(name) if name in LONGEST else len(LONGEST)


@pytest.fixture(scope="session", autouse=True)
def _mlflow_says_nothing_home() -> Iterator[None]:
    """MLflow reads it when it is imported, which tests do in this process too."""
    before = os.environ.get("MLFLOW_DISABLE_TELEMETRY")
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    yield
    if before is None:
        del os.environ["MLFLOW_DISABLE_TELEMETRY"]


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """One store for all sweeps whose test is not about the store: creating one takes seconds."""
    return Store(f"sqlite:///{tmp_path_factory.mktemp('store').resolve() / 'mlflow.db'}")


@pytest.fixture(scope="session")
def open_store() -> type[Store]:
    """Opens another store, given its URI."""
    return Store


@pytest.fixture(scope="session")
def make_desk(tmp_path_factory: pytest.TempPathFactory, store: Store) -> Iterator[MakeDesk]:
    """Makes an empty folder to run commands in; all of a session share one lock and one store."""
    locks, caches = tmp_path_factory.mktemp("locks"), tmp_path_factory.mktemp("caches")
    mine = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(LEFT_OUT) and name not in COLOURS
    }
    mine |= {
        "EMBPROF_LOCK_DIR": str(locks),
        "EMBPROF_CACHE_DIR": str(caches),
        "MLFLOW_TRACKING_URI": store.uri,
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "HF_HUB_OFFLINE": "1",  # the packaged weights are meant, whatever the network has
        "CUDA_VISIBLE_DEVICES": "",  # a machine without GPU, whatever this one is
    }
    commands = WarmCommands(mine, tmp_path_factory.mktemp("warm") / "said")
    desks: list[Desk] = []

    def make(name: str) -> Desk:
        path = tmp_path_factory.mktemp(name).resolve()
        environment = {**mine, "GIT_CEILING_DIRECTORIES": str(path.parent)}
        desk = Desk(path=path, environment=environment, store=store, commands=commands)
        # The workloads of known cost: with them, a command takes seconds and torch stays out.
        nap = {"target": "embprof.testing.Sleep", "seconds": 0.01, "batch_size": "${batch_size}"}
        desk.option("workload", "nap", **nap)
        desks.append(desk)
        return desk

    yield make
    for desk in desks:
        desk.put_away()
    commands.close()


@pytest.fixture
def desk(make_desk: MakeDesk, request: pytest.FixtureRequest) -> Desk:
    """An empty folder for one test."""
    return make_desk(re.sub(r"\W+", "-", request.node.name)[:40])


@pytest.fixture(scope="session")
def main_job(make_desk: MakeDesk) -> Measured:
    """The job that embprof was made for, small: real model, a git repository, the default store."""
    desk = make_desk("main-job")
    del desk.environment["MLFLOW_TRACKING_URI"]
    if shutil.which("git"):
        (desk.path / "service.py").write_text("print('hello')\n")
        me = ("-c", "user.name=Test", "-c", "user.email=test@example.invalid")
        for words in (("init", "-q"), ("add", "service.py"), (*me, "commit", "-qm", "Begin")):
            assert desk.call("git", *words).code == 0
    desk.store = Store(f"sqlite:///{desk.mlruns / 'mlflow.db'}")
    axes = ("-m", "batch_size=8,16", "device=cpu,cuda", f"iterations={CALLS}", "text_length=40")
    short = "warmup.max_seconds=2"  # beside other tests it may never be steady
    done = desk.call(sys.executable, "-m", "embprof", *axes, short)  # as users do, imports and all
    return Measured(desk=desk, done=done, store=desk.store)
