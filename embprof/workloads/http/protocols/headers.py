"""Headers of every request, keys among them, which come from environment variables alone.

What is in a variable is in no configuration, no message and no file of a run: names are.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A header's name; source: RFC 9110, section 5.6.2."""
UNPRINTABLE = re.compile(r"[^\t\x20-\x7e]")
"""What no header may have in it. The client would quote it in its message."""
ALWAYS = {"Content-Type": "application/json", "Accept": "application/json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FromVariable:
    """A header whose value is in a variable; ``key`` is what names that in the configuration."""

    key: str
    name: str
    variable: str
    scheme: str = ""


def from_variables(api_key_env: str | None, headers_env: Mapping[str, str]) -> list[FromVariable]:
    """All that are asked for."""
    found = [
        FromVariable(key=f"workload.headers_env.{name}", name=name, variable=variable)
        for name, variable in headers_env.items()
    ]
    if api_key_env is not None:
        scheme = "Bearer "
        key, name = "workload.api_key_env", "Authorization"
        found.append(FromVariable(key=key, name=name, variable=api_key_env, scheme=scheme))
    return found


def problems(headers: list[FromVariable]) -> Iterator[str]:
    """Variables that are not there, and what could be no header."""
    for header in headers:
        key = f"{header.key}={header.variable}"
        value = os.environ.get(header.variable, "").strip()
        if not NAME.fullmatch(header.name):
            yield f"{key}: {header.name!r} is no name of a header"
        elif not value:
            yield f"{key}: there is no such environment variable, or nothing in it"
        elif UNPRINTABLE.search(value):
            yield f"{key}: the variable has characters that no header may have"


def read(headers: list[FromVariable]) -> dict[str, str]:
    """Names and values, with those that every request has; raises KeyError without a variable."""
    values = {one.name: one.scheme + os.environ[one.variable].strip() for one in headers}
    return {**ALWAYS, **values}
