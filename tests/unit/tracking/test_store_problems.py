"""What is told of a store that cannot be used."""

import sqlite3

import pytest

from embprof.errors import StoreUnreachableError
from embprof.tracking.store_problems import tracking_error


@pytest.mark.parametrize(
    ("uri", "error", "told"),
    [
        (
            "mysql+pymysql://ann:pw@h/db",
            ModuleNotFoundError("No module named 'pymysql'", name="pymysql"),
            "mysql+pymysql://ann:***@h/db: the package pymysql is missing: pip install pymysql",
        ),
        (
            "mysql://ann@h/db",
            ModuleNotFoundError("No module named 'MySQLdb'", name="MySQLdb"),
            "the package MySQLdb is missing: pip install mysqlclient",
        ),
        ("nonsense://x", ValueError("got unsupported URI 'nonsense://x'"), "no store for nonsense"),
        ("databricks", ValueError("no credentials"), "set DATABRICKS_HOST and DATABRICKS_TOKEN"),
        (
            "sqlite:////x/y.db",
            sqlite3.OperationalError("unable to open database file"),
            "unable to open database file; correct MLFLOW_TRACKING_URI",
        ),
        (
            "sqlite:////x/y.db",
            ValueError("Can't locate revision identified by 'ffffffffffff'"),
            "written by a newer MLflow than the one installed here: pip install -U mlflow",
        ),
        ("http://h", ValueError("first\nsecond"), "MLflow at http://h: first"),
        ("http://h", ValueError(), "MLflow at http://h: ValueError"),
    ],
)
def test_a_line_says_what_is_missing_and_how_to_get_it(
    uri: str, error: Exception, told: str
) -> None:
    found = str(tracking_error(uri, error))
    assert told in found
    assert "\n" not in found


def test_nobody_there_is_an_error_of_its_own() -> None:
    error = tracking_error("http://h:1", OSError("[Errno 111] Connection refused"))
    assert isinstance(error, StoreUnreachableError)
    assert str(error) == "MLflow at http://h:1 cannot be reached (Connection refused)"
