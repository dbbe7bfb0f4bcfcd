"""A Python interpreter that workers run in: this one, or that of another virtual environment.

Whatever interpreter it is, it runs *this* embprof (loaded by path, whether or not one is installed
there), so that both ends speak the same words; every other package is its own.
"""

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

PACKAGE = Path(__file__).parent.parent
BEGIN = """
import sys
if sys.version_info < (3, 11):
    sys.exit("it is Python %d.%d, and embprof needs 3.11 at least" % sys.version_info[:2])
sys.path[:] = [folder for folder in sys.path if folder]  # a json.py of the user's is none
import importlib.util, json
folder, paths, role = sys.argv[1:4]
sys.path[:] = json.loads(paths) or sys.path
spec = importlib.util.spec_from_file_location(
    "embprof", folder + "/__init__.py", submodule_search_locations=[folder]
)
sys.modules["embprof"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sys.modules["embprof"])
from embprof import own_modules
own_modules.settle()
from embprof.sampling import roles
getattr(roles, role)(*map(int, sys.argv[4:]))
"""


def start(
    executable: str,
    role: str,
    fds: Sequence[int],
    *,
    environment: dict[str, str],
    output: IO[bytes],
) -> subprocess.Popen[bytes]:
    """A new process in the ``role`` of that name (:mod:`embprof.sampling.roles`), given ``fds``.

    It is deaf to ctrl-C from its first instruction: a terminal sends SIGINT to every process of a
    command, and what that means is for the parent to say. Raises OSError if there is no such
    executable.
    """
    # Another interpreter has folders of its own; this one's may have been added to since it began.
    paths = sys.path if executable == sys.executable else []
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return subprocess.Popen(  # noqa: S603  (an interpreter, and our own words)
            [executable, "-c", BEGIN, str(PACKAGE), json.dumps(paths), role, *map(str, fds)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=fds,
            env=environment,
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
