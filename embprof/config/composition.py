"""What a request was composed to: its jobs, and the problems met on the way."""

from dataclasses import dataclass, field
from typing import Any

from hydra.core.config_loader import ConfigLoader
from omegaconf import DictConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposedJob:
    """One point of a sweep: its overrides and its configuration, references not yet resolved.

    ``hydra`` has Hydra's own settings, as it composed them for all jobs with the same choices.
    ``left_out``: keys that were given values which a problem was told of; they are not missing.
    """

    overrides: tuple[str, ...]
    config: dict[str, Any]
    hydra: DictConfig
    left_out: frozenset[str] = frozenset()


@dataclass(slots=True, kw_only=True)
class Composition:
    """Every job of a request in Hydra's order, and every problem met on the way there.

    ``overrides`` are those of the request, but for Hydra's own.
    """

    multirun: bool
    loader: ConfigLoader
    overrides: tuple[str, ...] = ()
    jobs: list[ComposedJob] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
