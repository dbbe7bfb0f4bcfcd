"""What a search finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hit:
    """A text and its distance from the query: the smaller, the nearer, whatever the metric."""

    text: str
    distance: float
