"""A call as one bar, its stages end to end."""

from collections.abc import Sequence

from embprof.config import subject
from embprof.interface.chart import Axis, Chart
from embprof.interface.readings import values
from embprof.measurements.profile.charts import stage_bars
from embprof.model import Run, Slice
from embprof.report.charts.svg import svg
from embprof.report.stage_shares import STAGE, stage_quantities
from embprof.units import number


def draw(run: Run, slices: Sequence[Slice]) -> str:
    """The SVG: milliseconds of a call by stage, with the largest in the title; empty without."""
    times = mean_times(slices)
    total = sum(times.values())
    if not total:
        return ""
    largest = max(times, key=lambda name: times[name])
    setting = f"{subject.setting(run.config, 'batch_size')}, {run.config['device']}"
    call = {f"{name} {number(time)} ms": time for name, time in times.items()}
    return svg(
        Chart(
            name="stages",
            title=f"{100 * times[largest] / total:.0f} % of a call is {largest} "
            f"({setting}, {number(total)} ms)",
            x=Axis(title="time of a call in ms, stages timed"),
            y=Axis(title="", names=("call",)),
            bars=tuple(stage_bars([call], total)),
        )
    )


def mean_times(slices: Sequence[Slice]) -> dict[str, float]:
    """Milliseconds of each stage in a call, in the order of a call; warm-up is left out."""
    measured = [piece for piece in slices if not piece.warmup]
    found = {name: values(measured, name) for name in stage_quantities(measured)}
    return {
        name.removeprefix(STAGE): max(0.0, sum(read) / len(read)) for name, read in found.items()
    }
