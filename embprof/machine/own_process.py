"""A function called in a process of its own, which may import what this one must not.

The process is asked by one JSON line on its standard input and answers by JSON lines: ``say`` how
far it is, last ``done`` or ``error`` in words. What libraries print goes to standard error, which
is kept as a log. It ends with whoever started it; ctrl-C is the caller's affair.
"""

import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from embprof.errors import BuildError, EmbprofError
from embprof.machine.parent import end_with_parent
from embprof.own_modules import path_to_ours

BEGIN = f"import sys; sys.path[:] = sys.argv[1:]; from {__name__} import main; main()"
"""What the process runs: modules of the user's are none of Python's, as everywhere."""
Say = Callable[[str], None]
Function = Callable[[Mapping[str, Any], Say], None]
"""Takes JSON-ready arguments, and where to say how far it is."""


def call(function: str, arguments: Mapping[str, Any], *, log: Path | None, say: Say) -> None:
    """Calls the function of that import path (a :data:`Function`) in a new process.

    Raises BuildError with what the process says, or how it died.
    """
    with contextlib.ExitStack() as stack:
        output = subprocess.DEVNULL if log is None else stack.enter_context(log.open("ab"))
        process = stack.enter_context(_started(output))
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(f"{json.dumps({'function': function, 'arguments': arguments})}\n")
            process.stdin.flush()
        last: dict[str, Any] = {}
        for line in process.stdout:
            last = json.loads(line)
            if "say" in last:
                say(last["say"])
        code = process.wait()
    if "done" not in last:
        how = f"was ended by signal {-code}" if code < 0 else f"ended with {code}"
        raise BuildError(str(last.get("error", f"its process {how}")))


@contextlib.contextmanager
def _started(output: int | IO[bytes]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(  # noqa: S603  (this interpreter, and a module of ours)
        [sys.executable, "-P", "-c", BEGIN, *path_to_ours()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=output,
        text=True,
        encoding="utf-8",
        # Threads that spin would keep others, and each other, from the CPUs.
        env={"OMP_WAIT_POLICY": "PASSIVE", **os.environ},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()


def main() -> None:
    """Does what one line asks for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        end_with_parent()
    lines = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def tell(**message: Any) -> None:
        print(json.dumps(message), file=lines, flush=True)

    request = json.loads(sys.stdin.readline())
    module, _, name = request["function"].rpartition(".")
    try:
        function: Function = getattr(importlib.import_module(module), name)
        function(request["arguments"], lambda text: tell(say=text))
    except EmbprofError as error:
        tell(error=str(error))
    except Exception as error:  # noqa: BLE001  (libraries raise anything; the log has the rest)
        traceback.print_exc()
        first = str(error).strip().partition("\n")[0]
        tell(error=f"{type(error).__name__}: {first}" if first else type(error).__name__)
    else:
        tell(done=True)
