"""The account of ``truncation_loss``."""

from embprof.interface.account import Account
from embprof.measurements.findings import truncation
from embprof.measurements.truncation_loss import columns, figures

TRUNCATION_LOSS = Account(
    figures=figures.FIGURES,
    supporting=frozenset(figures.READ),
    conclusions={figures.COSINE: figures.conclude},
    columns=columns.columns,
    has_room=False,
    rules=(truncation.RULE,),
    is_timed=False,
    has_own_protocol=True,
)
