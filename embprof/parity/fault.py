"""A fault by its name: what differs between two services, and what proved it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One way in which the services differ, ``words`` saying how.

    ``evidence``: the figures behind it. ``effect``: mean of 1 - cosine on the probes that show it.
    ``is_structural``: something is done otherwise, and no more bits would mend it.
    """

    name: str
    words: str
    evidence: Mapping[str, float | int | str] = field(default_factory=dict)
    effect: float = 0.0
    is_structural: bool = True

    def as_json(self) -> dict[str, Any]:
        """All of it, JSON-ready."""
        return {
            "name": self.name,
            "words": self.words,
            "evidence": dict(self.evidence),
            "effect": self.effect,
            "is_structural": self.is_structural,
        }
