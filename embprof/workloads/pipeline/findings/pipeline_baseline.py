"""Each stage of a pipeline against the same stage of an earlier sweep that asked the same.

A report of a baseline and a newer sweep (``embprof report main last``) has both. Two stored runs
hold the noise of their sessions, which is more than the 5 % that a stage is asked to stay within;
so this mostly says what cannot be told, and what can tell it.
"""

from collections.abc import Iterator, Sequence

from embprof.interface.account import Rule
from embprof.interface.finding import Finding, Kind, Level
from embprof.report import phrases
from embprof.report.change import Change, change
from embprof.report.stage_shares import STAGE, stage_percents
from embprof.report.study import Answer, Study
from embprof.units import percent, signed

NAME = "pipeline_baseline"
BOUND = 0.05
"""Worsening of a stage that is to be told of. Source: what is asked of such a pipeline."""
COMPARE = "embprof compare main last --figure {}"
PARTS = {"embed": "embedding", "search": "vector_search", "nli": "nli"}
"""The workload that is a stage by itself."""


def find(study: Study) -> Iterator[Finding]:
    """A finding for each question that was answered by several sweeps."""
    asked: dict[tuple[str, str], list[Answer]] = {}
    for answer in sorted(study.of("throughput"), key=lambda one: one.run.started):
        if stage_percents(answer.run):
            asked.setdefault((answer.run.key, answer.run.environment), []).append(answer)
    for answers in asked.values():
        if answers[0].run.sweep_id != answers[-1].run.sweep_id:
            yield from _comparison(answers[0], answers[-1])


def _comparison(before: Answer, after: Answer) -> Iterator[Finding]:
    names = list(stage_percents(after.run))
    changes = {
        stage: found
        for stage in names
        if (found := change(before, after, f"{STAGE}{stage}_ms", comparisons=len(names)))
    }
    if not changes:
        return
    worse = [stage for stage, found in changes.items() if _is_beyond(found)]
    open_ = [stage for stage, found in changes.items() if not _is_within(found)]
    runs = (before.run.run_id, after.run.run_id)
    evidence = tuple(_line(stage, found) for stage, found in changes.items())
    notes = tuple(dict.fromkeys(note for found in changes.values() for note in found.notes))
    pair = f"{before.run.run_id} to {after.run.run_id}"
    if worse:
        said = ", ".join(f"{stage} {signed(changes[stage].ratio.value - 1)}" for stage in worse)
        yield Finding(
            rule=NAME,
            kind=Kind.FACT,
            title=f"Slower by more than {percent(BOUND)} since the sweep before: {said} ({pair})",
            evidence=(*evidence, *notes),
            runs=runs,
            priority=Level.HIGH,
        )
    elif open_:
        yield Finding(
            rule=NAME,
            kind=Kind.GAP,
            title=f"Whether {phrases.join(open_, 'or')} stayed within {percent(BOUND)} cannot be "
            f"told from stored runs ({pair})",
            evidence=(*evidence, *_ways(open_), *notes),
            runs=runs,
            priority=Level.LOW,
        )
    else:
        yield Finding(
            rule=NAME,
            kind=Kind.FACT,
            title=f"Every stage stayed within {percent(BOUND)} of the sweep before ({pair})",
            evidence=(*evidence, *notes),
            runs=runs,
        )


def _is_beyond(found: Change) -> bool:
    return found.ratio.low is not None and found.ratio.low > 1 + BOUND


def _is_within(found: Change) -> bool:
    return found.ratio.high is not None and found.ratio.high <= 1 + BOUND


def _line(stage: str, found: Change) -> str:
    values = [answer.run.figure(found.metric) for answer in (found.before, found.after)]
    said = [phrases.bounded(one.estimate if one is not None else None, "ms") for one in values]
    bounds = "no interval"
    if found.ratio.low is not None and found.ratio.high is not None:
        bounds = f"{signed(found.ratio.low - 1)} to {signed(found.ratio.high - 1)}"
    return f"{stage}: {said[0]}, then {said[1]}: {signed(found.ratio.value - 1)} ({bounds})"


def _ways(names: Sequence[str]) -> Iterator[str]:
    """What can tell it, of the first stage; of the others likewise."""
    yield (
        f"with three sessions of the baseline, whose spread then counts: {COMPARE.format(STAGE)}"
        f"{names[0]}_ms --fail-on-regression 5%"
    )
    if (workload := next((PARTS[name] for name in names if name in PARTS), None)) is not None:
        yield (
            "of a change, both sides in turn and the part by itself: "
            f"embprof gate workload={workload} --b CHANGE --bound 5%"
        )


RULE = Rule(name=NAME, find=find)
