"""Whether an answer is one: a status, as many embeddings as texts, all alike and finite."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from embprof.errors import CallFailedError
from embprof.workloads.http.protocols.connection import Answer
from embprof.workloads.http.protocols.protocol import EmbeddingProtocol, WrongAnswerError, begin

OK, BUSY, SERVER_ERROR = 200, 429, 500
NOT_THERE = (404, 405)
"""What a server says of an address that it does not know, or of a page that takes no request."""
ADVICE: Mapping[int, str] = {
    400: "a field that it wants is given with +workload.body.NAME=VALUE",
    401: "is workload.api_key_env the variable with the key?",
    403: "may this key do that?",
    413: "send fewer texts a request (batch_size), or shorter ones",
    422: "does the server speak this workload.protocol, and take so many texts a request?",
    429: "the server limits requests; a load beyond that measures the limit",
}
PATHS = {"ollama": "/api/embed", "tei": "/embed", "openai": "/embeddings"}
"""How the URLs of each protocol end; the first that fits."""


class StatusError(CallFailedError):
    """An answer with a status other than 200."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__("error", message)


class WrongError(CallFailedError):
    """An answer that is none to what was asked."""

    def __init__(self, message: str) -> None:
        super().__init__("error", message)


def dimensions_of(
    answer: Answer, protocol: EmbeddingProtocol, url: str, *, texts: int, known: int | None
) -> int:
    """The dimensions of its embeddings; ``known`` is what earlier answers had.

    Raises CallFailedError, saying what the answer is instead: StatusError or WrongError.
    """
    import numpy as np

    if answer.status != OK:
        status = (
            f"HTTP {answer.status} {answer.reason}: {begin(answer.content) or 'no more is said'}"
        )
        raise StatusError(answer.status, f"{url}: {status}")
    try:
        embeddings = protocol.embeddings(answer.content)
    except WrongAnswerError as error:
        raise WrongError(f"{url}: {error}") from None
    rows, dimensions = embeddings.shape
    if rows != texts:
        wrong = f"{rows} embeddings for {texts} texts"
    elif known is not None and dimensions != known:
        wrong = f"embeddings of {dimensions} dimensions, and had {known} before"
    elif not np.isfinite(embeddings).all():
        wrong = "embeddings with numbers that are not finite"
    else:
        return int(dimensions)
    raise WrongError(f"{url}: the answer has {wrong}")


def advice_on_path(url: str, protocol: str) -> str:
    """What to look at when nothing is found at any address."""
    path = urlsplit(url).path.rstrip("/")
    other = next((one for one, end in PATHS.items() if path.endswith(end)), protocol)
    if other != protocol:
        return f"the URL ends as that of workload.protocol={other} does"
    return (
        "does the server have workload.model_name, and speak this workload.protocol? Give the "
        "whole path in workload.url if it is another"
    )


def is_of_the_server(error: CallFailedError) -> bool:
    """Whether the server had an error or no room, so that the next request may do."""
    return isinstance(error, StatusError) and (error.status >= SERVER_ERROR or error.status == BUSY)


def advice(error: CallFailedError) -> str:
    """What to look at when the very first request fails."""
    if isinstance(error, StatusError):
        return ADVICE.get(error.status, "the server's log may say more")
    if isinstance(error, WrongError):
        return "does the server speak this workload.protocol?"
    if error.kind == "timeout":
        return "is it loading a model? else raise workload.timeout"
    return "is the server running, and is workload.url where it listens?"
