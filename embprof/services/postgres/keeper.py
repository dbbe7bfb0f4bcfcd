"""The process that keeps a PostgreSQL server for a sweep, and outlives the sweep to end it.

It reads one line of JSON, the request, from its standard input, and writes what happens to its
standard output, one JSON object per line: ``say``, ``folder``, ``pid``, ``ready``, ``error``. Then
it waits for the end of its input, whoever closes it, or for a signal, and cleans up.

It is started with every sweep that needs a database, so it imports little.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from embprof.errors import ServiceError
from embprof.services.postgres import embedded, folder, own_server
from embprof.services.postgres.lifeline import Ended, Lifeline

ENDING_SECONDS = 5.0
"""How long processes that a keeper had started may take to end after it."""
POLL_SECONDS = 0.05


def main() -> int:
    """Exit code 0 when all that was made is gone, 1 when something stays, as was said then."""
    lifeline = Lifeline(sys.stdin.fileno())
    try:
        with contextlib.suppress(Ended):
            _keep(lifeline, **json.loads(lifeline.read_line()))
    except ServiceError as error:
        tell(error=str(error))
        return 1
    except Exception:  # noqa: BLE001  (nobody sees this process: its parent tells the user)
        tell(error=f"the process that keeps PostgreSQL failed:\n{traceback.format_exc()}")
        return 1
    return 0


def tell(**message: Any) -> None:
    """Tells the parent, if there is one."""
    with contextlib.suppress(BrokenPipeError):
        os.write(sys.stdout.fileno(), f"{json.dumps(message)}\n".encode())


def _keep(lifeline: Lifeline, *, dsn: str | None, instead_of: str | None = None) -> None:
    """Returns, or raises Ended, when the server is not needed any more and nothing is left.

    ``instead_of`` is the folder of a keeper that was killed: this one only cleans up.
    """
    _remove_leftovers(dsn)
    if instead_of is not None:
        end = time.monotonic() + ENDING_SECONDS
        while Path(instead_of).exists() and time.monotonic() < end:
            time.sleep(POLL_SECONDS)
            _remove_leftovers(dsn)
        return
    server = embedded.server(lifeline, tell) if dsn is None else own_server.server(dsn, tell)
    with server as (facts, process):
        tell(ready=facts)
        try:
            lifeline.wait(process)
        finally:
            if process is not None and process.poll() is not None:
                tell(say=f"{facts['name']} ended before the sweep did: {_end_text(process)}")


def _remove_leftovers(dsn: str | None) -> None:
    """Removes what dead sweeps left: folders of killed keepers' servers, and schemas at ``dsn``.

    Schemas on another server of the user's stay until that is asked again: it may be gone for good,
    and waiting for it would delay every sweep.
    """
    for found in folder.dead():
        record = own_server.read_record(found)
        if record is None:
            embedded.remove(found)
        elif record.dsn == dsn:
            try:
                own_server.drop(record)
                folder.remove(found)
            except ServiceError as error:
                tell(say=str(error))


def _end_text(process: subprocess.Popen[bytes]) -> str:
    code = process.wait()
    return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"
