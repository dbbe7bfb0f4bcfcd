"""``embprof ui``: MLflow's pages on the runs of this folder, with a server of one process."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from embprof.commands.typed import run
from embprof.errors import RequestError
from embprof.report.display import console
from embprof.tracking.mlflow_store import tracking_uri
from embprof.tracking.places import Places

HOST = "127.0.0.1"
DEFAULT_PORT = 5000
PORTS_TRIED = 20
LIGHT = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
"""Without these the server starts 15 processes and takes 2.4 GB."""


def main(arguments: Sequence[str]) -> int:
    """Serves until ctrl-C; returns the exit code."""
    return run(_ui, "embprof ui", arguments)


def _ui(
    *,
    port: Annotated[
        int | None,
        typer.Option(
            min=1, max=65535, help=f"Port; the first free one from {DEFAULT_PORT} if not given."
        ),
    ] = None,
) -> None:
    """Open the runs of this folder in MLflow's UI (until ctrl-C)."""
    places = Places.here()
    uri = tracking_uri(places)
    out = console()
    if uri.startswith(("http://", "https://")):
        out.print(Text(f"runs are logged to the server {uri}: open that address"))
        return
    if uri.startswith("sqlite:///") and not Path(uri.removeprefix("sqlite:///")).exists():
        raise RequestError(
            [f"there are no runs here yet ({uri}); measure first: python -m embprof"]
        )
    chosen = _free_port(port)
    out.print(Text(f"http://{HOST}:{chosen}  serves {uri}  (ctrl-C ends it)"))
    command = [
        *(sys.executable, "-m", "mlflow", "server", "--workers", "1"),
        *("--host", HOST, "--port", str(chosen)),
        *(
            "--backend-store-uri",
            uri,
            "--default-artifact-root",
            places.artifacts.resolve().as_uri(),
        ),
    ]
    try:
        code = subprocess.call(command, env={**os.environ, **LIGHT})  # noqa: S603  (our own words)
    except KeyboardInterrupt:
        code = 0
    raise typer.Exit(code)


def _free_port(wanted: int | None) -> int:
    candidates = [wanted] if wanted else range(DEFAULT_PORT, DEFAULT_PORT + PORTS_TRIED)
    for port in candidates:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise RequestError([f"--port: {' and '.join(map(str, candidates))} in use; give another"])
