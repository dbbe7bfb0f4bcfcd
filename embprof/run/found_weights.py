"""Tells processes where the weights of a sweep's models are, so that none searches for them again.

They were found and hashed once, when the sweep was planned; a search of its own might go to the
network, and find others.
"""

from collections.abc import Mapping
from typing import Any

from embprof.config.inputs import model_id
from embprof.interface import nested
from embprof.interface.network import Model
from embprof.models.weights import Weights


def with_weights(workload: Mapping[str, Any], found: Mapping[str, Weights]) -> dict[str, Any]:
    """The workload's configuration with the folder of each model; ``found``: by the model's id."""

    def told(model: Mapping[str, Any]) -> Mapping[str, Any]:
        weights = found.get(model_id(model))
        if weights is None or weights.folder is None:
            return model
        known = {"path": weights.folder, "sha256": weights.sha256}
        return Model(**model).model_copy(update=known).model_dump()

    return nested.replaced(workload, nested.MODEL, told)
