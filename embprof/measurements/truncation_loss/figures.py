"""What cutting texts costs: figures with intervals by texts, of one pass over them.

Other passes and restarts embed the same texts, so they are no further evidence and are left out.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Literal

from embprof.interface.conclusion import Conclusion
from embprof.model import Estimate, Figure, Slice
from embprof.statistics import independent
from embprof.statistics.percentiles import percentile, smallest_sample

COSINE = "cosine_to_full"
READ = (
    COSINE,
    "neighbour_changed",
    "neighbour_changed_mixed",
    "top10_kept",
    "text_tokens",
    "kept_tokens",
    "pass_time",
)
"""Everything that is read; the figures are made here alone."""
UNITS = "texts"
LOW = 0.05


def conclude(measured: Sequence[Slice]) -> Conclusion:
    """Cosine, neighbours and tokens over the texts."""
    one = next(piece for piece in measured if piece.values(COSINE))
    cosines = one.values(COSINE)
    tokens, kept = one.values("text_tokens"), one.values("kept_tokens")
    cut = [after < before for before, after in zip(tokens, kept, strict=True)]
    low = percentile(cosines, LOW, correlated=False)
    return Conclusion(
        figures=(
            _figure(COSINE, "higher", independent.mean(cosines, units=UNITS), most=1.0),
            Figure(
                name=f"{COSINE}_p05",
                better="higher",
                estimate=low,
                note=None if low else f"n/a (n<{smallest_sample(LOW)})",
            ),
            _share("neighbour_changed", "lower", one.values("neighbour_changed")),
            _share("neighbour_changed_mixed", "lower", one.values("neighbour_changed_mixed")),
            _percent(
                "top10_kept", "higher", independent.mean(one.values("top10_kept"), units=UNITS)
            ),
            _share("texts_cut", "lower", cut),
            _percent("tokens_kept", "higher", independent.ratio(kept, tokens, units=UNITS)),
        )
    )


def _share(name: str, better: Literal["lower", "higher"], hits: Sequence[float]) -> Figure:
    return _percent(name, better, independent.share(sum(map(bool, hits)), len(hits), units=UNITS))


def _percent(name: str, better: Literal["lower", "higher"], estimate: Estimate) -> Figure:
    low, high = estimate.low, estimate.high
    percents = dataclasses.replace(
        estimate,
        value=100 * estimate.value,
        low=None if low is None else 100 * low,
        high=None if high is None else 100 * high,
    )
    return _figure(f"{name}_percent", better, percents, most=100.0)


def _figure(
    name: str, better: Literal["lower", "higher"], estimate: Estimate, *, most: float
) -> Figure:
    """An interval made from a spread may reach beyond what is possible, and is cut there."""
    high = None if estimate.high is None else min(most, estimate.high)
    return Figure(name=name, better=better, estimate=dataclasses.replace(estimate, high=high))
