"""Whether a tracking store answers, found out in seconds, and why not in a line.

MLflow itself tries a database that is down, or refuses the password, eleven times in 102 s, and has
no limit for one that is silent. So one connection is made before MLflow makes any, in a thread that
may stay behind.
"""

import http.client
import ssl
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

from embprof.errors import StoreUnreachableError
from embprof.machine.time_limit import StillRunningError, within
from embprof.masking import masked_text

PATIENCE = 5.0
"""Seconds in which a server has to answer once."""
WEB = ("http://", "https://")
DATABASES = ("postgresql", "mysql", "mssql")
"""Schemes of servers that MLflow reads through SQLAlchemy. Source: ``mlflow.store.db.db_types``."""


def knock(uri: str) -> None:
    """Connects once; raises whatever that raises, and StoreUnreachableError after PATIENCE.

    An address of neither a database nor a web server is left to MLflow.
    """
    scheme = uri.partition(":")[0].partition("+")[0]
    if scheme == "sqlite":
        _connect(uri)  # a file that is locked for long is somebody's at work
    elif scheme in DATABASES or (uri.startswith(WEB) and not _is_behind_a_proxy(uri)):
        _in_time(uri)


def _in_time(uri: str) -> None:
    try:
        within(PATIENCE, lambda: _get(uri) if uri.startswith(WEB) else _connect(uri))
    except StillRunningError:
        raise StoreUnreachableError(
            f"MLflow at {masked_text(uri)} cannot be reached (no answer in {PATIENCE:g} s)"
        ) from None


def file_of(uri: str) -> Path | None:
    """The SQLite file that an address names; None where it is that of something else."""
    file = uri.removeprefix("sqlite:///")
    return Path(file) if file != uri else None


def _connect(uri: str) -> None:
    import sqlalchemy

    if (file := file_of(uri)) is not None:
        file.parent.mkdir(parents=True, exist_ok=True)  # as MLflow does
    engine = sqlalchemy.create_engine(uri)
    # SQLite opens a file when it first reads from it.
    question = "PRAGMA schema_version" if engine.dialect.name == "sqlite" else "SELECT 1"
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(question)
    finally:
        engine.dispose()


def _get(uri: str) -> None:
    """Any answer will do, also that of a server whose certificate MLflow is to judge."""
    split = urlsplit(uri)
    host = split.hostname or ""
    connection: http.client.HTTPConnection
    if split.scheme == "https":
        unverified = ssl._create_unverified_context()  # noqa: S323, SLF001
        connection = http.client.HTTPSConnection(
            host, split.port, timeout=PATIENCE, context=unverified
        )
    else:
        connection = http.client.HTTPConnection(host, split.port, timeout=PATIENCE)
    try:
        connection.request("GET", f"{split.path.rstrip('/')}/health")
        connection.getresponse()
    finally:
        connection.close()


def _is_behind_a_proxy(uri: str) -> bool:
    split = urlsplit(uri)
    proxied = urllib.request.getproxies()
    is_direct = urllib.request.proxy_bypass(split.hostname or "")
    return ("all" in proxied or split.scheme in proxied) and not is_direct
