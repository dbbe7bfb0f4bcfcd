"""Two profiles side by side: the functions that take more of a call, or less, than before."""

from __future__ import annotations

from collections.abc import Iterator

from embprof.interface.chart import Axis, Bars, Chart
from embprof.measurements.profile.differences import compare_profiles
from embprof.report.study import Study, labels
from embprof.units import number

SHOWN = 12


def draw(study: Study) -> Iterator[Chart]:
    """Where a study has exactly two profiles: which of more to compare is not ours to guess."""
    answers = sorted(study.of("profile"), key=lambda answer: answer.run.started)
    if len(answers) != 2:  # noqa: PLR2004
        return
    before, after = answers
    if before.folder is None or after.folder is None:
        return
    found = compare_profiles(before.folder, after.folder)
    if found is None or not found.functions:
        return
    largest = sorted(found.functions, key=lambda change: -abs(change.ms))[:SHOWN]
    shown = sorted(largest, key=lambda change: -change.ms)
    change = found.b_ms - found.a_ms
    old, new = labels(answers)
    yield Chart(
        name="profile_difference",
        title=f"A call takes {number(abs(change))} ms {'more' if change > 0 else 'less'} with "
        f"{new} than with {old}: most of it in {largest[0].name}",
        x=Axis(title="change of a function's own time in a call, in ms"),
        y=Axis(title="", names=tuple(one.name for one in shown)),
        bars=(
            Bars(
                name="change",
                rows=tuple(range(len(shown))),
                start=(0.0,) * len(shown),
                length=tuple(one.ms for one in shown),
                labels=tuple(f"{one.ms:+.3g}" for one in shown),
            ),
        ),
        note="Both are times under a profiler, of different hours; changes that sampling alone "
        "could have made are left out.",
    )
