"""``embprof ui``: MLflow's pages on the runs of this folder, with a server of one process."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Annotated

from rich.text import Text
from typer import Exit, Option

from embprof.commands.typed import command
from embprof.errors import RequestError
from embprof.interruptions import interruptible_once
from embprof.masking import masked_text
from embprof.report.display import console, print_lines
from embprof.tracking.mlflow_client import as_tracking_error, new_client, tracking_uri
from embprof.tracking.places import Places
from embprof.tracking.reachability import file_of, knock
from embprof.tracking.sweep_folder import every_newest_first
from embprof.tracking.views import IN_CHARTS, JOBS, LAST

HOST = "127.0.0.1"
DEFAULT_PORT = 5000
PORTS_TRIED = 20
ENDING_SECONDS = 10.0
"""How long the server may take to end by itself."""
LIGHT = {
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "PYTHONWARNINGS": "ignore",
}
"""Without these the server starts 15 processes and takes 2.4 GB."""


@command("embprof ui")
def main(
    *,
    port: Annotated[
        int | None,
        Option(
            min=1, max=65535, help=f"Port; the first free one from {DEFAULT_PORT} if not given."
        ),
    ] = None,
) -> None:
    """Open the runs of this folder in MLflow's UI (until ctrl-C)."""
    places = Places.here()
    uri = tracking_uri(places)
    shown, out = masked_text(uri), console()
    if uri.startswith(("http://", "https://")):
        out.print(Text(f"runs are logged to the server {shown}: open that address"))
        return
    if (file := file_of(uri)) is not None and not file.exists():
        nothing = f"there are no runs here yet ({shown})"
        raise RequestError([f"{nothing}; measure first: python -m embprof"])
    if uri.startswith("databricks"):
        raise RequestError([f"{shown}: Databricks has a page of its own for runs; open that"])
    with as_tracking_error(uri):
        knock(uri)
        new_client(uri)  # raises what the server would die of
    chosen = _free_port(port)
    address = f"http://{HOST}:{chosen}"
    print_lines(out, f"{address}  will serve {shown} in some seconds (ctrl-C ends it)")
    print_lines(out, *(f"{what}: {address}{path}" for what, path in _pages(places, shown)))
    command = [
        *(sys.executable, "-P", "-m", "mlflow", "server", "--workers", "1"),
        *("--host", HOST, "--port", str(chosen)),
        *("--default-artifact-root", places.artifacts.resolve().as_uri()),
    ]
    raise Exit(_serve(command, uri))


def _pages(places: Places, uri: str) -> Iterator[tuple[str, str]]:
    """What to look at first, where the last sweep says in which experiment it was logged."""
    logged = (sweep.read().get("tracking", {}) for sweep in every_newest_first(places))
    last = next((found for found in logged if found.get("uri") == uri), None)
    if last is not None and "experiment_id" in last:
        runs = f"/#/experiments/{last['experiment_id']}/runs"
        yield "the last sweep, in charts", f"{runs}?{IN_CHARTS.format(LAST)}"
        yield "its answer, table and report", f"{runs}/{last['run_id']}"
        yield "all jobs, in charts", f"{runs}?{IN_CHARTS.format(JOBS)}"


def _serve(command: list[str], uri: str) -> int:
    """Runs the server until it ends, or we are told to; its worker processes end with it."""
    # In a command line the address, and a password in it, would be for everybody to see.
    environment = {**os.environ, **LIGHT, "MLFLOW_BACKEND_STORE_URI": uri}
    server = subprocess.Popen(  # noqa: S603  (our own words)
        command, env=environment, start_new_session=True
    )
    try:
        with interruptible_once():
            return server.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        _end(server)


def _end(server: subprocess.Popen[bytes]) -> None:
    for ending in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):  # the whole group has ended
            os.killpg(server.pid, ending)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(ENDING_SECONDS)
            return


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
