"""A process with imports done, of which others are forked on request, each as if started anew.

Most of what a test's command costs is imports: 2 of the 3 s of a sweep, and 7 s of CPU for the fork
server of a sweep with real models. A warm process does them once a test session. There are kinds:

- ``commands``: children are ``python -m embprof …``. It imports what a sweep does, and never torch.
- ``light``, ``heavy``: children are fork servers of sweeps. It imports what these do themselves.

A child has a session of its own, the folder, environment, words and files that it was asked for
with, and signals as a shell leaves them. What it does not do is to import: whatever a test says of
imports, it says of a real interpreter.
"""

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from tests.integration.forked_process import LARGEST_MESSAGE, Forked, ask, settled

ROOT = Path(__file__).parents[2]
COMMANDS, LIGHT, HEAVY = "commands", "light", "heavy"
NURSERIES = {"light_server": LIGHT, "heavy_server": HEAVY}
"""Which of them forks what is in a role of embprof.sampling.roles."""
MOST_FILES = 8
LARGEST_FILE = 1 << 16
MOST_NURSERIES = 4
"""Warm processes for fork servers that are kept: a heavy one takes 0.5 GB."""
BEGIN = """
import sys
sys.path[0] = sys.argv[1]
from tests.integration.warm_process import main
del sys.path[0]
become = main(*sys.argv[2:])
become()
"""
NEVER = ("torch", "sentence_transformers", "transformers")
"""What no sweeping process imports, so no command may find it imported."""
LIBRARIES = (
    *("alembic.command", "filelock", "matplotlib.backends.backend_agg", "matplotlib.figure"),
    *("mlflow.entities", "mlflow.exceptions", "mlflow.store.artifact.local_artifact_repo"),
    *("mlflow.store.db.utils", "mlflow.store.tracking.sqlalchemy_store", "mlflow.tracking"),
    *("plotly", "psutil", "requests", "rich.live", "rich.table", "scipy.fft", "scipy.optimize"),
    *("scipy.special", "scipy.stats", "sqlalchemy.dialects.sqlite", "typer"),
)
"""What commands import late."""


class Owned:
    """A warm process that ends with this one, or when it is closed."""

    def __init__(self, kind: str, environment: Mapping[str, str], output: int) -> None:
        """What it prints itself goes to the file ``output``."""
        self.owner, theirs = socket.socketpair()
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        listener.bind("")  # Linux finds a name that no file has
        listener.listen()
        self.address: str = listener.getsockname().decode()
        with theirs, listener:
            fds = theirs.fileno(), listener.fileno()
            self._process = subprocess.Popen(
                [sys.executable, "-c", BEGIN, str(ROOT), kind, *map(str, fds)],
                cwd="/",
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=fds,
                start_new_session=True,
            )

    def close(self) -> None:
        self.owner.close()
        self._process.kill()
        self._process.wait()


