"""The newest starts of a study, each as a waterfall."""

from collections.abc import Iterator
from itertools import islice

from embprof.interface.chart import Chart
from embprof.measurements.load_time.picture import waterfall
from embprof.report.study import Study, labels

MOST_STARTS = 3


def draw(study: Study) -> Iterator[Chart]:
    """One picture per start."""
    starts = study.of("load_time")
    newest = dict(zip(labels(starts), starts, strict=True))
    for place, (label, answer) in enumerate(islice(newest.items(), MOST_STARTS), 1):
        name = "load_time" if place == 1 else f"load_time_{place}"
        if (chart := waterfall(answer.run, label, name)) is not None:
            yield chart
