"""Whether a backend, or a type, changes what is embedded: figures with intervals by texts."""

from collections.abc import Sequence

from embprof.interface.conclusion import Conclusion
from embprof.model import Slice
from embprof.parity.figures import figures
from embprof.parity.names import NEAREST


def conclude(measured: Sequence[Slice]) -> Conclusion:
    """How far answers agree with the reference's."""
    one = next(piece for piece in measured if piece.values(NEAREST))
    return Conclusion(figures=figures({read.name: read.values for read in one.samples}))
