"""Tables of vectors in PostgreSQL with pgvector: how they are made, indexed and asked."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hit:
    """A text that is found, and its distance: the smaller, the nearer, whatever the metric."""

    text: str
    distance: float
