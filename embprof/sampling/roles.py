"""What a process that was started for measuring does: be a worker, or fork workers on request.

The fork server only imports and forks: one that had run inference, started a thread pool or touched
CUDA would hand its children locks that nobody holds, and they would hang.
"""

import contextlib
import fcntl
import importlib
import os
import signal
import socket
import sys
import traceback
import warnings
from collections.abc import Iterator
from multiprocessing.connection import Connection

from embprof.sampling.worker import serve

READY = b"ready"
START = b"start"
ENDED = b"ended"
"""``ended PID``: has it? The answer is its exit code, or nothing while it runs."""
LARGEST_MESSAGE = 64
NEEDED = ("hydra.utils", "embprof.interface.measurement")
"""What no worker can do without; a server that cannot import it ends with the error."""
HEAVY = "embprof.sampling.preload"


def worker(connection: int, lifeline: int) -> None:
    """Serves its parent in an interpreter of its own."""
    ends = Connection(connection), Connection(lifeline)
    for end in ends:
        # Held open by a process that the workload starts, they would hide this one's end.
        os.set_inheritable(end.fileno(), False)
        os.register_at_fork(after_in_child=end.close)
    serve(*ends)


def light_server(line: int) -> None:
    """Forks workers that import what they need themselves."""
    _fork_on_request(socket.socket(fileno=line), heavy=False)


def heavy_server(line: int) -> None:
    """Forks workers that have torch and the models' code imported already."""
    _fork_on_request(socket.socket(fileno=line), heavy=True)


def _fork_on_request(line: socket.socket, *, heavy: bool) -> None:
    """Until the parent is gone: one request, one answer."""
    # Exit codes could not be asked for if whoever started embprof had it ignored.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with _ending_with(line):
        for name in NEEDED:
            importlib.import_module(name)
        if heavy:
            with contextlib.suppress(Exception):  # a worker that needs it will say so itself
                importlib.import_module(HEAVY)
    line.sendall(READY)
    while True:
        message, fds, _, _ = socket.recv_fds(line, LARGEST_MESSAGE, 2)
        if not message:
            return
        verb, _, pid = message.partition(b" ")
        answer = str(_fork(line, fds)) if verb == START else _exit_code(int(pid))
        line.sendall(f"{answer}\n".encode())


@contextlib.contextmanager
def _ending_with(line: socket.socket) -> Iterator[None]:
    """Ends this process, by SIGIO, if the parent goes meanwhile: imports take seconds."""
    flags = fcntl.fcntl(line, fcntl.F_GETFL)
    fcntl.fcntl(line, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(line, fcntl.F_SETFL, flags | os.O_ASYNC)
    yield
    fcntl.fcntl(line, fcntl.F_SETFL, flags)


def _fork(line: socket.socket, fds: list[int]) -> int:
    """Process id of a new worker that owns ``fds``: its connection and its lifeline."""
    with warnings.catch_warnings():
        # Python 3.12 warns of threads, which libraries start when they are imported; none of them
        # holds a lock while this process waits for requests.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        code = 1
        try:
            line.close()
            worker(*fds)
            code = 0
        except BaseException:  # noqa: BLE001  (the process ends, with its reason in the log)
            traceback.print_exc()
        finally:
            with contextlib.suppress(OSError, ValueError):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)
    for fd in fds:
        os.close(fd)
    return pid


def _exit_code(pid: int) -> str:
    """Exit code of a worker (minus the number of the signal that ended it), "" while it runs.

    It stays a zombie until it is asked for, so its process id cannot be anybody else's before.
    """
    ended, status = os.waitpid(pid, os.WNOHANG)
    return str(os.waitstatus_to_exitcode(status)) if ended else ""
