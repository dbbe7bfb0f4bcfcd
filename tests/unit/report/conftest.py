"""Comparisons made up on the spot, for what shows them."""

from collections.abc import Callable

import pytest

from embprof.comparison.sets import Compared, compare
from embprof.model import Status, Stored, StoredRuns

MakeStored = Callable[..., Stored]
MakeCompared = Callable[..., Compared]
STEADY = (100.0, 100.5, 99.5, 100.2, 99.8, 100.1)


@pytest.fixture
def compared(stored: MakeStored) -> MakeCompared:
    """Six rows against six steady sessions: slower, faster, the same, unclear, failed, elsewhere.

    ``changes`` are made to every run of B.
    """

    def make(bound: float | None = None, figure: str | None = None, **changes: object) -> Compared:
        def session(name: str, factor: float) -> tuple[Stored, ...]:
            return tuple(
                stored(factor * 2**at, number=at, session=name, soft={"python": "3.11"})
                for at in range(6)
            )

        sessions = tuple(session(f"s{at}", value) for at, value in enumerate(STEADY))
        new = [
            stored(value * 2**at, number=at, session="new", soft={"python": "3.12"}, **changes)
            for at, value in enumerate((80.0, 125.0, 100.0, 98.5))
        ]
        failed = stored(
            number=4, session="new", figures=(), status=Status.FAILED, reason="it | <broke>"
        )
        elsewhere = stored(6400.0, number=5, session="new", hard={"cpu_model": "two", "threads": 2})
        a = StoredRuns(name="main", sessions=sessions)
        b = StoredRuns(name="new", sessions=((*new, failed, elsewhere),))
        return compare(a, b, bound=bound, figure=figure)

    return make
