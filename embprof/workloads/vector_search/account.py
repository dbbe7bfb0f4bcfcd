"""What ``vector_search`` tells of itself."""

from __future__ import annotations

from embprof.interface.account import Account
from embprof.workloads.vector_search import charts, figures
from embprof.workloads.vector_search.findings import (
    cheapest_index,
    index_left_aside,
    low_recall,
    recall_front,
)

VECTOR_SEARCH = Account(
    supporting=frozenset(figures.READ),
    conclusions={figures.AT_1: figures.conclude},
    rules=(cheapest_index.RULE, index_left_aside.RULE, low_recall.RULE, recall_front.RULE),
    charts=(charts.draw,),
)
