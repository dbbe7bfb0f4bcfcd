"""Runs that others disturbed, and intervals wider than was asked: then measure again."""

import math
from collections.abc import Iterator, Sequence

from embprof.config import override
from embprof.interface.finding import Effort, Finding, Level
from embprof.machine.validity import MARKS
from embprof.report import phrases
from embprof.report.change import NOISY, is_disturbed, marks
from embprof.report.check_command import RESTARTS, command
from embprof.report.rule_findings import advice, gap
from embprof.report.study import Answer, Study
from embprof.units import counted, percent

LONGER = 60
"""Seconds of measuring where the usual 20 were not enough."""


def find(study: Study) -> Iterator[Finding]:
    """One finding on disturbances, one on wide intervals; of runs whose figures are times."""
    timed = [one for one in study.answers if one.account.is_timed]
    disturbed = [one for one in timed if is_disturbed(one)]
    if disturbed:
        yield _disturbed(timed, disturbed)
    # Rows of a race are measured until they are told apart, not until their own figure is precise.
    alone = [one for one in timed if not _is_ranked(one)]
    wide = [one for one in alone if (_width(one) or 0.0) > _precision_asked(one)]
    unbounded = [
        one
        for one in study.plain
        if _width(one) is None and one.run.figures and not _is_ranked(one)
    ]
    if wide or unbounded:
        yield _wide(timed, wide, unbounded)


def _disturbed(timed: Sequence[Answer], disturbed: Sequence[Answer]) -> Finding:
    # What others do meets the rows of a race alike: their ratios stand, their figures may not.
    alone = [one for one in disturbed if not _is_ranked(one)]
    share = len(alone) / len(timed)
    ratios = "" if len(alone) == len(disturbed) else "; ratios of rows in the same rounds are not"
    seen = [mark for mark in MARKS if any(mark in marks(one) for one in disturbed)]
    meanings = {mark: MARKS[mark].partition(":")[0] for mark in seen if mark in NOISY}
    return advice(
        f"{len(disturbed)} of {counted(len(timed), 'run')} "
        f"{'was' if len(disturbed) == 1 else 'were'} disturbed ({', '.join(meanings.values())}): "
        f"their figures may be far off{ratios}",
        [f"{mark} {MARKS[mark]}: {_details(disturbed, mark)}" for mark in meanings],
        disturbed,
        advice="Measure again on a quiet machine, in several processes; embprof doctor tells what "
        "this one can be trusted with.",
        effort=Effort.QUICK,
        priority=Level.HIGH if share >= 0.5 else Level.MEDIUM,  # noqa: PLR2004
        risk="What is advised here allows for this noise as far as it is known; a busy machine has "
        "no bound.",
        check=_again(disturbed, {"restarts": RESTARTS}),
    )


def _is_ranked(answer: Answer) -> bool:
    """Whether it was compared with others in the same rounds."""
    standing = answer.standing
    return standing is not None and standing.rank is not None


def _wide(timed: Sequence[Answer], wide: Sequence[Answer], unbounded: Sequence[Answer]) -> Finding:
    primary = [one for one in (*wide, *unbounded) if one.run.primary is not None]
    what = []
    if wide:
        what.append(f"{counted(len(wide), 'figure')} less precise than was asked")
    if unbounded:
        what.append(f"{len(unbounded)} without an interval")
    return gap(
        f"Of {counted(len(timed), 'run')}, {' and '.join(what)}: small differences "
        "between them cannot be told",
        [
            f"{one.label}: {one.run.primary.name} "
            f"{phrases.bounded(one.run.primary.estimate)}{_asked_for(one)}"
            for one in primary[: phrases.NAMED]
            if one.run.primary is not None
        ],
        primary,
        priority=Level.MEDIUM if unbounded else Level.LOW,
        check=_again([*unbounded, *wide], {"restarts": RESTARTS, "max_seconds": LONGER}),
    )


def _again(answers: Sequence[Answer], changes: dict[str, object]) -> str:
    """One of the newest of these runs again, and those that differ from it in one key alone."""
    answers = sorted(answers, key=lambda one: one.run.sweep_id, reverse=True)
    first = answers[0]
    of_first = _values(first)
    swept: dict[str, list[str]] = {}
    for answer in answers[1:]:
        values = _values(answer)
        if answer.measurement == first.measurement and values.keys() == of_first.keys():
            differing = [key for key in values if values[key] != of_first[key]]
            if len(differing) == 1 and differing[0] not in changes:
                seen = swept.setdefault(differing[0], [of_first[differing[0]]])
                if values[differing[0]] not in seen:
                    seen.append(values[differing[0]])
    if first.account.has_own_protocol:  # the others have a protocol of their own
        changes = {}
    in_order = {key: sorted(values, key=_size) for key, values in swept.items()}
    return command(first, {**in_order, **changes})


def _values(answer: Answer) -> dict[str, str]:
    """What was typed for each key; the key with its sign, which a command needs again."""
    return {one.signed_key: one.text for one in map(override.parse, answer.run.overrides)}


def _size(written: str) -> tuple[float, str]:
    return (float(written), "") if written.isdecimal() else (float("inf"), written)


def _details(disturbed: Sequence[Answer], mark: str) -> str:
    stamps = ((answer.label, stamp) for answer in disturbed for stamp in answer.run.stamps)
    return phrases.join([f"{label} {one.detail}" for label, one in stamps if one.mark == mark])


def _width(answer: Answer) -> float | None:
    primary = answer.run.primary
    return primary.estimate.half_width if primary is not None and primary.estimate else None


def _asked_for(answer: Answer) -> str:
    """``, asked for ± 2.0 %``; nothing where a number of calls was asked for."""
    precision = _precision_asked(answer)
    return f", asked for ± {percent(precision)}" if math.isfinite(precision) else ""


def _precision_asked(answer: Answer) -> float:
    """The precision that was asked for; only a throughput is measured until it is precise."""
    config = answer.run.config
    if config.get("iterations") is not None or answer.account.has_own_protocol:
        return float("inf")
    return float(config.get("precision") or 0.02)
