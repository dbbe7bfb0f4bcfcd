"""How much of the truth a search finds: figures with intervals by queries, of one restart.

Other restarts ask the same queries of the same index, so they are no further evidence. The interval
is that of other queries: another index made in the same way differs too, by less than can be seen
in one.
"""

from collections.abc import Sequence

from embprof.interface.conclusion import Conclusion
from embprof.interface.figure import figure
from embprof.model import Slice
from embprof.statistics.shares import mean_share

AT_1, AT_10, AT_K = "recall_at_1", "recall_at_10", "recall_at_k"
READ = (AT_1, AT_10, AT_K)
"""Everything that is read; the figures are made here alone."""
FIGURES = frozenset({*READ, "build_time_s", "rebuild_time_s", "index_size_mb"})
"""The names of all figures."""
UNITS = "queries"


def conclude(measured: Sequence[Slice]) -> Conclusion:
    """The mean recall over queries."""
    one = next(piece for piece in measured if piece.values(AT_1))
    figures = []
    for samples in one.samples:
        if samples.name in READ:
            # Each reading is the share of so many neighbours.
            estimate = mean_share(samples.values, samples.items[0], units=UNITS)
            figures.append(figure(samples.name, "", estimate, better="higher"))
    return Conclusion(figures=tuple(figures))
