"""The user's own server: nothing of a sweep is left on it, and what is wrong with it is told."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

if TYPE_CHECKING:
    from tests.integration.postgres.conftest import Ask, Eventually, Stage

pytestmark = pytest.mark.postgres


def schemas(ask: Ask, dsn: str, prefix: str) -> list[tuple[Any, ...]]:
    return ask(dsn, f"SELECT nspname FROM pg_namespace WHERE starts_with(nspname, '{prefix}')")


def test_schemas_of_the_sweep_and_no_others_are_dropped_from_an_own_server(
    stage: Stage, own: str, ask: Ask
) -> None:
    parent = stage.ready(own)
    facts = parent.facts
    assert parent.said == [f"using {facts['name']}"]
    ((data,),) = ask(own, "SHOW data_directory")
    assert Path(data, "postmaster.pid").read_text().splitlines()[0] == str(facts["pid"])
    assert re.fullmatch(r"embprof_[0-9a-f]{8}", facts["schema_prefix"])
    made = f"{facts['schema_prefix']}_made"
    ask(own, f"CREATE SCHEMA {made}; CREATE TABLE {made}.t (i int); CREATE SCHEMA embprof_users")
    assert parent.finish() == {"fds": 0, "children": 0}
    assert schemas(ask, own, "embprof") == [("embprof_users",)]
    ask(own, "DROP SCHEMA embprof_users")
    assert stage.folders == []


@pytest.mark.parametrize("who", ["sweep", "keeper", "both"])
def test_schemas_are_dropped_from_an_own_server_whoever_is_killed(
    stage: Stage, own: str, who: str, eventually: Eventually, ask: Ask
) -> None:
    parent = stage.ready(own)
    keeper, prefix = parent.keeper, parent.facts["schema_prefix"]
    ask(own, f"CREATE SCHEMA {prefix}_made; CREATE TABLE {prefix}_made.t (i int)")
    parent.kill(signal.SIGSTOP)
    if who != "sweep":
        keeper.kill()
    if who == "keeper":
        parent.kill(signal.SIGCONT)
        parent.finish()
    else:
        parent.kill()
    if who == "both":
        assert schemas(ask, own, prefix)
        stage.ready(own).finish()
    assert eventually(lambda: not schemas(ask, own, prefix))
    assert eventually(lambda: not stage.folders)


def test_a_schema_is_dropped_although_a_dead_worker_left_the_server_at_work_in_it(
    stage: Stage, own: str, ask: Ask
) -> None:
    parent = stage.ready(own)
    schema = f"{parent.facts['schema_prefix']}_made"
    ask(own, f"CREATE SCHEMA {schema}; CREATE TABLE {schema}.t (i int)")
    with psycopg.connect(own) as worker:
        worker.execute(f"LOCK TABLE {schema}.t".encode())
        assert parent.finish() == {"fds": 0, "children": 0}
        assert schemas(ask, own, schema) == []
        with contextlib.suppress(psycopg.OperationalError):
            worker.close()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("/postgres?", "/nothere?"), 'database "nothere" does not exist; .*createdb'),
        (("postgres@", "absent@"), 'role "absent" does not exist'),
        (("socket&", "elsewhere&"), "No such file or directory.*is the server running"),
        (("postgres@", "postgres:secret@"), "holds a secret .password.*PGPASSWORD"),
    ],
)
def test_an_own_server_that_cannot_be_used_is_told_with_what_to_do(
    stage: Stage, own: str, change: tuple[str, str], said: str
) -> None:
    parent = stage.start(own.replace(*change))
    error = parent.hear()["error"]
    assert error.startswith("database.dsn")
    assert re.search(said, error)
    assert "secret@" not in error
    assert parent.finish() == {"fds": 0, "children": 0}


def test_a_wrong_password_is_told_and_a_right_one_is_taken_from_the_environment(
    stage: Stage, own: str, eventually: Eventually, ask: Ask
) -> None:
    ((rules,),) = ask(own, "SHOW hba_file")
    file = Path(rules)
    file.write_text(f"local all bob scram-sha-256\n{file.read_text()}")
    ask(own, "CREATE ROLE bob LOGIN PASSWORD 'right'; SELECT pg_reload_conf()")
    dsn = own.replace("postgres@", "bob@")
    assert eventually(lambda: "no password supplied" in stage.start(dsn).hear()["error"])
    wrong = stage.start(dsn, PGPASSWORD="wrong").hear()["error"]
    assert re.search(r"password authentication failed .*PGPASSWORD", wrong)
    right = stage.ready(dsn, PGPASSWORD="right")
    assert not right.facts["may_create"]
    assert "right" not in json.dumps(right.facts)


@pytest.fixture
def pooled(own: str, place: Path) -> Iterator[Callable[[str], str]]:
    """The address of pgbouncer before a user's server, in that mode, by the mode."""
    if (program := shutil.which("pgbouncer")) is None:
        pytest.skip("pgbouncer is not installed (Debian has it)")
    started: list[subprocess.Popen[bytes]] = []

    def start(mode: str) -> str:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        server = conninfo_to_dict(own)
        file = place / "pgbouncer.ini"
        file.write_text(
            f"[databases]\n* = host={server['host']} port={server['port']} user=postgres\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
            f"auth_type = any\npool_mode = {mode}\n"
        )
        user = ["-u", "nobody"] if os.geteuid() == 0 else []
        started.append(
            subprocess.Popen([program, "-q", *user, file], stderr=subprocess.DEVNULL, cwd=place)
        )
        return f"postgresql://postgres@127.0.0.1:{port}/postgres"

    yield start
    for one in started:
        one.terminate()
        one.wait()


def test_a_pool_that_shares_connections_is_refused_and_one_that_does_not_is_used(
    stage: Stage, pooled: Callable[[str], str], eventually: Eventually, ask: Ask
) -> None:
    def answers(dsn: str) -> bool:
        with contextlib.suppress(psycopg.OperationalError):
            return bool(ask(dsn, "SELECT 1"))
        return False

    dsn = pooled("transaction")
    assert eventually(lambda: answers(dsn))
    assert re.search("a pool which shares connections", stage.start(dsn).hear()["error"])
    dsn = pooled("session")
    assert eventually(lambda: answers(dsn))
    assert stage.ready(dsn).finish() == {"fds": 0, "children": 0}


def test_a_server_that_never_answers_is_given_up(stage: Stage) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        dsn = f"host=127.0.0.1 port={silent.getsockname()[1]} connect_timeout=2"
        assert "is the server running" in stage.start(dsn).hear()["error"]
