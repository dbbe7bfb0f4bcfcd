"""What ``embedding`` tells of itself."""

import math
from collections.abc import Sequence
from functools import partial

from embprof.interface.account import Account, Call
from embprof.interface.column import Column, text
from embprof.model import Figure, Run
from embprof.parity.figures import NAMES, READ
from embprof.parity.names import (
    COSINE,
    LOSS,
    NDCG,
    NEAREST,
    NEAREST_KEPT,
    ODD_LEAST,
    RANKS,
    TOP_KEPT,
)
from embprof.report.targets import MISSED, not_kept
from embprof.workloads.embedding import figures
from embprof.workloads.embedding.findings import answers_kept, dimensions, prompts

DIGITS = 4
"""Digits of a cosine: 0.9996 and 1 are not the same."""
ROUNDING = 1e-6
"""A cosine that far below is a product of rounded numbers."""


COLUMNS = (
    (TOP_KEPT, "top 10 kept %", 0),
    (NDCG, "nDCG@10", 1),
    (f"{NDCG}{LOSS}", "nDCG lost", 2),
    (f"{COSINE}_mean", "cosine", 3),
    (ODD_LEAST, "odd texts", 4),
    (NEAREST_KEPT, "nearest kept %", 5),
    (f"{COSINE}_min", "least", 6),
    (RANKS, "ranks", 6),
)
"""Figures of compared answers: heading, and how soon each is left out for want of width."""


def columns(runs: Sequence[Run]) -> list[Column]:
    """How far answers agree, where they were compared; what is lost too much is never left out."""
    if not any(run.figure(TOP_KEPT) for run in runs):
        return []
    lost = {target.metric for run in runs for target in not_kept(run)}
    return [
        Column(
            heading=heading,
            cell=partial(_cell, name),
            spare=0 if name in lost else spare,
            metric=name,
        )
        for name, heading, spare in COLUMNS
        if any(run.figure(name) for run in runs)
    ]


def _cell(name: str, run: Run) -> str:
    """A figure, marked where it is what is lost too much of."""
    is_lost = any(target.metric == name for target in not_kept(run))
    shown = _close_to_one(run.figure(name))
    return f"{MISSED} {shown}" if is_lost else shown


def _close_to_one(figure: Figure | None) -> str:
    """A cosine with as many digits as tell it from 1, rounded down: only what is the same is 1."""
    if figure is None or figure.estimate is None or figure.unit:
        return text(figure)
    if figure.better == "lower":
        return f"{figure.estimate.value:.{DIGITS}f}"
    scale = 10**DIGITS
    return f"{math.floor(figure.estimate.value * scale + ROUNDING) / scale:.{DIGITS}f}"


# encode() of sentence-transformers has a usual batch size of 32, and sorts texts by characters.
EMBEDDING = Account(
    figures=NAMES,
    supporting=READ,
    conclusions={NEAREST: figures.conclude},
    columns=columns,
    rules=(answers_kept.RULE, dimensions.RULE, prompts.RULE),
    call=Call(name="encode()", verb="encode", item="text", result="embedding"),
)
