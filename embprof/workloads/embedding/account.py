"""What ``embedding`` tells of itself."""

from collections.abc import Sequence

from embprof.interface.account import Account, Call
from embprof.interface.column import Column, text, value
from embprof.model import Run
from embprof.parity.agreement import NEAREST
from embprof.report.targets import MISSED, not_kept
from embprof.workloads.embedding import figures
from embprof.workloads.embedding.findings import answers_kept, dimensions, prompts

KEPT = "top10_kept_percent"


def columns(runs: Sequence[Run]) -> list[Column]:
    """How many neighbours are kept, where answers were compared."""
    if not any(run.figure(KEPT) for run in runs):
        return []
    return [
        Column(heading="top 10 kept %", cell=_kept, metric=KEPT),
        value("cosine_mean", "cosine", spare=3),
    ]


def _kept(run: Run) -> str:
    """The share, marked where more is lost than may be."""
    return f"{MISSED} {text(run.figure(KEPT))}" if not_kept(run) else text(run.figure(KEPT))


# encode() of sentence-transformers has a usual batch size of 32, and sorts texts by characters.
EMBEDDING = Account(
    figures=figures.FIGURES,
    supporting=figures.READ,
    conclusions={NEAREST: figures.conclude},
    columns=columns,
    rules=(answers_kept.RULE, dimensions.RULE, prompts.RULE),
    call=Call(name="encode()", verb="encode", item="text", result="embedding"),
)
