"""Whether a tracking store answers, found out in seconds, and why not in a line.

MLflow itself tries a database that is down, or refuses the password, eleven times in 102 s, and has
no limit for one that is silent. So one connection is made before MLflow makes any, in a thread that
may stay behind.
"""

import http.client
import ssl
import threading
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

from embprof.errors import StoreUnreachableError
from embprof.masking import masked_text

PATIENCE = 5.0
"""Seconds in which a server has to answer once."""
WEB = ("http://", "https://")
DATABASES = ("postgresql", "mysql", "mssql", "sqlite")
"""Schemes that MLflow reads through SQLAlchemy. Source: ``mlflow.store.db.db_types``."""


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
    problems: list[BaseException] = []

    def attempt() -> None:
        try:
            if uri.startswith(WEB):
                _get(uri)
            else:
                _connect(uri)
        except Exception as error:  # noqa: BLE001  (raised below, in the thread that waits)
            problems.append(error)

    # A daemon: it may wait for a silent server for minutes, and nothing waits for it.
    thread = threading.Thread(target=attempt, name="embprof-knock", daemon=True)
    thread.start()
    thread.join(PATIENCE)
    if problems:
        raise problems[0]
    if thread.is_alive():
        raise StoreUnreachableError(
            f"MLflow at {masked_text(uri)} cannot be reached (no answer in {PATIENCE:g} s)"
        )


def _connect(uri: str) -> None:
    import sqlalchemy

    if (file := uri.removeprefix("sqlite:///")) != uri:
        Path(file).parent.mkdir(parents=True, exist_ok=True)  # as MLflow does
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
