"""What a workload does in a call, in the words of whoever wrote the service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from embprof.config import subject
from embprof.report.study import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """``name``: the function with its usual batch size; ``result``: what comes of an item."""

    name: str
    verb: str
    item: str
    result: str


CALLS: Mapping[str, Call] = {
    "embedding": Call(name="encode()", verb="encode", item="text", result="embedding"),
    "nli": Call(name="predict()", verb="judge", item="pair", result="prediction"),
}
"""By workload. Both functions of sentence-transformers have a usual batch size of 32, and sort what
they are given by characters."""


def call_of(answer: Answer) -> Call | None:
    """What its workload calls; None where that is not known."""
    return CALLS.get(str(subject.option(answer.run.config)))


def batched(answer: Answer) -> str:
    """``Encode in batches`` of an embedding; of what is not known, ``Use batches``."""
    call = call_of(answer)
    return "Use batches" if call is None else f"{call.verb.capitalize()} in batches"
