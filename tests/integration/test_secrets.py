"""Secrets reach what needs them, and nothing that is printed, stored or logged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.conftest import Desk, Done, MakeDesk

SECRETS = {
    name: f"geheim-{name}-7261"
    for name in (
        *("tracking", "query", "typed", "in-file", "in-mapping", "variable", "in-url", "env-set"),
        *("in-question", "header", "database-url"),
    )
}
CLIENT = """
import os
from dataclasses import dataclass, field
from embprof.testing import Sleep

@dataclass(kw_only=True)
class Client(Sleep):
    password: str
    server: str
    options: dict
    in_file: dict
    at: str
    batch_size: int

    def load(self):
        assert self.password == SECRETS["typed"], "the worker gets what was typed"
        assert self.options["api_key"] == SECRETS["in-mapping"]
        assert os.environ["SET_TOKEN"] == SECRETS["env-set"]
        print("logging in with", self.password, "at", self.server, self.options, self.in_file)
        print("headers: {'Authorization': 'Bearer " + SECRETS["header"] + "'}", flush=True)
        os.write(2, f"variable {os.environ['MY_API_KEY']} {os.environ['DATABASE_URL']}".encode())
        if self.batch_size == 2:
            raise ValueError(f"cannot log in at {self.server} with {self.password}")

    def description(self):
        return {"server": self.server, "key": os.environ["MY_API_KEY"]}
"""
URI = f"http://ann:{SECRETS['tracking']}@127.0.0.1:9/store?token={SECRETS['query']}"
TYPED = (
    f"++workload.password={SECRETS['typed']}",
    f"++workload.options={{user:ann,api_key:{SECRETS['in-mapping']}}}",
    f"++workload.server='postgresql://ann:{SECRETS['in-url']}@db.example:5433/claims'",
    f"+hydra.job.env_set.SET_TOKEN={SECRETS['env-set']}",
)
WORDS = (
    *("-m", "workload=client", "batch_size=1,2", "iterations=5", "slice_seconds=0.05"),
    *("warmup.iterations=0", "warmup.seconds=0"),
    f"question='Is password={SECRETS['in-question']} kept?'",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """All that was printed by the commands of a folder."""

    desk: Desk
    sweep: Done
    synced: Done
    others: list[Done]

    @property
    def folder(self) -> Path:
        return self.desk.sweep(self.sweep.sweep_id)


@pytest.fixture(scope="module")
def told(make_desk: MakeDesk) -> Told:
    desk = make_desk("secrets")
    desk.environment |= {
        "MLFLOW_TRACKING_URI": URI,
        "MY_API_KEY": SECRETS["variable"],
        "DATABASE_URL": f"postgresql://ann:{SECRETS['database-url']}@db.example/claims",
    }
    (desk.path / "client.py").write_text(f"SECRETS = {SECRETS!r}\n{CLIENT}")
    desk.option(
        "workload",
        "client",
        target="client.Client",
        seconds=0.001,
        password=None,
        server="none",
        options={},
        in_file={"token": SECRETS["in-file"]},
        at="${oc.env:MY_API_KEY}",
        batch_size="${batch_size}",
    )
    sweep = desk.run(*WORDS, *TYPED)
    others = [
        *(desk.run("ui"), desk.run("sync"), desk.run("list"), desk.run("plan", *WORDS, *TYPED)),
        desk.run("--cfg", "job", WORDS[1], *TYPED),
        desk.run("--cfg", WORDS[1], *TYPED),
        desk.run("workload=sql", f"database.dsn=postgresql://ann:{SECRETS['typed']}@h/db"),
        desk.run("workload=http", f"workload.url=http://ann:{SECRETS['in-url']}@h/?key=geheim-x"),
        desk.run("report", "tags.`embprof.kind` = 'job'"),
        desk.run("baseline", "set", "last"),
        desk.run("resume=last"),
    ]
    del desk.environment["MLFLOW_TRACKING_URI"]  # the store below the folder
    synced = desk.run("sync")
    others += [desk.run("show", "last"), desk.run("report", "last"), synced]
    others += [desk.run("resume=last", *TYPED), desk.run("baseline", "set", "last", "--replace")]
    return Told(desk=desk, sweep=sweep, synced=synced, others=others)


def test_a_workload_gets_its_secrets_and_is_measured(told: Told) -> None:
    assert told.sweep.code == 1, "batch_size=2 fails on purpose"
    first, second = (told.desk.answer(told.sweep.sweep_id, job) for job in (0, 1))
    assert first["status"] == "ok", first["reason"]
    assert second["reason"] == (
        "ValueError: cannot log in at postgresql://ann:***@db.example:5433/claims with *** "
        "(while loading)"
    )
    assert first["config"]["workload"]["password"] == "***"
    assert first["description"]["server"] == "postgresql://ann:***@db.example:5433/claims"


def test_no_secret_is_printed(told: Told) -> None:
    for done in (told.sweep, *told.others):
        for name, secret in SECRETS.items():
            assert secret not in done.out + done.err, name
        assert "geheim-x" not in done.text
        assert "Traceback" not in done.text
    assert "MLflow at http://ann:***@127.0.0.1:9/store?token=***" in told.sweep.text


def test_no_secret_is_stored_or_logged(told: Told) -> None:
    assert told.synced.code == 0, told.synced.text
    mine = {told.desk.path / "client.py", told.desk.path / "conf" / "workload" / "client.yaml"}
    files = [file for file in told.desk.path.rglob("*") if file.is_file() and file not in mine]
    assert {"sweep.json", "worker.log", "mlflow.db", "hydra.yaml", "report.html"} <= {
        file.name for file in files
    }
    for file in files:
        if "__pycache__" in file.parts:
            continue
        content = file.read_bytes()
        for name, secret in SECRETS.items():
            assert secret.encode() not in content, f"{name} in {file}"
    log = (told.folder / "0" / "worker.log").read_text()
    assert "logging in with *** at postgresql://ann:***@db.example:5433/claims" in log


def test_a_sweep_with_secrets_is_taken_up_with_them_given_again(told: Told) -> None:
    refused = next(done for done in told.others if "stored nowhere" in done.err)
    assert refused.code == 2
    assert (
        "give again: ++workload.password, ++workload.options, ++workload.server, " in refused.text
    )
    assert (told.folder / "resumed-1").is_dir()
