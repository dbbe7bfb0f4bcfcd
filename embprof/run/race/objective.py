"""The figure that the rows of a race are compared in, as what a call costs."""

import re
from dataclasses import dataclass

from embprof.interface.summaries import CALL_TIME
from embprof.model import Slice
from embprof.run.costs import costs, has_costs, not_costs
from embprof.statistics.trimmed_means import BANDS, Band

LATENCY = re.compile(r"latency_p(?P<percent>\d+)_ms")
HALF_WIDTH = 0.02
"""Half of the band of quantiles that a percentile is taken from, as a share of all calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """``figure``: the metric, None for the first of each run.

    ``bands``: the quantiles of costs that may count; ``is_of_calls``: whether a cost is that of a
    whole call and not of an item.
    """

    figure: str | None
    bands: tuple[Band, ...] = BANDS
    is_of_calls: bool = False

    @classmethod
    def of(cls, figure: str | None) -> "Objective":
        """The objective that a configuration names."""
        if figure is None:
            return cls(figure=None)
        found = LATENCY.fullmatch(figure)
        assert found is not None, "the plan has looked at it"
        middle = int(found["percent"]) / 100
        band = (middle - HALF_WIDTH, min(1.0, middle + HALF_WIDTH))
        return cls(figure=figure, bands=(band,), is_of_calls=True)

    def costs(self, piece: Slice) -> list[float]:
        """What each call of a slice cost; raises WorkerError for readings that are no costs."""
        return list(piece.values(CALL_TIME)) if self.is_of_calls else costs(piece)

    def problem(self, piece: Slice) -> str | None:
        """Why rows cannot be compared in what a slice read; None where they can."""
        if not self.is_of_calls:
            return None if has_costs(piece) else not_costs(piece.samples[0].name)
        calls = piece.values(CALL_TIME)
        if not calls:
            return f"no {CALL_TIME} was read: rows cannot be compared in {self.figure}"
        return None if min(calls) > 0 else not_costs(CALL_TIME)
