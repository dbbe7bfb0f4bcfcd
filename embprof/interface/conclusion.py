"""What a rule found in the readings of a job."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from embprof.model import Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """One more worker that looks closer at what was found: its ``measurement`` as in YAML.

    It makes ``iterations`` calls. Its files and what it describes are kept, its readings are not.
    """

    phase: str
    measurement: Mapping[str, Any]
    iterations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """Figures that are added to those of a run, its ``outcomes``, and what to look closer at."""

    figures: tuple[Figure, ...] = ()
    outcomes: Mapping[str, str] = field(default_factory=dict)
    follow_up: FollowUp | None = None
