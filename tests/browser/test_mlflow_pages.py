"""What a person sees of a store in MLflow's own pages, in a real browser without a network.

Screenshots are kept below pytest's temporary folder, and in ``$EMBPROF_SCREENSHOTS`` if that is
set: somebody has to look at them now and then.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
import yaml

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

pytestmark = pytest.mark.browser
PATIENCE = 600.0
"""Seconds after which a command or a page counts as hanging, on the busiest of machines."""
SIZE = {"width": 1600, "height": 1000}
LEFT_OUT = ("MLFLOW_", "OMP_", "HYDRA_", "EMBPROF_", "GIT_")
NOT_OURS = (
    # Asked for by every page, there only where MLflow has users who sign in.
    r"404 .*/ajax-api/2\.0/mlflow/users/current",
    # A notice of the browser, not an error: a chart changed size once more while it was drawn.
    r"ResizeObserver loop completed with undelivered notifications",
)
"""What MLflow's own pages complain of with runs of anybody."""
VIEW = "/#/experiments/{experiment}/runs?viewStateShareKey=embprof-{view}&compareRunsMode=CHART"
RUN = "/#/experiments/{experiment}/runs/{run}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What was measured, by what it is looked at for, and where it is served."""

    address: str
    experiment: str
    sweeps: Mapping[str, Path]

    def parent(self, what: str) -> str:
        """MLflow's id of a sweep."""
        return str(json.loads((self.sweeps[what] / "sweep.json").read_text())["tracking"]["run_id"])

    def job(self, what: str, number: int = 0) -> str:
        """MLflow's id of a job."""
        logged = json.loads((self.sweeps[what] / str(number) / "mlflow.json").read_text())
        return str(logged["run_id"])


@dataclass(kw_only=True)
class Window:
    """A page of the browser, and what it complained of."""

    page: Page
    stored: Stored
    screenshots: Path
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str, shows: str, **names: str) -> None:
        """Goes to a page of this store, until it shows that text."""
        address = path.format(experiment=self.stored.experiment, **names)
        self.page.goto(f"{self.stored.address}{address}")
        self.wait_for(shows)

    def wait_for(self, text: str) -> None:
        self.page.get_by_text(text).first.wait_for()

    def text(self) -> str:
        return self.page.locator("body").inner_text()

    def framed(self, holds: str) -> str:
        """The text of the artifact in its frame, once it holds what it should."""
        frame = self.page.frame_locator("iframe")
        frame.get_by_text(re.compile(holds)).first.wait_for()
        return frame.locator("body").inner_text()

    def keep(self, name: str) -> None:
        """Takes a picture, without MLflow's assistant, which covers a part of every page."""
        close = self.page.get_by_role("button", name="Close").or_(
            self.page.locator('[aria-label="Close assistant"]')
        )
        if self.page.get_by_text("MLflow Assistant").count() and close.count():
            close.last.click()
        self.page.screenshot(path=self.screenshots / f"{name}.png")

    def said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complain(f"{message.text} ({message.location.get('url', '')})")

    def complain(self, complaint: str) -> None:
        if not any(re.search(known, complaint) for known in NOT_OURS):
            self.complaints.append(complaint)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    mine = {name: text for name, text in os.environ.items() if not name.startswith(LEFT_OUT)}
    return {
        **mine,
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "HF_HUB_OFFLINE": "1",
        "CUDA_VISIBLE_DEVICES": "",
        "EMBPROF_LOCK_DIR": str(tmp_path_factory.mktemp("locks")),
    }


@pytest.fixture(scope="module")
def stored(
    chromium: str, tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]
) -> Iterator[Stored]:
    """A real store, served as ``embprof ui`` serves it.

    A sweep of the real model that became the baseline, a job that was compared with it, memory over
    some seconds, and a profile; the last three side by side, since their figures do not matter.
    """
    assert chromium, "nothing is measured where nobody can look"
    desk = tmp_path_factory.mktemp("desk")
    for name, node in WORKLOADS.items():
        file = desk / "conf" / "workload" / f"{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump(node))
    # One thread does not spin while it waits, so a busy machine is not busier for it.
    same = ("iterations=20", "text_length=40", "threads=1", "warmup.max_seconds=3")
    running: list[subprocess.Popen[str]] = []

    def start(*words: str, **variables: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "embprof", *words],
            cwd=desk,
            env={**environment, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        running.append(process)
        return process

    def ended(process: subprocess.Popen[str]) -> str:
        said, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, said
        return said

    asked = {
        "again": ("-m", "batch_size=8", "device=cpu", *same),
        "memory": ("workload=nap", "measurement=memory", "+measurement.duration=5s"),
        "profile": ("workload=divides", "measurement=profile", "iterations=20"),
    }
    port = _free_port()
    try:
        words = ("-m", "batch_size=8,16", "device=cpu,cuda", *same)
        found = {"sweep": _sweep(desk, ended(start(*words)))}
        ended(start("baseline", "set", "last"))
        server = start("ui", "--port", str(port))
        started = {
            what: start(*words, EMBPROF_LOCK_DIR=str(tmp_path_factory.mktemp(what)))
            for what, words in asked.items()
        }
        found |= {what: _sweep(desk, ended(process)) for what, process in started.items()}
        address = f"http://127.0.0.1:{port}"
        yield Stored(address=address, experiment=_experiment(address, server), sweeps=found)
    finally:
        for process in running:
            _end(process)


WORKLOADS: Mapping[str, Mapping[str, Any]] = {
    "nap": {"_target_": "embprof.testing.Sleep", "seconds": 0.01, "batch_size": "${batch_size}"},
    "divides": {"_target_": "embprof.testing.Divides", "units": 300_000},
}


@pytest.fixture(scope="module")
def browser(chromium: str, stored: Stored) -> Iterator[Browser]:
    assert stored, "measured first: a browser that waits would take its share of the machine"
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
        )
        yield started
        started.close()


