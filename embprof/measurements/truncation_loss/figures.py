"""What cutting texts costs: figures with intervals by texts, of one pass over them.

Other passes and restarts embed the same texts, so they are no further evidence and are left out.
"""

from collections.abc import Sequence
from dataclasses import replace

from embprof.interface.conclusion import Conclusion
from embprof.interface.figure import Better, figure
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
"""All quantities that are read; the figures are made here alone."""
SHARES = ("neighbour_changed", "neighbour_changed_mixed", "top10_kept", "texts_cut", "tokens_kept")
FIGURES = frozenset({COSINE, f"{COSINE}_p05", *(f"{name}_percent" for name in SHARES)})
"""The names of all figures."""
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
            figure(
                COSINE, "", _at_most(1.0, independent.mean(cosines, units=UNITS)), better="higher"
            ),
            figure(
                f"{COSINE}_p05",
                "",
                low,
                better="higher",
                note=None if low else f"n/a ({smallest_sample(LOW)} texts needed)",
            ),
            _share("neighbour_changed", one.values("neighbour_changed")),
            _share("neighbour_changed_mixed", one.values("neighbour_changed_mixed")),
            _percent(
                "top10_kept", independent.mean(one.values("top10_kept"), units=UNITS), "higher"
            ),
            _share("texts_cut", cut),
            _percent("tokens_kept", independent.ratio(kept, tokens, units=UNITS), "higher"),
        )
    )


def _share(name: str, hits: Sequence[float]) -> Figure:
    return _percent(name, independent.share(sum(map(bool, hits)), len(hits), units=UNITS))


def _percent(name: str, share: Estimate, better: Better = "lower") -> Figure:
    percents = _at_most(100.0, share.scaled(100))
    return figure(f"{name}_percent", "%", percents, better=better)


def _at_most(most: float, estimate: Estimate) -> Estimate:
    """An interval made from a spread may reach beyond what is possible, and is cut there."""
    high = None if estimate.high is None else min(most, estimate.high)
    return replace(estimate, high=high)
