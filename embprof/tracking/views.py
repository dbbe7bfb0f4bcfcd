"""Views of the runs that MLflow's page offers in its list *Views*: columns and charts made ready.

By itself MLflow shows of a new experiment the sweeps and no figure, and charts in alphabetical
order. A view is a tag of the experiment, as MLflow 3.17 writes it when a view is saved in its page
(``mlflow.sharedViewState.ID``: name, times, and the state of the page as JSON in JSON). That form
is MLflow's own and not documented: a version that does not know it has no such views, and is
otherwise as it was.

What a view shows follows from the runs that were logged: their first figures, what was swept, what
they read over time. It is written again when a run brings something new, unless somebody changed
or deleted it: then it is theirs, and stays as it is.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter

from embprof.interface.subjects import measurement_of
from embprof.model import Run
from embprof.tracking.entries import SWEEP, params
from embprof.tracking.series import Course
from embprof.tracking.view_state import View, against, as_param, bar, line, saved

PREFIX = "mlflow.sharedViewState."
OFFERED = "embprof.views"
"""Tag of the experiment: what was offered, as JSON; ``1`` by the first version."""
JOBS = "embprof-jobs"
LAST = "embprof-last"
IN_CHARTS = "viewStateShareKey={}&compareRunsMode=CHART"
"""What follows the address of an experiment's runs to open a view."""
JOB = "tags.`embprof.kind` = 'job'"
FIRST_VERSION = {
    JOBS: "e545b77b60651bd6c1bf3b9701e85a27764c68458cab8b38721913cbb529bb57",
    "embprof-memory": "1bf493d39f5622279045eabcb0537be6cb9f477c4a0b5e55ccf0fa1cbf6a6b72",
}
"""SHA-256 of the two views that the first version wrote, which listed what they show by hand."""
BEFORE_TAGS = 3
"""Figures that stand before the verdict."""
OTHERS = 4
"""Figures of a run that are shown beside its first, at most: the first in each further unit."""
FIGURES, PLOTS, LINES, WORDS = 16, 12, 8, 6
"""At most so many in a view: its tag is limited, and nobody reads more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What the views have to show, in the order in which runs brought it.

    ``firsts``: first figures, ``others``: figures beside them; ``plots``: a swept param and the
    first figure against it; ``words``: outcomes; ``courses``: by the class path of a measurement
    the series that it reads over time.
    """

    firsts: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    plots: tuple[tuple[str, str], ...] = ()
    words: tuple[str, ...] = ()
    courses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __or__(self, more: Contents) -> Contents:
        """Both."""
        targets = dict.fromkeys([*self.courses, *more.courses])
        return Contents(
            firsts=_each_once(self.firsts, more.firsts),
            others=_each_once(self.others, more.others),
            plots=_each_once(self.plots, more.plots),
            words=_each_once(self.words, more.words),
            courses={
                target: _each_once(self.courses.get(target, ()), more.courses.get(target, ()))
                for target in targets
            },
        )

    def shortened(self) -> Contents:
        """What one view has room for."""
        return dataclasses.replace(
            self,
            firsts=self.firsts[:FIGURES],
            others=self.others[:FIGURES],
            plots=self.plots[:PLOTS],
            words=self.words[:WORDS],
            courses={},
        )

    @property
    def figures(self) -> tuple[str, ...]:
        """Those that have a column and a chart, first figures first."""
        return _each_once(self.firsts, self.others)[:FIGURES]


RACE = Contents(others=("best_ratio",), words=("rank",))
"""What a run has to show that was measured in rounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What an experiment was given: its contents, and SHA-256 of each view as it was written.

    ``latest``: what the runs of the last ``sweep`` brought.
    """

    contents: Contents = field(default_factory=Contents)
    sweep: str = ""
    latest: Contents = field(default_factory=Contents)
    written: Mapping[str, str] = field(default_factory=dict)

    def with_more(self, contents: Contents, sweep: str) -> Offered:
        """What it would be given with a run of that sweep."""
        latest = (self.latest if sweep == self.sweep else Contents()) | contents
        return dataclasses.replace(
            self, contents=self.contents | contents, sweep=sweep, latest=latest.shortened()
        )


