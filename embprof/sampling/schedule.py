"""How much a restart is to measure: warm-up, slices, and when to stop."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from embprof.config.times import duration, max_seconds, more_seconds


class Stop(StrEnum):
    """Why a restart stopped measuring."""

    ITERATIONS = "iterations"
    PRECISE = "precise"
    MAX_SECONDS = "max_seconds"
    DECIDED = "decided"
    """How its row stands beside the others of its race is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The protocol for one restart; seconds throughout, ``precision`` a share of the value.

    Without ``precision`` measuring never ends for being precise enough. Up to ``more_seconds`` it
    may go on beyond its iterations for what a target or a limit needs.
    """

    iterations: int | None
    precision: float | None
    max_seconds: float
    more_seconds: float
    slice_seconds: float
    warmup_iterations: int
    warmup_seconds: float
    warmup_max_seconds: float

    @classmethod
    def of(cls, config: Mapping[str, Any], restart: int = 0) -> Schedule:
        """One restart's share of what the configuration asks of them all.

        Restarts divide the time. Each may be less precise than their mean is to be, by √restarts.
        A measurement with a ``duration`` goes on for so long, whatever else would end it.
        """
        restarts, iterations = config["restarts"], config["iterations"]
        precision: float | None = config["precision"] * math.sqrt(restarts)
        if duration(config) is not None:
            iterations = precision = None
        if iterations is not None and config["doubling"]:
            iterations *= 2**restart
        return cls(
            iterations=iterations,
            precision=precision,
            max_seconds=max_seconds(config) / restarts,
            more_seconds=more_seconds(config) / restarts,
            slice_seconds=config["slice_seconds"],
            warmup_iterations=config["warmup"]["iterations"],
            warmup_seconds=config["warmup"]["seconds"],
            warmup_max_seconds=config["warmup"]["max_seconds"],
        )

    @property
    def has_warmup(self) -> bool:
        """Whether anything is run before measuring."""
        return self.warmup_iterations > 0 or self.warmup_seconds > 0
