"""A browser without a window and without a network."""

import html
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE = 600
VIRTUAL_MS = 5000
"""How long the page may take by its own clock, which does not wait while nothing happens."""
REPORTER = """<script>
setTimeout(() => parent.postMessage(document.body.innerText, "*"), 2000);
</script>"""
FRAME = """<!DOCTYPE html>
<iframe sandbox="allow-scripts" src="{page}"></iframe>
<pre id="seen">nothing</pre>
<script>
addEventListener("message", (event) => {{
  document.getElementById("seen").textContent = event.data;
}});
</script>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The text that a page shows, and what it complained of."""

    text: str
    complaints: tuple[str, ...]


Look = Callable[[str], Seen]


@pytest.fixture(scope="session")
def chromium() -> str:
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"none of {', '.join(NAMES)} is installed")
    return found


@pytest.fixture
def look(chromium: str, tmp_path: Path) -> Look:
    """Opens a page as MLflow shows an artifact: in a frame that may run scripts and nothing else.

    Nobody outside can look into that frame, so a script behind the page's own sends its text out.
    """

    def see(page: str) -> Seen:
        (tmp_path / "page.html").write_text(page + REPORTER, encoding="utf-8")
        frame = tmp_path / "frame.html"
        frame.write_text(FRAME.format(page="page.html"), encoding="utf-8")
        done = subprocess.run(
            [
                chromium,
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--host-resolver-rules=MAP * ~NOTFOUND",
                # One process for page and frame, or the clock of one does not move the other.
                "--disable-features=IsolateSandboxedIframes",
                "--enable-logging=stderr",
                f"--user-data-dir={tmp_path / 'profile'}",
                f"--virtual-time-budget={VIRTUAL_MS}",
                "--dump-dom",
                frame.as_uri(),
            ],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=True,
        )
        shown = re.search(r'<pre id="seen">(.*?)</pre>', done.stdout, re.DOTALL)
        assert shown, done.stdout
        complaints = re.findall(r"CONSOLE(?::\d+|\(\d+\))\] (.*)", done.stderr)
        return Seen(text=html.unescape(shown[1]), complaints=tuple(complaints))

    return see
