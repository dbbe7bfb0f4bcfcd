"""How many tokens a network can take, as far as its configuration tells.

A network that learnt a vector for each position has no vector for the next, and ends with an index
that is out of range. One that computes positions (rotary, sinusoidal as it goes), or that knows
distances alone (relative, ALiBi), reads on beyond what it was trained on.
"""

from collections.abc import Iterator, Mapping
from typing import Any

COUNT_FROM_PADDING = frozenset(
    {
        *("altclip", "bridgetower", "camembert", "clap", "data2vec-text", "esm", "ibert"),
        *("layoutlmv3", "lilt", "longformer", "luke", "markuplm", "mpnet", "roberta"),
        *("roberta-prelayernorm", "xlm-roberta", "xlm-roberta-xl", "xmod"),
    }
)
"""Types of models that give their first token the position behind that of padding, so that those
before it are lost. Source: ``create_position_ids_from_input_ids`` in transformers/models."""
RELATIVE = frozenset(
    {"bloom", "longt5", "mpt", "mt5", "switch_transformers", "t5", "umt5", "xlnet"}
)
"""Types of models that know distances alone. Source: transformers/models."""
MAYBE_RELATIVE = frozenset({"deberta", "deberta-v2"})
"""Types that have a vector for each position only if ``position_biased_input``, true by default."""
COMPUTED = ("rope", "rotary")
"""What is in the name of a key of models that compute positions: ``rope_theta``."""
COMPUTED_TYPES = frozenset({"modernbert", "nomic_bert", "eurobert"})
"""Such models whose configuration may leave these keys out."""
LONGEST = ("max_position_embeddings", "n_positions", "max_source_positions")
"""Keys for the number of positions: BERT's, GPT-2's, Whisper's kin."""


def problems(config: Mapping[str, Any], truncation: int | None) -> Iterator[str]:
    """A truncation that the network cannot take."""
    longest = most(config)
    if truncation is not None and longest is not None and truncation > longest:
        yield f"truncation={truncation}: the model takes at most {longest} tokens"


def most(config: Mapping[str, Any]) -> int | None:
    """Tokens that have a vector of their own; None where nothing bounds them, or nobody knows."""
    longest = _longest(config)
    if longest is None or not _is_learnt(config):
        return None
    if config.get("model_type") in COUNT_FROM_PADDING:
        padding = config.get("pad_token_id", 1)
        return longest - (padding if isinstance(padding, int) else 1) - 1
    return longest


def _longest(config: Mapping[str, Any]) -> int | None:
    within = config.get("text_config")  # of a model of images and texts
    places = [config, within] if isinstance(within, Mapping) else [config]
    found = (place[key] for place in places for key in LONGEST if isinstance(place.get(key), int))
    return next(found, None)


def _is_learnt(config: Mapping[str, Any]) -> bool:
    kind = config.get("model_type")
    if kind in RELATIVE | COMPUTED_TYPES or config.get("alibi"):
        return False
    if kind in MAYBE_RELATIVE and not config.get("position_biased_input", True):
        return False
    if (how := config.get("position_embedding_type")) is not None:
        return how not in ("alibi", "rotary", "rope")
    return not any(word in key and config[key] for key in config for word in COMPUTED)
