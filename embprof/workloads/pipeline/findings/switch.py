"""Series of two values, of which each run of the one has a run of the other beside it."""

from collections.abc import Iterator

from embprof.report import phrases
from embprof.report.change import Change, change, items_of, rate_of
from embprof.report.study import Series, Study


def switches(
    study: Study, axis: str, before: object, after: object
) -> Iterator[tuple[str, Change]]:
    """The change of each throughput from one value to the other, and both throughputs in words."""
    for series in study.series(axis):
        known = dict(zip(series.values, series.answers, strict=True))
        if known.keys() >= {before, after}:
            found = change(known[before], known[after], rate_of(known[after]))
            if found is not None:
                yield _speeds(found, series), found


def _speeds(found: Change, series: Series) -> str:
    before, after = phrases.per_second(found.before), phrases.per_second(found.after)
    return f"{after} against {before} {items_of(found.after)}/s{phrases.of(series)}"