def contents_of(run: Run, course: Course, axes: Sequence[str]) -> Contents:
    """What a run has to show; ``axes`` are the keys that its sweep varied."""
    known = [figure for figure in run.figures if figure.estimate is not None]
    in_units = {figure.unit: figure.name for figure in reversed(known) if figure.unit}
    first = known[0].name if known else None
    others = (figure.name for figure in known[1:] if in_units.get(figure.unit) == figure.name)
    given = params(run) if axes else {}
    numeric = [axis for axis in axes if type(given.get(axis)) in (int, float)]
    series = _each_once(point.name for point in course.points)
    return Contents(
        firsts=() if first is None else (first,),
        others=tuple(others)[:OTHERS],
        plots=() if first is None else tuple((axis, first) for axis in numeric),
        words=tuple(run.outcomes),
        courses={measurement_of(run.config).target: series} if series else {},
    )


def offered(tags: Mapping[str, str]) -> Offered | None:
    """What an experiment with these tags was given; None where it was given nothing yet."""
    text = tags.get(OFFERED)
    if text is None:
        return None
    if not text.startswith("{"):
        return Offered(written=FIRST_VERSION)
    return TypeAdapter(Offered).validate_json(text)


def offer(tags: Mapping[str, str], contents: Contents, sweep: str) -> dict[str, str]:
    """The tags to set so that an experiment with ``tags`` offers what a run of a sweep brought too.

    A view that is not as it was written, or not there any more, is somebody's own by now.
    """
    now = (offered(tags) or Offered()).with_more(contents, sweep)
    written = dict(now.written)
    made = {}
    for key, view in _views(now):
        known, tag = written.get(key), PREFIX + key
        if known is None or _digest(tags.get(tag, "")) == known:
            made[tag] = saved(view)
            written[key] = _digest(made[tag])
    content = dataclasses.asdict(dataclasses.replace(now, written=written))
    return {**made, OFFERED: json.dumps(content, separators=(",", ":"))}


def _views(now: Offered) -> Iterator[tuple[str, View]]:
    """By its key: the last sweep, all jobs, what measurements read over time."""
    yield LAST, _last_sweep(now.sweep, now.latest)
    yield JOBS, _jobs(now.contents)
    for target, series in now.contents.courses.items():
        name = measurement_of({"measurement": {"_target_": target}}).name
        yield f"embprof-{name}", _over_time(name.rpartition(".")[2], target, series, now.contents)


def _last_sweep(sweep: str, contents: Contents) -> View:
    """One question, so one chart for each first figure: against what was swept, else as bars."""
    swept = [against(param, figure) for param, figure in contents.plots]
    plotted = {figure for _, figure in contents.plots}
    bars = [bar(figure) for figure in contents.figures if figure not in plotted]
    bounds = [f"{figure}_{end}" for figure in contents.firsts for end in ("low", "high")]
    figures = _each_once(contents.firsts, bounds, contents.others)[:FIGURES]
    return View(
        name="embprof: the last sweep",
        filter=f"{JOB} and {as_param(SWEEP)} = '{sweep}'",
        columns=_columns(figures, ("verdict", "stamps", *contents.words)),
        charts=[*swept, *bars, bar("baseline_ratio")],
    )


def _jobs(contents: Contents) -> View:
    charts: list[Mapping[str, Any]] = []
    for figure in contents.figures:
        swept = (param for param, metric in contents.plots[:PLOTS] if metric == figure)
        charts += [bar(figure), *(against(param, figure) for param in swept)]
    marks = ("verdict", "baseline", "stamps", *contents.words[:WORDS])
    return View(
        name="embprof: jobs",
        filter=JOB,
        columns=_columns(contents.figures, marks),
        charts=[*charts, bar("baseline_ratio")],
    )


def _over_time(name: str, target: str, series: Sequence[str], contents: Contents) -> View:
    marks = ("stamps", "alerts", *contents.words[:WORDS])
    return View(
        name=f"embprof: {name} over time",
        filter=f"{JOB} and {as_param('measurement._target_')} = '{target}'",
        columns=_columns(contents.figures, marks),
        charts=[*map(line, series[:LINES]), *map(bar, contents.figures)],
    )


def _columns(figures: Sequence[str], marks: Sequence[str]) -> list[str]:
    """The first figures, what is said of the runs, the other figures: MLflow's page is narrow."""
    metrics = [f"metrics.`{figure}`" for figure in figures]
    tags = [f"tags.`embprof.{name}`" for name in marks]
    return [*metrics[:BEFORE_TAGS], *tags, *metrics[BEFORE_TAGS:]]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _each_once(*every: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(one for some in every for one in some))
