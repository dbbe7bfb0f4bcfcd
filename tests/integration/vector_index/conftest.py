"""One embedded server for all tests of what is made in it."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from embprof.services.postgres import Postgres

Service = Mapping[str, Any]


@pytest.fixture(scope="session")
def service() -> Iterator[Service]:
    server = Postgres(dsn=None)
    try:
        yield server.start(print)
    finally:
        server.stop()
