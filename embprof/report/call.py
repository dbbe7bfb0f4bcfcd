"""What a workload does in a call, in the words of whoever wrote the service."""

from embprof.interface.account import Call
from embprof.interface.subjects import workload_of
from embprof.report.study import Answer


def call_of(answer: Answer) -> Call | None:
    """What its workload calls; None where that is not known."""
    return workload_of(answer.run.config).account.call


def batched(answer: Answer) -> str:
    """``Encode in batches`` of an embedding; of what is not known, ``Use batches``."""
    call = call_of(answer)
    return "Use batches" if call is None else f"{call.verb.capitalize()} in batches"
