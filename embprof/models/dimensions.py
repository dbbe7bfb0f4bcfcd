"""How many numbers an embedding of a model has, read from its files; torch is not imported."""

import json
from collections.abc import Mapping
from pathlib import Path

from embprof.errors import EmbprofError
from embprof.interface.network import Model
from embprof.models import weights
from embprof.models.saved_model import NoModelError, modules_of

WIDTHS = ("hidden_size", "d_model", "dim", "n_embd")
"""What transformers' configurations call the width of a network."""
OUTPUTS = ("out_features", "embedding_dimension", "word_embedding_dimension")
"""What the modules of sentence-transformers call theirs, the last that has one counts."""


def of(model: Model) -> int | None:
    """Dimensions of the model's embeddings; None where nothing that is here tells.

    Its files may say that the first of them are kept alone.
    """
    try:
        _, folder = weights.locate(model, download=False)
    except EmbprofError:
        folder = None  # told where weights are looked for
    if folder is None:
        return None if model.architecture is None else model.architecture.hidden_size
    try:
        places = [module.folder for module in modules_of(folder)] or [folder]
    except NoModelError:
        return None  # told where weights are looked for
    found = next((one for place in reversed(places) if (one := _own(place)) is not None), None)
    settings = _json(folder / "config_sentence_transformers.json")
    kept = settings.get("truncate_dim") if isinstance(settings, dict) else None
    return min(found, kept) if found is not None and isinstance(kept, int) else found


def _own(place: Path) -> int | None:
    """What the module in a folder gives."""
    config = _json(place / "config.json")
    if not isinstance(config, dict):
        return None
    named = (name for name in (*OUTPUTS, *WIDTHS) if isinstance(config.get(name), int))
    name = next(named, None)
    return None if name is None else int(config[name]) * _poolings(config)


def _poolings(config: Mapping[str, object]) -> int:
    """How many a pooling puts beside each other."""
    named = config.get("pooling_mode")
    if isinstance(named, list):
        return len(named)
    return sum(value is True for key, value in config.items() if key.startswith("pooling_")) or 1


def _json(file: Path) -> object:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
