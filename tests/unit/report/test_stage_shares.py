"""Which figures of a run are shares of stages."""

from collections.abc import Callable

from embprof.interface.figure import plain
from embprof.model import Run
from embprof.report.stage_shares import stage_percents


def test_only_shares_of_stages_are_stages(run: Callable[..., Run]) -> None:
    values = {
        "throughput_texts_per_s": 1.0,
        "stage_forward_percent": 80.0,
        "stage_other_percent": 20.0,
        "stage_forward_ms": 5.0,
        "stage_timer_overhead_percent": 3.0,
    }
    figures = tuple(plain(name, "", value, "total") for name, value in values.items())
    assert stage_percents(run(figures=figures)) == {"forward": 80.0, "other": 20.0}
