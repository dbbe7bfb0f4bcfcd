"""Each stage of a pipeline against the same stage of an earlier sweep that asked the same.

A report of a baseline and a newer sweep (``embprof report main last``) has both. Two stored runs
hold the noise of their sessions, which is more than the 5 % that a stage is asked to stay within;
so this mostly says what cannot be told, and what can tell it.
"""

from collections.abc import Iterator, Sequence

from embprof.interface.account import Rule
from embprof.interface.finding import Finding, Level
from embprof.report import phrases
from embprof.report.change import Change, change
from embprof.report.rule_findings import fact, gap
from embprof.report.stage_shares import STAGE, stage_percents
from embprof.report.study import Answer, Study
from embprof.units import percent, signed

BOUND = 0.05
"""Worsening of a stage that is to be told of. Source: what is asked of such a pipeline."""
COMPARE = "embprof compare main last --figure {}"
WORKLOADS = {"embed": "embedding", "search": "vector_search", "nli": "nli"}
"""The workload that is a stage by itself."""


def find(study: Study) -> Iterator[Finding]:
    """A finding for each question that was answered by several sweeps."""
    by_question: dict[tuple[str, str], list[Answer]] = {}
    for answer in sorted(study.of("throughput"), key=lambda one: one.run.started):
        if stage_percents(answer.run):
            by_question.setdefault((answer.run.key, answer.run.environment), []).append(answer)
    for answers in by_question.values():
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
    in_doubt = [stage for stage, found in changes.items() if not _is_within(found)]
    lines = [_line(stage, found) for stage, found in changes.items()]
    notes = dict.fromkeys(note for found in changes.values() for note in found.notes)
    runs, bound = (before, after), percent(BOUND)
    pair = f"({before.run.run_id} to {after.run.run_id})"
    if worse:
        stages = ", ".join(f"{stage} {_signed(changes[stage])}" for stage in worse)
        title = f"Slower by more than {bound} since the sweep before: {stages} {pair}"
        yield fact(title, (*lines, *notes), runs, priority=Level.HIGH)
    elif in_doubt:
        stages = phrases.join(in_doubt, "or")
        title = f"Whether {stages} stayed within {bound} cannot be told from stored runs {pair}"
        yield gap(title, (*lines, *_ways(in_doubt), *notes), runs)
    else:
        title = f"Every stage stayed within {bound} of the sweep before {pair}"
        yield fact(title, (*lines, *notes), runs)


def _is_beyond(found: Change) -> bool:
    return found.ratio.low is not None and found.ratio.low > 1 + BOUND


def _is_within(found: Change) -> bool:
    return found.ratio.high is not None and found.ratio.high <= 1 + BOUND


def _line(stage: str, found: Change) -> str:
    before, after = (phrases.bounded(one.estimate(found.metric), "ms") for one in found.answers)
    return f"{stage}: {before}, then {after}: {_signed(found)}"


def _signed(found: Change) -> str:
    """``+12 % (+8.0 % to +16 %)``."""
    bounds = "no interval"
    if (ends := found.ratio.bounds) is not None:
        bounds = f"{signed(ends[0] - 1)} to {signed(ends[1] - 1)}"
    return f"{signed(found.ratio.value - 1)} ({bounds})"


def _ways(names: Sequence[str]) -> Iterator[str]:
    """What can tell it, of the first stage; of the others likewise."""
    yield (
        f"with three sessions of the baseline, whose spread then counts: {COMPARE.format(STAGE)}"
        f"{names[0]}_ms --fail-on-regression 5%"
    )
    if (
        workload := next((WORKLOADS[name] for name in names if name in WORKLOADS), None)
    ) is not None:
        yield (
            "of a change, both sides in turn and the part by itself: "
            f"embprof gate workload={workload} --b CHANGE --bound 5%"
        )


RULE = Rule(name="pipeline_baseline", find=find)
