"""Where a server is asked: what a user writes, and what of it may be stored with a run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, urlsplit

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


def addresses(url: str, path: str) -> list[Address]:
    """Where to ask, given the path that the protocol has; the likeliest first.

    A URL that ends as the protocol's path does is asked as it is (``/embeddings`` of a server
    without ``/v1``, a deployment of Azure's); one that ends within it (``/v1``) is completed. A
    mere base may be either's: the whole path is asked, then its last step alone. A gateway's own
    prefix and a query are kept.
    """
    split = urlsplit(url)
    given, steps = split.path.rstrip("/"), path.strip("/").split("/")
    if given.endswith(f"/{steps[-1]}"):
        # A gateway's prefix may end so too, and the path go on behind it.
        paths = [given] if given.endswith(path) else [given, f"{given}{path}"]
    elif begun := next((n for n in range(1, len(steps)) if _ends(given, steps[:n])), None):
        paths = ["/".join([given, *steps[begun:]])]
    else:
        paths = [f"{given}{path}", f"{given}/{steps[-1]}"]
    return [_address(split, target) for target in dict.fromkeys(paths)]


def _ends(given: str, steps: Sequence[str]) -> bool:
    return given.endswith("/" + "/".join(steps))


def _address(split: SplitResult, target: str) -> Address:
    is_secure = split.scheme == "https"
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
