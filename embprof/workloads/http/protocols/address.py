"""Where a server is asked: what a user writes, and what of it may be stored with a run."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from embprof.masking import is_secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """``target`` is the path with its query; ``url`` is all of it, for messages."""

    url: str
    host: str
    port: int
    target: str
    is_secure: bool


def problems(url: str) -> Iterator[str]:
    """What is wrong with a URL, in words that follow it."""
    try:
        split = urlsplit(url)
        port = split.port
    except ValueError as error:
        yield f"is no URL: {error}"
        return
    if split.scheme not in ("http", "https") or not split.hostname or port == 0:
        yield "must be http://host:port or https://host"
    if split.username is not None or split.password is not None:
        yield (
            "must have no user or password in it, for it is stored with every run; name an "
            "environment variable in workload.headers_env"
        )
    secrets = [name for name, _ in parse_qsl(split.query) if is_secret(name)]
    if secrets:
        yield (
            f"must have no {secrets[0]} in it, for it is stored with every run; name an "
            "environment variable in workload.api_key_env or workload.headers_env"
        )


def address(url: str, path: str) -> Address:
    """Where to ask, given the path that the protocol has.

    ``http://host``, ``http://host/v1`` and ``http://host/v1/embeddings`` are the same to a protocol
    whose path is ``/v1/embeddings``; a gateway's own prefix is kept.
    """
    split = urlsplit(url)
    is_secure = split.scheme == "https"
    target = _path_below(split.path.rstrip("/"), path)
    port = split.port or (443 if is_secure else 80)
    host = split.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    query = f"?{split.query}" if split.query else ""
    return Address(
        url=f"{split.scheme}://{shown}:{port}{target}{query}",
        host=host,
        port=port,
        target=f"{target}{query}",
        is_secure=is_secure,
    )


def _path_below(given: str, path: str) -> str:
    """The path that is asked, of which the end may have been given already."""
    steps = path.strip("/").split("/")
    for known in range(len(steps), 0, -1):
        if given.endswith("/" + "/".join(steps[:known])):
            return "/".join([given, *steps[known:]])
    return given + path
