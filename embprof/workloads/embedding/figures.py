"""Whether a backend, or a type, changes what is embedded: figures with intervals by texts."""

from collections.abc import Sequence

import numpy as np

from embprof.interface.conclusion import Conclusion
from embprof.model import Slice
from embprof.parity import agreement
from embprof.parity.agreement import COSINE, NEAREST, RANKS, TOP, Agreement

READ = frozenset({COSINE, NEAREST, TOP, RANKS})
"""Quantities that are read of each text."""
FIGURES = frozenset(
    {
        *(f"{COSINE}_{name}" for name in ("mean", "p01", "min")),
        *(f"{name}_percent" for name in (NEAREST, TOP)),
        RANKS,
    }
)
"""The names of all figures."""


def conclude(measured: Sequence[Slice]) -> Conclusion:
    """How far answers agree with the reference's."""
    one = next(piece for piece in measured if piece.values(NEAREST))
    cosine, ranks = one.values(COSINE), one.values(RANKS)
    found = Agreement(
        cosine=np.array(cosine) if cosine else None,
        nearest=np.array(one.values(NEAREST)) / 100,
        top10=np.array(one.values(TOP)) / 100,
        ranks=np.array(ranks) if ranks else None,
    )
    return Conclusion(figures=agreement.figures(found))
