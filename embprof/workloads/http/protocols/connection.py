"""A connection that stays open, and requests over it whose parts can be told apart.

The standard library's client and not a larger one: a request of 128 characters took 0.21 ms of CPU
time with it, 0.44 ms with urllib3 and 1.1 ms with requests (2-core virtual machine, 384 dimensions
answered). The interpreter lock lets one thread at a time work, so with a slow client the client is
what is measured, from some hundred requests a second on. Proxies of the environment are not used
for the same reason.

A timeout is for the whole request and not for each wait in it: a server that sends one byte per
second does not get round it.
"""

import http.client
import select
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from embprof.errors import CallFailedError
from embprof.workloads.http.protocols.address import Address

PIECE = 65_536
"""Bytes that are read at once."""
Mark = Callable[[str], object]
"""Told when a part of a request begins: ``send``, ``wait``, ``receive``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back; ``server`` is what it calls itself."""

    status: int
    reason: str
    content: bytes
    server: str | None


class Connection:
    """Requests to one address, one at a time; opened when it is needed."""

    def __init__(self, address: Address, headers: Mapping[str, str], timeout: float) -> None:
        self._address, self._headers, self._timeout = address, headers, timeout
        self._client: http.client.HTTPConnection
        if address.is_secure:
            context = ssl.create_default_context()
            self._client = http.client.HTTPSConnection(address.host, address.port, context=context)
        else:
            self._client = http.client.HTTPConnection(address.host, address.port)

    def post(self, body: bytes, mark: Mark) -> Answer:
        """The answer to a request; whatever its status is.

        Raises CallFailedError when there is none, or none in time; the connection is closed then.
        """
        deadline = time.monotonic() + self._timeout
        try:
            return self._post(body, mark, deadline)
        except TimeoutError:
            self.close()
            message = f"no answer within timeout={self._timeout:g} s"
            raise CallFailedError("timeout", f"{self._address.url}: {message}") from None
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise CallFailedError("error", f"{self._address.url}: {_reason(error)}") from error

    def close(self) -> None:
        """Closes it; the next request opens it again."""
        self._client.close()

    def _post(self, body: bytes, mark: Mark, deadline: float) -> Answer:
        client = self._client
        mark("send")
        if client.sock is not None and _has_hung_up(client):
            client.close()
        client.timeout = _left(deadline)
        if client.sock is None:
            client.connect()
        client.sock.settimeout(_left(deadline))
        client.request("POST", self._address.target, body, dict(self._headers))
        mark("wait")
        client.sock.settimeout(_left(deadline))
        socket = client.sock  # a server that closes takes it away from the client
        response = client.getresponse()
        mark("receive")
        pieces = []
        while not response.isclosed():  # as it may be with its last piece, and the socket with it
            socket.settimeout(_left(deadline))
            if not (piece := response.read1(PIECE)):
                break
            pieces.append(piece)
        response.close()  # or the connection would take it for unread
        if response.length:  # the other end closed before all had come
            raise http.client.IncompleteRead(b"", response.length)
        return Answer(
            status=response.status,
            reason=response.reason,
            content=b"".join(pieces),
            server=response.headers.get("server"),
        )


def _has_hung_up(client: http.client.HTTPConnection) -> bool:
    """Whether the other end closed an idle connection: nothing else can have come."""
    poll = select.poll()
    poll.register(client.sock, select.POLLIN)
    return bool(poll.poll(0))


def _left(deadline: float) -> float:
    """Seconds until then; raises TimeoutError when there are none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _reason(error: Exception) -> str:
    """What went wrong, in the system's words where it has some."""
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    if isinstance(error, http.client.HTTPException | ConnectionResetError | BrokenPipeError):
        return f"the connection broke: {reason}"
    return f"cannot be reached: {reason}"
