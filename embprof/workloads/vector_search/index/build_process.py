"""Makes an index in a process of its own: the one that is measured stays that of a client.

Embedding 50,000 texts loads a model, and holds all their vectors; neither is part of a service that
searches. The other process ends with this one: it holds the reading end of a pipe. Whether an index
is there is looked for in another process too, or the client's library would be in memory before
anyone reads what importing it takes.
"""

import contextlib
import json
import os
import pickle
import struct
import subprocess
import sys
import threading
import traceback
from collections.abc import Mapping
from typing import IO, Any

from embprof.own_modules import path_to_ours
from embprof.sampling.failed_start import Failed, failure
from embprof.sampling.isolation import oom_kills
from embprof.workloads.vector_search.index.recipe import Recipe
from embprof.workloads.vector_search.index.registry import BuildRecord

MAKE = (
    "import sys; sys.path[:] = sys.argv[1:]; "
    "from embprof.workloads.vector_search.index.build_process import main; main()"
)
LOOK = (
    "import sys; dsn, schema = sys.argv[1:3]; sys.path[:] = sys.argv[3:]; "
    "from embprof.workloads.vector_search.index.registry import tell; tell(dsn, schema)"
)
LENGTH = struct.Struct("!Q")


def look_elsewhere(service: Mapping[str, Any], schema: str) -> BuildRecord | None:
    """What is known of a schema; None where it is not whole, or its server does not answer."""
    command = [sys.executable, "-P", "-c", LOOK, str(service["dsn"]), schema, *path_to_ours()]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603
    record = json.loads(done.stdout or "null")
    return None if record is None else BuildRecord(**record)


def make_elsewhere(recipe: Recipe) -> None:
    """As :func:`~.index_build.make`; what is said goes to standard output.

    Raises what was raised there, as an error of the same name.
    """
    kills = oom_kills()
    command = [sys.executable, "-P", "-c", MAKE, *path_to_ours()]
    request = pickle.dumps(recipe)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            with contextlib.suppress(BrokenPipeError):  # it died before it listened
                process.stdin.write(LENGTH.pack(len(request)) + request)
                process.stdin.flush()
            answer = process.stdout.read()
        except BaseException:
            process.kill()
            raise
    if not answer:
        raise failure(process.returncode, "", oom_kills_before=kills)
    error = json.loads(answer)
    if error is not None:
        raise Failed.like(**error)


def main() -> None:
    """The whole life of the process that makes it."""
    from embprof.workloads.vector_search.index.index_build import make

    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what is printed goes where errors go, which is the log of the run
    line = sys.stdin.buffer
    (length,) = LENGTH.unpack(line.read(LENGTH.size))
    recipe: Recipe = pickle.loads(line.read(length))  # noqa: S301  (from the process above)
    threading.Thread(target=_end_with, args=(line,), daemon=True).start()
    error = None
    try:
        make(recipe, lambda message: print(message, flush=True))  # noqa: T201
    except BaseException as raised:  # noqa: BLE001  (whatever it is, it is the reason)
        error = {
            "kind": type(raised).__name__,
            "message": str(raised),
            "details": traceback.format_exc(),
        }
    answer.write(json.dumps(error).encode())
    answer.flush()
    os._exit(0)  # the thread would be waited for, and it waits for the other side


def _end_with(line: IO[bytes]) -> None:
    """Ends this process when the other closes the line, however it ended."""
    line.read(1)
    os._exit(1)
