"""``workload=callable``: functions and classes of the user's own, with every measurement."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import Desk, Done, MakeDesk, Measured

SERVICE = """
import asyncio
import os

calls = 0


def answer(limit):
    total = 0
    for number in range(limit):
        total += number
    return total


async def fetch(seconds=0.01):
    await asyncio.sleep(seconds)


class Index:
    def __init__(self, size):
        self.size = size

    def setup(self):
        self.known = {f"text {number}" for number in range(self.size)}
        print("set up in", os.getpid())

    def step(self, queries):
        assert all(query["text"] for query in queries)
        return [query["text"] in self.known for query in queries]

    def teardown(self):
        print("torn down in", os.getpid())


def fails():
    raise LookupError("no luck today")
"""
SLOWER = SERVICE.replace("range(limit)", "range(3 * limit)")
SMALL = ("slice_seconds=0.05", "warmup.iterations=1", "warmup.seconds=0")
CALLABLE = "workload=callable"
INCONCLUSIVE = 4
LIMITS = (15, 60, 300)
"""Seconds of a gate, more where the first were not enough."""


def function(name: str) -> str:
    return f"workload.function=service:{name}"


@pytest.fixture(scope="module")
def desk(make_desk: MakeDesk) -> Desk:
    made = make_desk("callable")
    (made.path / "service.py").write_text(SERVICE)
    (made.path / "broken.py").write_text("import nowhere_to_be_found\ndef answer(): ...\n")
    lines = [json.dumps({"text": f"text {number}"}) for number in range(20)]
    (made.path / "queries.jsonl").write_text("\n".join(lines))
    return made


@pytest.fixture(scope="module")
def swept(desk: Desk) -> Measured:
    words = ("-m", CALLABLE, function("answer"), "+workload.arguments.limit=100,10000")
    return desk.measure(*words, "iterations=120", *SMALL)


@pytest.fixture(scope="module")
def indexed(desk: Desk) -> Measured:
    words = (CALLABLE, function("Index"), "workload.arguments={size: 10}", "workload.items=queries")
    items = ("workload.batch=${batch_size}", "workload.inputs.path=queries.jsonl", "batch_size=5")
    return desk.measure(*words, *items, "iterations=40", *SMALL)


@pytest.fixture(scope="module")
def observed(desk: Desk) -> Measured:
    """Under every other measurement."""
    words = ("-m", CALLABLE, function("answer"), "workload.arguments={limit: 20000}")
    how = "measurement=memory,load_time,profile,leak"
    return desk.measure(*words, how, "iterations=4", "restarts=2", *SMALL, report=True)


@pytest.fixture(scope="module")
def ended(desk: Desk) -> Measured:
    """One that works and three that do not."""
    functions = "service:fetch,service:fails,broken:answer,service:calls"
    words = ("-m", CALLABLE, f"workload.function={functions}", "iterations=20")
    return desk.measure(*words, *SMALL)


def test_a_function_is_swept_over_its_arguments(swept: Measured) -> None:
    assert swept.done.code == 0, swept.done.text
    assert [run.data.params["workload.arguments.limit"] for run in swept.children] == [
        "100",
        "10000",
    ]
    few, many = (run.data.metrics["throughput_calls_per_s"] for run in swept.children)
    assert few > 10 * many
    assert "limit" in swept.done.out
    assert swept.answer(0)["description"]["items"] == "calls"
    assert len(swept.readings(0).values("call_time")) == 120


def test_a_class_gets_items_of_its_own_and_is_set_up_and_torn_down_once(indexed: Measured) -> None:
    assert indexed.done.code == 0, indexed.done.text
    assert set(indexed.readings(0).items()) == {5}
    assert indexed.children[0].data.metrics["throughput_queries_per_s"] > 0
    log = (indexed.desk.sweep(indexed.sweep_id) / "0" / "worker.log").read_text()
    assert log.count("set up in") == log.count("torn down in") == 1


def test_the_users_code_that_ran_is_on_record(swept: Measured, indexed: Measured) -> None:
    codes = {one.answer(0)["description"]["code_sha256"] for one in (swept, indexed)}
    assert len(codes) == 1
    assert None not in codes


def test_every_measurement_takes_it(observed: Measured) -> None:
    assert observed.done.code == 0, observed.done.text
    memory, start, profile, leak = (run.data.metrics for run in observed.children)
    assert memory["peak_rss_mb"] > 0
    assert start["import_time_s"] > 0
    assert profile["throughput_calls_per_s"] > 0
    assert observed.answer(1)["description"]["imports"] == "service"
    assert observed.answer(3)["outcomes"]["leak"] in ("no_leak", "growth_unproven")
    assert leak["in_use_mb"] > 0
    found = json.loads(
        (observed.desk.sweep(observed.sweep_id) / "2" / "worth_optimising.json").read_text()
    )
    assert found["functions"][0]["function"] == "answer"
    assert found["functions"][0]["file"] == "service.py"


def test_the_report_is_about_the_function(observed: Measured) -> None:
    folder = observed.desk.sweep(observed.sweep_id) / "report"
    report = (folder / "PROFILING_REPORT.md").read_text()
    assert "service:answer on cpu" in report
    assert "answer (service.py:" in report
    assert "(answer(limit=20000))" in report
    for word in ("MiniLM", "batch 32", "length of texts"):
        assert word not in report


def test_an_async_function_is_awaited(ended: Measured) -> None:
    assert ended.answer(0)["status"] == "ok"
    assert min(ended.readings(0).values("call_time")) >= 0.01


def test_what_the_function_raises_is_the_jobs_failure_with_its_traceback(ended: Measured) -> None:
    assert ended.done.code == 1
    reasons = [ended.answer(job)["reason"] for job in range(1, 4)]
    assert reasons[0].startswith("LookupError: no luck today")
    assert reasons[1].startswith(
        "ImportError: broken:answer cannot be imported (broken.py, line 1): ModuleNotFoundError: "
    )
    assert reasons[2].startswith("TypeError: service:calls: cannot be called, it is an int")
    log = (ended.desk.sweep(ended.sweep_id) / "1" / "worker.log").read_text()
    assert "Traceback" in log
    assert 'raise LookupError("no luck today")' in log
    assert "Traceback" not in ended.done.text


def test_what_can_be_told_is_told_before_the_first_job_and_nothing_is_imported(desk: Desk) -> None:
    (desk.path / "touchy.py").write_text("open('imported', 'w')\ndef answer(limit): ...\n")
    done = desk.run(CALLABLE, "workload.function=touchy:anser")
    assert done.code == 2
    assert "touchy has no anser, did you mean touchy:answer?" in done.text
    done = desk.run(CALLABLE, "workload.function=touchy:answer", "workload.arguments={limt: 1}")
    assert done.code == 2
    assert "answer() takes no limt, did you mean limit?" in done.text
    assert not (desk.path / "imported").exists()


def test_memory_that_passes_a_limit_is_an_alert_and_a_job_without_enough_is_no_end(
    desk: Desk,
) -> None:
    sizes = "workload.arguments.megabytes=130,300"
    measured = desk.measure("experiment=memory_pressure", sizes, "iterations=2", *SMALL)
    assert measured.done.code == 1
    assert [measured.answer(job)["status"] for job in range(2)] == ["ok", "out_of_memory"]
    (alert,) = measured.answer(0)["alerts"]
    assert alert.startswith("peak_rss_mb")


def test_a_commit_that_made_the_function_slower_is_found(make_desk: MakeDesk) -> None:
    if shutil.which("git") is None:
        pytest.skip("needs git")
    desk = make_desk("callable-refs")
    (desk.path / ".gitignore").write_text("mlruns\n__pycache__\n")
    for name, source in (("fast", SERVICE), ("slow", SLOWER)):
        (desk.path / "service.py").write_text(source)
        commit(desk.path, name)
    words = ("gate", CALLABLE, function("answer"), "workload.arguments={limit: 20000}")
    short = ("against.pairs=8", *SMALL, "report=false")
    for seconds in LIMITS:
        refs = ("--a-ref", "fast", "--b-ref", "slow", "--seconds", str(seconds))
        gated: Done = desk.run(*words, *refs, *short)
        if gated.code != INCONCLUSIVE:
            break
    assert gated.code == 3, gated.text
    assert "slower" in gated.row(1)

    same = desk.run(*words, "--a-ref", "slow", "--a-a", "--seconds", "2", *short)
    assert same.code == INCONCLUSIVE
    assert "both arms imported the same code" in same.text


def commit(folder: Path, tag: str) -> None:
    me = ("-c", "user.name=Test", "-c", "user.email=test@example.invalid")
    for words in (("init", "-q"), ("add", "."), (*me, "commit", "-qm", tag), ("tag", tag)):
        subprocess.run(["git", *words], cwd=folder, check=True)
