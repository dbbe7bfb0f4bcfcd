"""Requests to a server in this process that answers well, badly, slowly or not at all."""

import http.client
import http.server
import os
import socket
import threading
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from embprof.errors import CallFailedError
from embprof.workloads.http.protocols.address import Address, addresses
from embprof.workloads.http.protocols.connection import Connection
from embprof.workloads.http.protocols.listeners import listeners


class Handler(http.server.BaseHTTPRequestHandler):
    """Does what the path says."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    connections: ClassVar[set[Any]] = set()
    release: ClassVar[threading.Event] = threading.Event()

    def do_POST(self) -> None:
        self.connections.add(self.client_address)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        getattr(self, self.path.strip("/").replace("/", "_"))(body)

    def echo(self, body: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def fails(self, _: bytes) -> None:
        self.echo(b"no room", 503)

    def hangs(self, _: bytes) -> None:
        self.release.wait(10)
        self.close_connection = True

    def drips(self, _: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        while not self.release.wait(0.02):
            try:
                self.wfile.write(b".")
            except OSError:
                break
        self.close_connection = True

    def hangs_up(self, _: bytes) -> None:
        self.close_connection = True

    def breaks_off(self, _: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"the beginning")
        self.close_connection = True

    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_port
    Handler.release.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def _nobody_was_here() -> None:
    Handler.connections.clear()


def to(port: int, path: str) -> Address:
    return addresses(f"http://127.0.0.1:{port}", path)[0]


def test_requests_share_a_connection_and_their_parts_are_told(port: int) -> None:
    connection = Connection(to(port, "/echo"), {"X-A": "b"}, timeout=10)
    marks: list[str] = []
    for body in (b"one", b"two" * 100_000):
        answer = connection.post(body, marks.append)
        assert (answer.status, answer.content) == (200, body)
    assert answer.server is not None
    assert answer.server.startswith("BaseHTTP")
    connection.close()
    assert marks == ["send", "wait", "receive"] * 2
    assert len(Handler.connections) == 1


HEADS = {
    "length": (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", b""),
    "closes": (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\n", b""),
    "closes, no length": (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b""),
    "closes, chunked": (
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\na\r\n",
        b"\r\n0\r\n\r\n",
    ),
    "chunked": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n", b"\r\n0\r\n\r\n"),
    "1.0": (b"HTTP/1.0 200 OK\r\nContent-Length: 10\r\n\r\n", b""),
    "1.0, no length": (b"HTTP/1.0 200 OK\r\n\r\n", b""),
}
"""What stands before and after the ten bytes of an answer."""


@pytest.mark.parametrize("form", HEADS)
@pytest.mark.parametrize("closes_early", [False, True], ids=["as here", "as in Python 3.13"])
def test_an_answer_is_read_however_its_length_is_told(
    monkeypatch: pytest.MonkeyPatch, form: str, *, closes_early: bool
) -> None:
    """A later standard library closes an answer with its last piece, and so its socket."""
    read1 = http.client.HTTPResponse.read1

    def closing(self: Any, n: int = -1) -> bytes:
        piece = read1(self, n)
        if not self.chunked and self.length == 0:
            self._close_conn()
        return piece

    if closes_early:
        monkeypatch.setattr(http.client.HTTPResponse, "read1", closing)
    before, after = HEADS[form]
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            left = 2
            while left:
                with listening.accept()[0] as accepted:
                    while left and accepted.recv(65_536):
                        accepted.sendall(before + b"some ")
                        accepted.sendall(b"words" + after)
                        left -= 1
                        if b"close" in before or b"HTTP/1.0" in before:
                            break

        serving = threading.Thread(target=serve)
        serving.start()
        connection = Connection(to(listening.getsockname()[1], "/echo"), {}, timeout=10)
        for _ in range(2):
            assert connection.post(b"", str).content == b"some words"
        connection.close()
        serving.join()


def test_a_status_that_is_not_200_is_an_answer_too(port: int) -> None:
    connection = Connection(to(port, "/fails"), {}, timeout=10)
    answer = connection.post(b"x", str)
    assert (answer.status, answer.reason, answer.content) == (
        503,
        "Service Unavailable",
        b"no room",
    )
    connection.close()


@pytest.mark.parametrize("path", ["/hangs", "/drips"])
def test_the_time_is_for_the_whole_request(port: int, path: str) -> None:
    connection = Connection(to(port, path), {}, timeout=0.2)
    with pytest.raises(CallFailedError, match=r"no answer within timeout=0\.2 s") as caught:
        connection.post(b"x", str)
    assert caught.value.kind == "timeout"
    connection.close()


@pytest.mark.parametrize("path", ["/hangs_up", "/breaks_off"])
def test_a_connection_that_breaks_is_an_error_and_the_next_is_new(port: int, path: str) -> None:
    connection = Connection(to(port, path), {}, timeout=10)
    for _ in range(2):
        with pytest.raises(CallFailedError, match="the connection broke") as caught:
            connection.post(b"x", str)
        assert caught.value.kind == "error"
    connection.close()
    assert len(Handler.connections) == 2


def test_a_connection_that_the_server_closed_meanwhile_is_opened_again(port: int) -> None:
    connection = Connection(to(port, "/echo"), {}, timeout=10)
    connection.post(b"x", str)
    assert connection._client.sock is not None
    connection._client.sock.shutdown(socket.SHUT_RDWR)  # as one that was idle for too long
    assert connection.post(b"y", str).content == b"y"
    connection.close()


def test_nobody_there_is_said_with_the_address() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        connection = Connection(to(port, "/echo"), {}, timeout=10)
        with pytest.raises(CallFailedError, match="Connection refused") as caught:
            connection.post(b"x", str)
    assert f"http://127.0.0.1:{port}/echo: cannot be reached" in str(caught.value)


def test_a_name_that_nobody_has_is_said() -> None:
    connection = Connection(addresses("http://no.such.host.invalid", "/echo")[0], {}, timeout=10)
    with pytest.raises(CallFailedError, match="cannot be reached"):
        connection.post(b"x", str)


def test_who_listens_here_is_found_and_nobody_elsewhere(port: int) -> None:
    assert listeners("127.0.0.1", port) == [os.getpid()]
    assert listeners("192.0.2.1", port) == []
    assert listeners("no.such.host.invalid", port) == []
