"""What ``nli`` tells of itself."""

from embprof.interface.account import Account, Call
from embprof.workloads.nli import figures
from embprof.workloads.nli.findings import agreement, pair_order, pairs_cut, predictions

# predict() of sentence-transformers has a usual batch size of 32, and sorts pairs by characters.
NLI = Account(
    figures=figures.FIGURES,
    supporting=frozenset(figures.READ),
    conclusions={figures.QUANTITY: figures.conclude},
    call=Call(name="predict()", verb="judge", item="pair", result="prediction"),
    quality=predictions.quality,
    rules=(agreement.RULE, pair_order.RULE, pairs_cut.RULE),
)
