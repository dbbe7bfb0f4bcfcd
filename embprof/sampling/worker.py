"""The measured process: does what its parent asks, slice by slice, and nothing beside it.

It sits in ``recv`` until asked, so between slices it uses no CPU. What the workload prints goes to
a file. It ends when its parent does: a thread that blocks on a pipe held open by the parent alone
(and so costs nothing while it waits) ends the process when that pipe breaks, even if the workload
hangs.
"""

import os
import sys
import threading
from multiprocessing.connection import Connection

from embprof.sampling.failures import describe
from embprof.sampling.messages import News, WorkerSpec
from embprof.sampling.session import Session

PARENT_GONE = 86
"""Exit code of a worker whose parent died."""
VERBS = ("open", "measuring", "observe", "finish", "facts", "close")
"""Methods of a session that a parent may ask for, in this order."""


def serve(connection: Connection, lifeline: Connection) -> None:
    """Runs in the worker until the parent says close, or is gone."""
    _end_with(lifeline)
    try:
        spec: WorkerSpec = connection.recv()
    except EOFError:
        return
    session = Session(spec, tell=lambda text: connection.send(News(text=text)))
    verbs = {verb: getattr(session, verb) for verb in VERBS}
    while True:
        try:
            verb, argument = connection.recv()
        except EOFError:
            return
        try:
            connection.send(verbs[verb](argument))  # pickles the whole answer before it sends
        except BaseException as error:  # noqa: BLE001  (whatever it is, it is the job's result)
            sys.stderr.flush()
            connection.send(describe(error))
            return
        if verb == "close":
            return


def _end_with(lifeline: Connection) -> None:
    def wait() -> None:
        try:
            lifeline.recv_bytes()
        except (EOFError, OSError):
            os._exit(PARENT_GONE)

    threading.Thread(target=wait, name="embprof-lifeline", daemon=True).start()
