"""What is wrong with a tracking store, in a line that says what to do."""

import re
from pathlib import Path
from textwrap import shorten
from urllib.parse import urlsplit

from embprof.errors import StoreUnreachableError, TrackingError
from embprof.masking import masked_text

UNREACHABLE = re.compile(
    "Connection refused|timed out|Name or service not known|Temporary failure in name resolution|"
    "Network is unreachable|No route to host|Connection reset by peer"
)
REASON_LENGTH = 1000
"""Characters of a reason: MLflow's own advice is told whole, a dump of a query is not."""
FORMS = "sqlite:///FILE, http://HOST:PORT, postgresql://USER@HOST/DATABASE"
PACKAGES = {"MySQLdb": "mysqlclient", "psycopg2": "psycopg2-binary"}
"""Packages on PyPI of modules that are called otherwise."""
UNKNOWN = re.compile(r"unsupported URI|Can't load plugin: sqlalchemy\.dialects|Could not parse")
UNUSABLE = re.compile("unable to open|not a database|readonly database")
SCHEMA = re.compile(r"found version (\w+)|Can't locate revision identified by '(\w+)'")


def tracking_error(uri: str, error: Exception) -> TrackingError:
    """What any failure of MLflow, a driver or a server means for who logs to ``uri``."""
    at = f"MLflow at {masked_text(uri)}"
    text = str(error)
    unreachable = UNREACHABLE.search(text)
    if unreachable is not None:
        return StoreUnreachableError(f"{at} cannot be reached ({unreachable[0]})")
    reason = masked_text(_reason(uri, error))
    return TrackingError(f"{at}: {shorten(reason, REASON_LENGTH, placeholder=' …')}")


def _reason(uri: str, error: Exception) -> str:
    text = str(error).strip()
    scheme = urlsplit(uri).scheme if "://" in uri else uri
    if isinstance(error, ModuleNotFoundError) and error.name:
        name = error.name.partition(".")[0]
        return f"the package {name} is missing: pip install {PACKAGES.get(name, name)}"
    if UNKNOWN.search(text):
        return (
            f"no store for {scheme} is installed: correct MLFLOW_TRACKING_URI ({FORMS}), or "
            "install the driver or plug-in that it needs"
        )
    if uri.startswith("databricks"):
        return f"set DATABRICKS_HOST and DATABRICKS_TOKEN, or a profile ({_first_line(error)})"
    schema = SCHEMA.search(text)
    if schema is not None and not _is_known(schema[1] or schema[2]):
        return "written by a newer MLflow than the one installed here: pip install -U mlflow"
    if uri.startswith("sqlite") and (isinstance(error, OSError) or UNUSABLE.search(text)):
        return f"{_first_line(error)}; correct MLFLOW_TRACKING_URI, or make the file writable"
    return _first_line(error)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _is_known(revision: str) -> bool:
    """Whether the installed MLflow has a migration to that revision of its schema."""
    import mlflow

    folder = Path(mlflow.__file__).parent / "store" / "db_migrations" / "versions"
    return any(folder.glob(f"{revision}*.py"))
