"""What stands between here and the hub may do anything, and costs seconds and no traceback."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from embprof.models import hub

ASK = """
from embprof.models import hub
hub.PROBE_SECONDS, hub.ANSWER_SECONDS = 3.0, 1.5
for _ in range(2):  # the second time it is known
    try:
        hub.download("owner/name", None)
    except hub.HubUnreachableError as error:
        print(error)
"""
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


def answer(line: str, *headers: str, body: str = "") -> bytes:
    length = f"Content-Length: {len(body)}"
    return "\r\n".join(
        [f"HTTP/1.1 {line}", length, "Connection: close", *headers, "", body]
    ).encode()


@contextlib.contextmanager
def server(reply: bytes | None) -> Iterator[int]:
    """A port where each connection gets these bytes and is closed; None: silence."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        silent = []

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    if reply is None:
                        silent.append(connection)
                        continue
                    with connection, contextlib.suppress(OSError):
                        connection.recv(65536)
                        connection.sendall(reply)

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        for connection in silent:
            connection.close()


def asked(**environment: str) -> str:
    """What a new process is told, twice; the client of the hub reads its settings at import."""
    clean = {name: value for name, value in os.environ.items() if name.lower() not in PROXIES}
    clean.pop("HF_HUB_OFFLINE", None)
    ran = subprocess.run(
        [sys.executable, "-c", ASK],
        env=clean | environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,  # retries of the client itself would take minutes
    )
    first, second = ran.stdout.splitlines()
    assert first == second
    return first


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (answer("407 Proxy Authentication Required"), "407"),
        (b"", "disconnected"),
        (b"junk\r\n\r\n", ""),
        (answer("200 OK", body="<html>please log in</html>"), "Expecting value"),
        (answer("200 OK", body="[]"), ""),
        (answer("302 Found", "Location: /again"), "redirect"),
        (answer("503 Service Unavailable"), "503"),
        (None, "timed out|no answer"),
    ],
    ids=["407", "closed", "junk", "a page", "another JSON", "a loop", "503", "silence"],
)
def test_a_hub_that_answers_otherwise_is_not_reachable_and_says_why(
    reply: bytes | None, why: str
) -> None:
    with server(reply) as port:
        told = asked(HF_ENDPOINT=f"http://127.0.0.1:{port}")
    assert told
    assert not why or any(word in told for word in why.split("|")), told


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_a_proxy_that_wants_a_login_is_the_reason(variable: str) -> None:
    with server(answer("407 Proxy Authentication Required")) as port:
        told = asked(**{variable: f"http://somebody:s3cret@127.0.0.1:{port}"})
    assert told == "407 Proxy Authentication Required"


def test_what_speaks_no_tls_is_not_reachable() -> None:
    with server(answer("400 Bad Request")) as port:
        told = asked(HF_ENDPOINT=f"https://127.0.0.1:{port}")
    assert "SSL" in told


def test_a_password_in_an_address_is_not_told() -> None:
    error = OSError("cannot open http://somebody:s3cret@proxy:80/x\nmore")
    assert hub._reason(error) == "cannot open http://proxy:80/x"


@pytest.mark.parametrize("has_safetensors", [True, False])
def test_pickles_are_fetched_only_where_there_is_nothing_else(
    monkeypatch: pytest.MonkeyPatch, model_folder: Path, *, has_safetensors: bool
) -> None:
    asked: list[list[str]] = []

    def fetch(_: str, *, allow_patterns: list[str], **__: object) -> str:
        asked.append(allow_patterns)
        return str(model_folder)

    monkeypatch.setattr("huggingface_hub.snapshot_download", fetch)
    if not has_safetensors:
        (model_folder / "model.safetensors").unlink()
    assert hub._snapshot("owner/name", None) == model_folder
    pickles = [["pytorch_model*.bin", "pytorch_model.bin.index.json"]]
    assert asked == [list(hub.FILES), *([] if has_safetensors else pickles)]
