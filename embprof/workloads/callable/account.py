"""What ``callable`` tells of itself: how a function of the user's own is called."""

from collections.abc import Collection, Mapping
from typing import Any

from embprof.interface.account import Account
from embprof.workloads.callable.findings import arguments

LONGEST = 80
"""Characters of a call as it is written."""


def call_text(workload: Mapping[str, Any]) -> str:
    """A function as it is called: ``answer(limit=10)``."""
    given = ", ".join(f"{key}={value}" for key, value in (workload["arguments"] or {}).items())
    call = f"{str(workload['function']).rpartition(':')[2]}({given})"
    return call if len(call) <= LONGEST else f"{call[: LONGEST - 2]}…)"


def unused_axes(workload: Mapping[str, Any]) -> Collection[str]:
    """The length of texts, of a function that gets no texts of the corpus."""
    own_items = any(workload["inputs"].get(key) for key in ("values", "path"))
    return ("text_length",) if workload["batch"] is None or own_items else ()


CALLABLE = Account(
    figures=frozenset(),
    named=call_text,
    reference=lambda workload: str(workload["function"]),
    items_of_a_call=lambda workload: int(workload["batch"] or 1),
    unused_axes=unused_axes,
    rules=(arguments.RULE,),
)