@pytest.fixture(scope="module")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    wanted = os.environ.get("EMBPROF_SCREENSHOTS")
    folder = Path(wanted) if wanted else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def window(browser: Browser, stored: Stored, screenshots: Path) -> Iterator[Window]:
    """A browser of somebody who was never here before; it must not have complained in the end."""
    context = browser.new_context(viewport=SIZE)  # type: ignore[arg-type]
    context.set_default_timeout(1000 * PATIENCE)
    page = context.new_page()
    window = Window(page=page, stored=stored, screenshots=screenshots)
    page.on("console", window.said)
    page.on("pageerror", lambda error: window.complain(str(error)))
    yield window
    context.close()
    assert window.complaints == []


def test_the_runs_table_begins_with_the_sweeps(window: Window) -> None:
    window.open("/#/experiments/{experiment}/runs", "batch_size×device")
    window.keep("runs")
    assert "3 matching runs" not in window.text()


def test_the_list_of_views_offers_the_jobs_with_their_figures_and_verdicts(window: Window) -> None:
    window.open("/#/experiments/{experiment}/runs", "batch_size×device")
    window.page.get_by_test_id("saved-views-trigger").click()
    window.page.get_by_text("embprof: jobs").click()
    window.wait_for("batch_size=16 device=cpu")
    window.wait_for("throughput_texts_per_s")
    window.keep("jobs")
    shown = window.text()
    assert "batch_size×device" not in shown, "sweeps have no figures of their own"
    assert "main" in shown, "the baseline"
    assert re.search("unclear|same|slower|faster", shown), "the verdict"


def test_the_charts_of_that_view_compare_the_jobs(window: Window) -> None:
    window.open(VIEW, "batch_size=16 device=cpu", view="jobs")
    for drawn in (".bars path", ".scatterlayer path"):
        window.page.locator(f".js-plotly-plot {drawn}").first.wait_for()
    window.keep("charts")
    assert "throughput_texts_per_s" in window.text()


def test_the_view_of_the_last_sweep_shows_its_jobs_alone(window: Window) -> None:
    window.open(VIEW, "the last sweep", view="last")
    window.page.locator(".js-plotly-plot .bars path").first.wait_for()
    window.keep("last")
    assert "batch_size=16 device=cpu" not in window.text(), "of an earlier sweep"


def test_the_page_of_a_sweep_has_its_table(window: Window) -> None:
    window.open(RUN, "Description", run=window.stored.parent("sweep"))
    table = window.page.locator("table", has_text="batch_size").first
    table.scroll_into_view_if_needed()
    window.keep("sweep")
    assert "texts/s" in table.inner_text()
    assert "skipped" in table.inner_text()


def test_two_runs_are_compared_side_by_side(window: Window) -> None:
    runs = json.dumps([window.stored.job("sweep", number) for number in (0, 2)])
    path = "/#/compare-runs?runs={runs}&experiments=[%22{experiment}%22]"
    window.open(path, "Comparing 2 Runs", runs=runs)
    window.page.get_by_text("latency_p50_ms").first.scroll_into_view_if_needed()
    window.keep("compare")
    shown = window.text()
    assert "batch_size=8 device=cpu" in shown
    assert "batch_size=16 device=cpu" in shown
    assert "throughput_texts_per_s" in shown


def test_memory_is_charted_over_time(window: Window) -> None:
    window.open(f"{RUN}/model-metrics", "over_time", run=window.stored.job("memory"))
    # A level line has no height, so that a browser holds it for hidden: it is drawn all the same.
    line = window.page.locator(".js-plotly-plot .scatterlayer .lines path[d*='L']").first
    line.wait_for(state="attached")
    window.keep("memory")
    window.open(VIEW, "embprof: memory over time", view="memory")
    line.wait_for(state="attached")
    window.keep("memories")
    assert "batch_size=16 device=cpu" not in window.text(), "nothing was read over time there"


def test_a_profile_is_shown_in_the_frame_of_its_artifact(window: Window) -> None:
    path = f"{RUN}/artifacts/profile.html"
    window.open(path, "profile.html", run=window.stored.job("profile"))
    assert "major_part" in window.framed("major_part")
    window.keep("profile")


def test_the_report_of_a_sweep_is_shown_in_the_frame_of_its_artifact(window: Window) -> None:
    reports = sorted((window.stored.sweeps["sweep"]).rglob("report.html"))
    assert reports, "every sweep has a report"
    name = reports[0].relative_to(window.stored.sweeps["sweep"])
    window.open(f"{RUN}/artifacts/{name}", "report.html", run=window.stored.parent("sweep"))
    assert "batch_size" in window.framed("texts/s")
    window.keep("report")


def _sweep(desk: Path, said: str) -> Path:
    found = re.search(r"^sweep (\d{8}-\d{6}-[0-9a-f]{4}):", said, re.MULTILINE)
    assert found, said
    return desk / "mlruns" / "sweeps" / found[1]


def _end(process: subprocess.Popen[str]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    process.communicate(timeout=PATIENCE)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _experiment(address: str, server: subprocess.Popen[str]) -> str:
    """Id of the experiment, once the pages are served."""
    asked = f"{address}/ajax-api/2.0/mlflow/experiments/get-by-name"
    patience = time.monotonic() + PATIENCE
    while True:
        assert server.poll() is None, server.communicate()[0]
        assert time.monotonic() < patience, "the pages are not served"
        try:
            answer = requests.get(asked, params={"experiment_name": "embprof"}, timeout=30)
            return str(answer.json()["experiment"]["experiment_id"])
        except requests.RequestException:
            time.sleep(0.2)
