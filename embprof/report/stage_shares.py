"""The shares of a call's stages: figures of their readings, and those of a run read back.

Whoever reads the stages of calls (``stage_forward``, in milliseconds, beside the whole call) has
these figures: a profile, and a workload that reads its stages call by call.
"""

from collections.abc import Sequence

from embprof.interface.readings import by_restart
from embprof.interface.shares import share
from embprof.model import Figure, Run, Slice

STAGE = "stage_"
"""What the name of a stage's quantity begins with."""
SHARE, OVERHEAD = "_percent", "_overhead_percent"


def stage_quantities(measured: Sequence[Slice]) -> list[str]:
    """The quantities that are stages, in the order of a call."""
    names = (samples.name for piece in measured for samples in piece.samples)
    return list(dict.fromkeys(name for name in names if name.startswith(STAGE)))


def stage_figures(measured: Sequence[Slice], whole: str) -> list[Figure]:
    """The share of each stage in the calls, whose own quantity is ``whole``."""
    calls = by_restart(measured, whole)
    return [
        share(f"{name}{SHARE}", by_restart(measured, name), calls)
        for name in stage_quantities(measured)
    ]


def stage_percents(run: Run) -> dict[str, float]:
    """The percent of a call that each stage takes, in the order of a call."""
    return {
        one.name.removeprefix(STAGE).removesuffix(SHARE): one.estimate.value
        for one in run.figures
        if one.estimate is not None
        and one.name.startswith(STAGE)
        and one.name.endswith(SHARE)
        and not one.name.endswith(OVERHEAD)
    }
