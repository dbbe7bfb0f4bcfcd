"""The plan of a query, and what is done where the index would not be used."""

from __future__ import annotations

from typing import Any, cast

import pytest
from psycopg import Connection

from embprof.errors import ServiceError
from embprof.workloads.vector_search.index import index, plan
from embprof.workloads.vector_search.index.index import NAME
from embprof.workloads.vector_search.index.searcher import statement

SCAN = {"Node Type": "Seq Scan"}
SORTED = {"Node Type": "Limit", "Plans": [{"Node Type": "Sort", "Plans": [SCAN]}]}
BY_INDEX = {"Node Type": "Limit", "Plans": [{"Node Type": "Index Scan", "Index Name": NAME}]}
IVFFLAT = index.index_of("ivfflat", "cosine", {"lists": 10, "probes": 1, "iterative_scan": None})
EXACT = index.index_of("exact", "cosine", {})


class Server:
    """Answers EXPLAIN with one plan, and with another once sequential scans are off."""

    def __init__(self, free: Any, forced: Any) -> None:
        self.plans = {False: free, True: forced}
        self.is_forced = False

    def execute(self, statement: str, _: Any = None) -> Server:
        self.is_forced = self.is_forced or statement == plan.FORCED
        return self

    def fetchone(self) -> Any:
        return ([{"Plan": self.plans[self.is_forced]}],)


def settle(server: Server, kind: index.Index) -> tuple[plan.Plan, plan.Plan]:
    return plan.settle(cast("Connection[Any]", server), kind, "SELECT", [])


def test_a_planner_that_would_read_the_table_is_made_to_use_the_index() -> None:
    server = Server(SORTED, BY_INDEX)
    used, chosen = settle(server, IVFFLAT)
    assert used.text == "Limit > Index Scan"
    assert chosen.text == "Limit > Sort > Seq Scan"
    assert server.is_forced


def test_an_index_that_cannot_be_used_is_an_error_that_says_so() -> None:
    with pytest.raises(ServiceError, match=r"index=ivfflat: the server does not use the index \("):
        settle(Server(SORTED, SORTED), IVFFLAT)


def test_an_exact_search_is_left_to_the_planner() -> None:
    server = Server(SORTED, BY_INDEX)
    used, chosen = settle(server, EXACT)
    assert used == chosen
    assert not server.is_forced


def test_the_query_has_its_limit_and_its_filter_in_it_and_the_vector_as_parameter() -> None:
    assert statement(EXACT, k=7, selectivity=1.0) == (
        "SELECT id, text, embedding <=> %s AS distance FROM passages ORDER BY distance LIMIT 7"
    )
    assert " WHERE category < 0.25 ORDER BY " in statement(EXACT, k=7, selectivity=0.25)
