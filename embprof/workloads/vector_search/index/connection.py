"""Connections to the server that holds the vectors, ready to be asked. Imports psycopg."""

from collections.abc import Mapping
from typing import Any

import psycopg
from pgvector.psycopg import register_vector
from psycopg import Connection, sql

from embprof.errors import ServiceError

EXTENSION = "vector"
EXTENSION_LOCK = 0x656D_6270_726F_66
"""Key of the advisory lock under which the extension is made: the letters ``embprof``."""


def connect(service: Mapping[str, Any], schema: str) -> Connection[Any]:
    """A connection in autocommit that finds the tables of ``schema`` and knows vectors.

    Raises ServiceError when the server does not answer, or has no pgvector.
    """
    try:
        connection: Connection[Any] = psycopg.connect(
            str(service["dsn"]), autocommit=True, application_name="embprof"
        )
    except psycopg.OperationalError as error:
        reason = " ".join(str(error).split())
        raise ServiceError(f"{service['name']} does not answer: {reason}") from None
    try:
        where = _extension(connection, service)
        path = sql.SQL("SET search_path = {}, {}, public")
        connection.execute(path.format(sql.Identifier(schema), sql.Identifier(where)))
        # Its settings are checked only once its library is there, which using it brings.
        connection.execute("SELECT '[1]'::vector")
        register_vector(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _extension(connection: Connection[Any], service: Mapping[str, Any]) -> str:
    """The schema that pgvector is in; makes it where it is not there yet."""
    found = _schema_of_extension(connection)
    if found is not None:
        return found
    try:
        connection.execute("SELECT pg_advisory_lock(%s)", [EXTENSION_LOCK])
        connection.execute(f"CREATE EXTENSION IF NOT EXISTS {EXTENSION} WITH SCHEMA public")
    except psycopg.errors.InsufficientPrivilege:
        problem = f"{service['name']}: this user may not make the extension {EXTENSION}"
        advice = f"let a superuser of this database run CREATE EXTENSION {EXTENSION}"
        raise ServiceError(f"{problem}; {advice}") from None
    except (psycopg.errors.FeatureNotSupported, psycopg.errors.UndefinedFile):
        problem = f"{service['name']}: pgvector is not installed there"
        advice = "install its package (postgresql-NN-pgvector), or take the embedded server"
        raise ServiceError(f"{problem}; {advice} (database.dsn=null)") from None
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", [EXTENSION_LOCK])
    return str(_schema_of_extension(connection))


def _schema_of_extension(connection: Connection[Any]) -> str | None:
    row = connection.execute(
        "SELECT nspname FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace "
        "WHERE extname = %s",
        [EXTENSION],
    ).fetchone()
    return None if row is None else str(row[0])
