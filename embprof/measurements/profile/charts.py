"""Stages of a call as shares of it, and what two profiles differ in, function by function."""

from collections.abc import Iterator, Mapping, Sequence

from embprof.interface.chart import Axis, Bars, Chart
from embprof.measurements.profile.differences import compare_profiles
from embprof.report.stage_shares import stage_percents
from embprof.report.study import Answer, Study, labels
from embprof.units import number

MOST_CALLS = 8
"""Profiles in a picture."""
LABELLED = 4.0
"""Percent of a call from which a stage has room for its share inside."""
SMALL = 1.0
"""Percent of a call below which a stage is one of the rest."""
SHOWN = 12
"""Functions of two profiles that are compared."""


def stages(study: Study) -> Iterator[Chart]:
    """One bar per profile."""
    shares = [
        (answer, {stage: max(0.0, share) for stage, share in found.items()})
        for answer in study.of("profile")
        if (found := stage_percents(answer.run))
    ]
    if not shares:
        return
    shown = _with_rest(shares[:MOST_CALLS])
    names = labels([answer for answer, _ in shown])
    found = shown[0][1]
    largest = max(found, key=lambda stage: found[stage])
    more = len(shares) - len(shown)
    yield Chart(
        name="stages",
        title=f"{found[largest]:.0f} % of a call is {largest} ({names[0]})",
        x=Axis(title="share of the time of a call in %"),
        y=Axis(title="", names=tuple(names)),
        bars=tuple(stage_bars([call for _, call in shown], 100.0)),
        note="Of calls with timed stages; what timing adds is in the table."
        + f" {more} more profiles are in the table." * (more > 0),
    )


def difference(study: Study) -> Iterator[Chart]:
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


def stage_bars(calls: Sequence[Mapping[str, float]], whole: float) -> Iterator[Bars]:
    """The stages of each call end to end in a row of its own, their shares of the whole inside."""
    before = [0.0] * len(calls)
    for stage in dict.fromkeys(stage for call in calls for stage in call):
        lengths = [call.get(stage, 0.0) for call in calls]
        shares = [100 * length / whole for length in lengths]
        yield Bars(
            name=stage,
            rows=tuple(range(len(calls))),
            start=tuple(before),
            length=tuple(lengths),
            labels=tuple(f"{share:.0f} %" if share >= LABELLED else "" for share in shares),
        )
        before = [start + length for start, length in zip(before, lengths, strict=True)]


def _with_rest(
    shares: Sequence[tuple[Answer, dict[str, float]]],
) -> list[tuple[Answer, dict[str, float]]]:
    """The stages that are small in every profile as one, at the end."""
    large = {stage for _, found in shares for stage, share in found.items() if share >= SMALL}
    gathered = []
    for answer, found in shares:
        kept = {stage: share for stage, share in found.items() if stage in large}
        rest = sum(share for stage, share in found.items() if stage not in large)
        gathered.append((answer, {**kept, **({"the rest": rest} if rest else {})}))
    return gathered
