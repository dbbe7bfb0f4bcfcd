"""How many tokens a network takes, by the configurations that models are published with."""

from typing import Any

import pytest

from embprof.models import positions

LEARNT: list[tuple[dict[str, Any], int]] = [
    ({"model_type": "bert", "max_position_embeddings": 512}, 512),
    ({"model_type": "mpnet", "max_position_embeddings": 514}, 512),
    ({"model_type": "xlm-roberta", "max_position_embeddings": 8194, "pad_token_id": 1}, 8192),
    ({"model_type": "roberta", "max_position_embeddings": 130, "pad_token_id": 0}, 129),
    ({"model_type": "camembert", "max_position_embeddings": 514, "pad_token_id": 1}, 512),
    (
        {
            "model_type": "bert",
            "max_position_embeddings": 64,
            "position_embedding_type": "absolute",
        },
        64,
    ),
    ({"model_type": "deberta", "max_position_embeddings": 512}, 512),
    ({"model_type": "gpt2", "n_positions": 1024}, 1024),
    ({"model_type": "clip", "text_config": {"max_position_embeddings": 77}}, 77),
]
UNBOUNDED: list[dict[str, Any]] = [
    {"model_type": "deberta-v2", "max_position_embeddings": 512, "position_biased_input": False},
    {"model_type": "t5", "n_positions": 512},
    {"model_type": "xlnet", "max_position_embeddings": 512},
    {"model_type": "bloom", "alibi": True, "n_positions": 2048},
    {"model_type": "bert", "max_position_embeddings": 8192, "position_embedding_type": "alibi"},
    {"model_type": "modernbert", "max_position_embeddings": 8192},
    {"model_type": "mistral", "max_position_embeddings": 32768, "rope_theta": 10000.0},
    {"model_type": "new", "max_position_embeddings": 8192, "rope_parameters": {"rope_theta": 1}},
    {},
]


@pytest.mark.parametrize(("config", "longest"), LEARNT, ids=lambda value: str(value)[:40])
def test_a_network_that_learnt_its_positions_takes_no_more(
    config: dict[str, Any], longest: int
) -> None:
    assert list(positions.problems(config, None)) == []
    assert list(positions.problems(config, longest)) == []
    (problem,) = positions.problems(config, longest + 1)
    assert problem == f"truncation={longest + 1}: the model takes at most {longest} tokens"


@pytest.mark.parametrize("config", UNBOUNDED, ids=lambda value: str(value)[:40])
def test_a_network_that_computes_positions_or_knows_distances_has_no_end(
    config: dict[str, Any],
) -> None:
    assert list(positions.problems(config, 100_000)) == []
