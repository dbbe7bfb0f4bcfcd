"""A real server asked over HTTP, in closed and open loops: failures, stalls, keys, the knee.

Nothing here judges how fast anything is: what is asserted are counts, words and lower bounds.
"""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from embprof.measurements.load.knee import WORDS

if TYPE_CHECKING:
    from tests.integration.conftest import MakeDesk, Measured

SERVER = Path(__file__).with_name("embedding_server.py")
SMALL = (
    "warmup.iterations=1",
    "warmup.seconds=0",
    "warmup.max_seconds=0.1",
    "slice_seconds=0.1",
)
SECRET = "sk-never-to-be-stored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A server that runs."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def words(self) -> tuple[str, ...]:
        return ("workload=http", f"workload.url={self.url}", "batch_size=4")

    def behave(self, **how: float) -> None:
        request = urllib.request.Request(
            f"{self.url}/behave", data=json.dumps(how).encode(), method="POST"
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.status == 200

    def seen(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/seen", timeout=30) as answer:
            content: dict[str, Any] = json.load(answer)
            return content


def _serving(*words: str) -> Iterator[Served]:
    command = [sys.executable, str(SERVER), *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Served(port=int(process.stdout.readline()))
        finally:
            process.kill()


@pytest.fixture(scope="module")
def quick() -> Iterator[Served]:
    """Made-up embeddings, 5 ms a request, one request at a time."""
    yield from _serving("seconds", "0.005")


@pytest.fixture
def healthy(quick: Served) -> Served:
    quick.behave()
    return quick


@pytest.fixture(scope="module")
def asked(make_desk: MakeDesk, quick: Served) -> tuple[Measured, dict[str, Any]]:
    """Both protocols, with a key; and what the server saw of them."""
    quick.behave()
    sweep = make_desk("http-asked").measure(
        "-m",
        *quick.words,
        "workload.protocol=openai,tei",
        "workload.api_key_env=EMBEDDING_KEY",
        "iterations=20",
        *SMALL,
        EMBEDDING_KEY=SECRET,
    )
    return sweep, quick.seen()


@pytest.fixture(scope="module")
def failing(make_desk: MakeDesk, quick: Served) -> Measured:
    """Every third answer is a 503, to one caller and to four."""
    quick.behave(status=503, every=3)
    try:
        return make_desk("http-failing").measure(
            "-m",
            *quick.words,
            "measurement=closed_loop",
            "measurement.concurrency=1,4",
            "measurement.latency_target_ms=60000",
            "iterations=30",
            *SMALL,
            report=True,
        )
    finally:
        quick.behave()


def figures(answer: dict[str, Any]) -> dict[str, float]:
    return {f["name"]: f["estimate"]["value"] for f in answer["figures"] if f["estimate"]}


Asked = tuple["Measured", dict[str, Any]]


def test_both_protocols_are_asked_and_say_what_they_are(asked: Asked) -> None:
    sweep, _ = asked
    assert sweep.done.code == 0, sweep.done.text
    for job, (protocol, path) in enumerate((("openai", "/v1/embeddings"), ("tei", "/embed"))):
        answer = sweep.answer(job)
        said = answer["description"]
        assert said["protocol"] == protocol
        assert said["url"].endswith(path)
        assert said["server"] == "uvicorn"
        assert said["dimensions"] == 8
        assert said["server_is_local"] is True
        assert figures(answer)["throughput_texts_per_s"] > 0
        assert sweep.readings(job).items() == [4] * 20


def test_a_local_servers_work_is_not_taken_for_somebody_elses(asked: Asked) -> None:
    sweep, _ = asked
    pieces = sweep.desk.slices(sweep.sweep_id, 0)
    assert sum(piece["cpu_seconds"] for piece in pieces) > sweep.readings(0).total("cpu_time")


def test_the_key_is_sent_and_stored_nowhere(asked: Asked) -> None:
    sweep, seen = asked
    assert seen["key"] == f"Bearer {SECRET}"
    for file in sweep.desk.mlruns.rglob("*"):
        if file.is_file():
            assert SECRET.encode() not in file.read_bytes(), file
    for run in sweep.children:
        assert SECRET not in json.dumps([run.data.params, run.data.tags])
        assert run.data.params["workload.api_key_env"] == "EMBEDDING_KEY"


def test_calls_that_fail_are_counted_and_the_others_too(failing: Measured) -> None:
    assert failing.done.code == 0, failing.done.text
    for job, callers in enumerate((1, 4)):
        answer = failing.answer(job)
        found = figures(answer)
        assert 30 * callers <= found["calls"] <= 40 * callers
        assert 5 * callers <= found["errors"] <= 15 * callers, "a third, wherever slices begin"
        assert found["timeouts"] == 0
        assert found["good_percent"] == pytest.approx(100 - found["error_percent"])
        assert found["throughput_texts_per_s"] > 0
        assert "HTTP 503" in answer["description"]["first_failure"]
        assert "on purpose" in answer["description"]["first_failure"]


def test_the_table_and_the_report_tell_of_them(failing: Measured) -> None:
    for heading in ("concurrency", "good %", "failed %"):
        assert heading in failing.done.text
    page = failing.desk.sweep(failing.sweep_id) / "report" / "PROFILING_REPORT.md"
    text = page.read_text()
    assert "Calls failed in 2 runs" in text
    assert "HTTP 503" in text


def test_a_stall_is_seen_by_all_who_came_meanwhile(make_desk: MakeDesk, healthy: Served) -> None:
    desk = make_desk("http-stall")
    started = desk.start(
        *healthy.words,
        "measurement=open_loop",
        "measurement.rate=50",
        "measurement.duration=4s",
        "report=false",
        *SMALL,
    )
    started.wait_for(lambda: desk.has_measured(0), "slices are measured")
    healthy.behave(stall=1.0)
    done = started.finish()
    assert done.code == 0, done.text
    readings = [value for piece in desk.slices(done.sweep_id, 0) for value in _responses(piece)]
    assert max(readings) >= 0.9
    assert sum(value >= 0.5 for value in readings) >= 10, "50 a second were due all the while"
    answer = desk.answer(done.sweep_id, 0)
    assert answer["outcomes"].keys() == {"load", "generator"}
    assert figures(answer)["offered_calls_per_s"] > 10


def _responses(piece: dict[str, Any]) -> list[float]:
    found = next(s for s in piece["samples"] if s["name"] == "response_time")
    values: list[float] = found["values"]
    return values


def test_a_request_that_takes_too_long_is_a_timeout_and_the_next_is_made(
    make_desk: MakeDesk, healthy: Served
) -> None:
    healthy.behave(hold=5.0, every=2)
    try:
        sweep = make_desk("http-timeouts").measure(
            *healthy.words,
            "workload.timeout=1",
            "measurement=closed_loop",
            "measurement.concurrency=2",
            "iterations=3",
            *SMALL,
        )
    finally:
        healthy.behave()
    assert sweep.done.code == 0, sweep.done.text
    assert figures(sweep.answer(0))["timeouts"] >= 1
    assert "no answer within timeout=1 s" in sweep.answer(0)["description"]["first_failure"]


def test_a_search_leaves_every_rate_that_it_tried(make_desk: MakeDesk, healthy: Served) -> None:
    sweep = make_desk("http-capacity").measure(
        *healthy.words,
        "measurement=capacity",
        "measurement.latency_target_ms=1000",
        "measurement.goodput_percent=50",
        "measurement.probe_seconds=0.3",
        "measurement.resolution=1",
    )
    assert sweep.done.code == 0, sweep.done.text
    answer = sweep.answer(0)
    assert answer["stop"] == "iterations"
    assert answer["outcomes"]["capacity"] in ("found", "bracket", "at_least", "pool", "unreachable")
    document = json.loads((sweep.desk.sweep(sweep.sweep_id) / "0" / "capacity.json").read_text())
    (search,) = document["searches"]
    assert len(search["probes"]) == figures(answer)["probes"] >= 1
    assert {probe["word"] for probe in search["probes"]} <= set(WORDS)


def test_nobody_there_and_a_wrong_answer_fail_their_jobs_at_once_and_say_so(
    make_desk: MakeDesk, healthy: Served
) -> None:
    healthy.behave(rows=2)
    try:
        sweep = make_desk("http-wrong").measure(
            "-m",
            *("workload=http", f"workload.url=http://127.0.0.1:9,{healthy.url}", "batch_size=4"),
            "iterations=2",
            *SMALL,
        )
    finally:
        healthy.behave()
    assert sweep.done.code == 1
    gone, wrong = (sweep.answer(job)["reason"] for job in range(2))
    assert "http://127.0.0.1:9/v1/embeddings: cannot be reached" in gone
    assert "is the server running" in gone
    assert "the answer has 6 embeddings for 4 texts" in wrong
    assert "while loading" in wrong


def test_the_packaged_model_is_served_and_asked(make_desk: MakeDesk) -> None:
    for served in _serving("model"):
        sweep = make_desk("http-model").measure(
            *served.words,
            "corpus=claims",
            "workload.encoding=base64",
            "measurement=profile",
            "iterations=6",
            *SMALL,
        )
        assert sweep.done.code == 0, sweep.done.text
        answer = sweep.answer(0)
        assert answer["description"]["dimensions"] == 384
        found = figures(answer)
        stages = [name for name in found if name.startswith("stage_") and name.endswith("_ms")]
        assert {"stage_send_ms", "stage_wait_ms", "stage_receive_ms"} <= set(stages)


def test_nonsense_is_refused_before_any_job(make_desk: MakeDesk) -> None:
    done = make_desk("http-nonsense").run(
        "workload=http",
        "workload.url=somewhere",
        "workload.api_key_env=NO_SUCH_VARIABLE",
        "corpus.unit=tokens",
        "measurement=closed_loop",
        "measurement.concurrency=0",
    )
    assert done.code == 2
    for said in (
        "workload.url=somewhere: must be http://host:port",
        "NO_SUCH_VARIABLE: there is no such environment variable",
        "corpus.unit=tokens",
        "measurement.concurrency=0: must be at least 1",
    ):
        assert said in done.text
