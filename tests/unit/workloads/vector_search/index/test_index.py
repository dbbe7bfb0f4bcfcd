"""What an index is made with and what a search of it is told, as SQL."""

import dataclasses

import numpy as np
import pytest

from embprof.workloads.vector_search.index import index
from embprof.workloads.vector_search.index.index import Distance, Index
from embprof.workloads.vector_search.index.recipe import Recipe
from embprof.workloads.vector_search.vectors.synthetic import Synthetic


def hnsw(distance: Distance = "cosine", **changes: object) -> Index:
    usual = {"m": 16, "ef_construction": 64, "ef_search": 40, "iterative_scan": None}
    return index.index_of("hnsw", distance, {**usual, **changes})


def test_the_statements_are_those_that_a_user_would_type() -> None:
    found = index.index_of(
        "ivfflat", "cosine", {"lists": 100, "probes": 10, "iterative_scan": None}
    )
    assert found.ddl == (
        "CREATE INDEX passages_embedding ON passages USING ivfflat (embedding vector_cosine_ops) "
        "WITH (lists = 100)"
    )
    assert found.settings == "SET ivfflat.probes = 10"
    assert hnsw().ddl == (
        "CREATE INDEX passages_embedding ON passages USING hnsw (embedding vector_cosine_ops) "
        "WITH (m = 16, ef_construction = 64)"
    )
    assert hnsw(iterative_scan="strict_order").settings == (
        "SET hnsw.ef_search = 40; SET hnsw.iterative_scan = strict_order"
    )


def test_exact_search_has_no_statements() -> None:
    found = index.index_of("exact", "l2", {})
    assert found.ddl is None
    assert found.settings == ""


@pytest.mark.parametrize(
    ("distance", "operator", "operators"),
    [
        ("cosine", "<=>", "vector_cosine_ops"),
        ("inner_product", "<#>", "vector_ip_ops"),
        ("l2", "<->", "vector_l2_ops"),
    ],
)
def test_a_distance_has_its_operator_and_its_index(
    distance: Distance, operator: str, operators: str
) -> None:
    found = hnsw(distance)
    assert found.operator == operator
    assert operators in (found.ddl or "")


def test_how_it_is_searched_is_no_part_of_what_is_built() -> None:
    assert hnsw(ef_search=10).ddl == hnsw(ef_search=200).ddl
    assert hnsw(m=8).ddl != hnsw(m=16).ddl


def test_categories_let_the_share_through_that_a_filter_asks_for() -> None:
    source = Synthetic(corpus_size=100, dimensions=2, spread=0.5, seed=0)
    recipe = Recipe(source=source, index=hnsw(), seed=0, service={})
    drawn = recipe.categories(10_000)
    assert (drawn < 0.1).mean() == pytest.approx(0.1, abs=0.01)
    assert np.array_equal(recipe.categories(100), drawn[:100])
    assert not np.array_equal(dataclasses.replace(recipe, seed=1).categories(100), drawn[:100])