class WarmCommands:
    """Starts ``python -m embprof``, all of them of one warm process."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        """``log`` takes what the warm process says for itself, which is nothing if all is well."""
        self._environment = settled(environment)
        self._log = log
        self._warm: Owned | None = None

    def can_begin(self, environment: Mapping[str, str]) -> bool:
        """Whether a command would have done the imports as they were done here."""
        return settled(environment) == self._environment

    def begin(
        self,
        words: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        files: tuple[int, int],
        *,
        module: str = "embprof",
        site: Path | None = None,
        shares_servers: bool,
    ) -> Forked:
        """A command that prints to ``files``; its fork servers may be forked as well.

        ``site``: a folder whose sitecustomize.py it runs first.
        """
        request = {
            "module": module,
            "words": words,
            "folder": str(folder),
            "environment": environment,
            "site": None if site is None else str(site),
            "shares_servers": shares_servers,
        }
        return Forked(self._address, request, files)

    def put_stand_in(self, file: Path) -> None:
        """Makes an executable that is to a script what ``python -m embprof`` would be."""
        file.write_text(
            f"#!{sys.executable} -IS\n"
            f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n"
            "from tests.integration.forked_process import stand_in\n"
            f"stand_in({self._address!r}, {self._environment!r})\n"
        )
        file.chmod(0o755)

    @property
    def _address(self) -> str:
        if self._warm is None:
            with self._log.open("w") as log:
                self._warm = Owned(COMMANDS, self._environment, log.fileno())
        return self._warm.address

    def close(self) -> None:
        if self._warm is not None:
            self._warm.close()
            said = self._log.read_text()
            assert said == "", said


def main(kind: str, owner: str, listener: str) -> Callable[[], object]:
    """Imports, then forks on request. Returns in each child what it is to do."""
    if kind == COMMANDS:
        _import_commands()
    else:
        _import_servers(heavy=kind == HEAVY)
    for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
        del sys.modules[name]  # no child may find our tests where it looks for its own
    gc.collect()
    gc.freeze()
    return _Warm(socket.socket(fileno=int(owner)), socket.socket(fileno=int(listener))).serve()


class _Warm:
    """The process itself."""

    def __init__(self, owner: socket.socket, listener: socket.socket) -> None:
        self._owner = owner
        self._listener = listener
        self._selector = selectors.DefaultSelector()
        self._children: dict[int, tuple[int, socket.socket]] = {}
        """By descriptor of a child: its process id, and the line of who asked for it."""
        self._nurseries: dict[str, Owned] = {}

    def serve(self) -> Callable[[], object]:
        for one in (self._owner, self._listener):
            self._selector.register(one, selectors.EVENT_READ)
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._owner:
                    return self._close
                if key.fileobj is self._listener:
                    become = self._answer()
                    if become is not None:
                        return become
                else:
                    self._bury(key.fd)

    def _answer(self) -> Callable[[], object] | None:
        """Does what the next client asks; in a child, returns what it is to become."""
        line, _ = self._listener.accept()
        message, files, _, _ = socket.recv_fds(line, LARGEST_MESSAGE, MOST_FILES)
        if not message:
            line.close()
            return None
        request = json.loads(message)
        if "nursery" in request:
            line.sendall(self._nursery(request["nursery"], request["environment"]).encode())
            line.close()
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of threads, from Python 3.12 on
            pid = os.fork()
        if pid == 0:
            return self._become(request, files, line)
        for file in files:
            os.close(file)
        watched = os.pidfd_open(pid)
        self._children[watched] = pid, line
        self._selector.register(watched, selectors.EVENT_READ)
        line.sendall(str(pid).encode())
        return None

    def _bury(self, watched: int) -> None:
        """Takes the exit code of a child, and hands it on."""
        pid, line = self._children.pop(watched)
        self._selector.unregister(watched)
        os.close(watched)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        with line, contextlib.suppress(OSError):  # perhaps nobody waits for it any more
            line.sendall(str(code).encode())

    def _nursery(self, kind: str, environment: dict[str, str]) -> str:
        """The address of the warm process for fork servers of that environment."""
        which = json.dumps([kind, settled(environment)], sort_keys=True)
        if which not in self._nurseries:
            if len(self._nurseries) == MOST_NURSERIES:
                self._nurseries.pop(next(iter(self._nurseries))).close()
            self._nurseries[which] = Owned(kind, settled(environment), output=2)
        return self._nurseries[which].address

    def _become(
        self, request: Mapping[str, Any], files: Sequence[int], line: socket.socket
    ) -> Callable[[], object]:
        """In a child: leaves behind what is its parent's, and returns what it is to do."""
        address = self._listener.getsockname().decode()
        self._selector.close()
        lines = [self._owner, self._listener, line, *(line for _, line in self._children.values())]
        for one in (*lines, *(nursery.owner for nursery in self._nurseries.values())):
            one.detach()
        _keep_only(files)
        os.setsid()
        os.chdir(request["folder"])
        os.environ.clear()
        os.environ.update(request["environment"])
        tempfile.tempdir = None
        importlib.invalidate_caches()
        if "role" in request:
            return _fork_server(request["role"], request["path"], files[2:])
        if request["shares_servers"]:
            _fork_servers_of(address)
        return _command(request["module"], request["words"], request["site"])

    def _close(self) -> None:
        for nursery in self._nurseries.values():
            nursery.close()


def _keep_only(files: Sequence[int]) -> None:
    """Closes all files but these, of which the first two become standard output and error."""
    for number, file in enumerate(files[:2], start=1):
        os.dup2(file, number)
    before = 2
    for file in sorted(files[2:]):
        os.closerange(before + 1, file)
        os.set_inheritable(file, True)
        before = file
    os.closerange(before + 1, LARGEST_FILE)


def _command(module: str, words: Sequence[str], site: str | None) -> Callable[[], object]:
    """``python -m MODULE WORDS…``, as a shell starts it."""
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if site is not None:
        sys.path.insert(0, site)
        sys.modules.pop("sitecustomize", None)
        importlib.import_module("sitecustomize")
    sys.path.insert(0, str(Path.cwd()))
    sys.argv[:] = ["-m", *words]
    return lambda: runpy.run_module(module, run_name="__main__", alter_sys=True)


def _fork_servers_of(address: str) -> None:
    """Makes this command's fork servers children of warm processes, which ``address`` tells of."""
    from embprof.sampling import interpreter

    begin = interpreter.start

    def start(
        executable: str,
        role: str,
        fds: Sequence[int],
        *,
        environment: dict[str, str],
        output: IO[bytes],
    ) -> object:
        kind = NURSERIES.get(role)
        if kind is None or executable != sys.executable:
            return begin(executable, role, fds, environment=environment, output=output)
        nursery = ask(address, {"nursery": kind, "environment": environment})
        request = {
            "role": role,
            "path": sys.path,
            "folder": str(Path.cwd()),
            "environment": environment,
        }
        return Forked(nursery, request, [output.fileno(), output.fileno(), *fds])

    interpreter.start = start  # type: ignore[assignment]  # what it returns is used as a Popen


def _fork_server(role: str, path: Sequence[str], fds: Sequence[int]) -> Callable[[], object]:
    """What embprof.sampling.interpreter has a new interpreter do."""
    from embprof.sampling import interpreter, roles

    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    sys.path[:] = path
    sys.argv[:] = ["-c", str(interpreter.PACKAGE), json.dumps(path), role, *map(str, fds)]
    return lambda: getattr(roles, role)(*fds)


def _import_commands() -> None:
    from embprof import commands
    from embprof.tracking.mlflow_client import SETTINGS

    os.environ.update(SETTINGS)  # MLflow reads them while it is imported
    late = [f"embprof.commands.{found.name}" for found in pkgutil.iter_modules(commands.__path__)]
    for name in (*late, *LIBRARIES):
        importlib.import_module(name)
    assert not set(NEVER) & set(sys.modules)


def _import_servers(*, heavy: bool) -> None:
    from embprof.sampling import roles

    for name in (*roles.NEEDED, *([roles.HEAVY] if heavy else [])):
        importlib.import_module(name)
