"""What is wrong with a prompt, or with dimensions, that a workload asks of its model."""

from collections.abc import Iterator, Mapping
from typing import Any

from embprof.config.key_roles import LATER_KEYS
from embprof.interface import nested
from embprof.interface.network import Model
from embprof.models import dimensions, prompts
from embprof.models.saved_model import SavedModel

PROMPTS = ("prompt", "document_prompt")
"""Parameters that name a prompt of the model beside them."""
DIMENSIONS = "truncate_dim"


def problems(
    workload: Mapping[str, Any], place: nested.Place, saved: SavedModel | None
) -> Iterator[str]:
    """A prompt that the model has not, more numbers than it gives; ``place``: of the model."""
    owner, model = nested.at(workload, place[:-1]), nested.at(workload, place)
    name = str(model["name"])
    for key, asked in _asked(owner, place):
        yield from prompts.problems(asked, saved, key=key, name=name)
    if isinstance(wanted := owner.get(DIMENSIONS), int):
        own = dimensions.of(Model(**model))
        if own is not None and wanted > own:
            yield f"{DIMENSIONS}={wanted}: {name} gives {own}; null is all of them"


def notes(
    workload: Mapping[str, Any], place: nested.Place, saved: SavedModel | None
) -> Iterator[str]:
    """What is worth a second look though nothing is wrong with it."""
    owner, name = nested.at(workload, place[:-1]), str(nested.at(workload, place)["name"])
    for key, asked in _asked(owner, place):
        yield from prompts.notes(asked, saved, key=key, name=name)


def _asked(owner: Mapping[str, Any], place: nested.Place) -> Iterator[tuple[str, str]]:
    """Keys, as users type them, and prompts."""
    for parameter in PROMPTS:
        if isinstance(asked := owner.get(parameter), str):
            is_plain = parameter in LATER_KEYS
            yield parameter if is_plain else ".".join(("workload", *place[:-1], parameter)), asked
