"""What ``vector_search`` tells of itself."""

from embprof.interface.account import Account
from embprof.workloads.vector_search import charts, figures
from embprof.workloads.vector_search.findings import (
    cheapest_index,
    index_left_aside,
    low_recall,
    recall_front,
)

SERVER = (
    "It is the database's time: fewer candidates as far as recall allows, or another index "
    "(experiment=vector_search_hnsw)."
)

VECTOR_SEARCH = Account(
    figures=figures.FIGURES,
    stage_advice=lambda _, stage: SERVER if stage == "server" else None,
    supporting=frozenset(figures.READ),
    conclusions={figures.AT_1: figures.conclude},
    rules=(cheapest_index.RULE, index_left_aside.RULE, low_recall.RULE, recall_front.RULE),
    charts=(charts.draw,),
)
