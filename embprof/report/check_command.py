"""The command that would show what a finding says, ready to be pasted."""

import math
import shlex
from collections.abc import Iterator, Mapping, Sequence

from embprof.config import options, override, subject
from embprof.config.key_roles import HOUSEKEEPING_KEYS, PROTOCOL_KEYS
from embprof.interface.subjects import subject as subject_at
from embprof.report.study import Answer

LEFT_OUT = (PROTOCOL_KEYS | HOUSEKEEPING_KEYS) - {"memory_limit_mb", "targets", "limits"}
"""Keys of the old command that a new one has no use for: it is to measure thoroughly."""
PROGRAM = ("python", "-m", "embprof")
SCENARIO, MEASUREMENT, WORKLOAD = "experiment", "measurement", "workload"
RESTARTS = 5
"""Processes, from which figures have an interval that knows how processes differ."""


def command(base: Answer | None, changes: Mapping[str, object]) -> str:
    """What was typed for ``base``, with these keys given anew; several values are a sweep."""
    given = dict(_kept(base, changes)) if base is not None else {}
    swept = False
    for key, value in changes.items():
        values = list(value) if isinstance(value, tuple | list) else [value]
        # Text comes as it was typed, from another command.
        texts = [one if isinstance(one, str) else subject.typed(one) for one in values]
        given[key] = ",".join(texts)
        swept = swept or len(values) > 1
    program = [*PROGRAM, *(["-m"] if swept else [])]
    return shlex.join([*program, *(f"{key}={value}" for key, value in given.items())])


def most_usual(answers: Sequence[Answer]) -> Answer:
    """The run whose batch and texts are nearest the default: a base for others."""

    def strangeness(answer: Answer) -> float:
        config = answer.run.config
        sizes = ((config.get("batch_size"), 32), (config.get("text_length"), 128))
        return sum(abs(math.log(one / usual)) for one, usual in sizes if isinstance(one, int))

    return min(answers, key=strangeness)


def _kept(base: Answer, changes: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Overrides of the old command that still hold."""
    replaced = {key for key in changes if key != MEASUREMENT}
    # Of a workload that a scenario has chosen, nothing else on the command line tells.
    chosen = _chosen_by_scenario(base, changes)
    yield from ((key, value) for key, value in chosen.items() if key not in replaced)
    for line in base.run.overrides:
        given = override.parse(line)
        key, group = given.signed_key, given.root
        is_old = MEASUREMENT in changes and group == MEASUREMENT
        if group in LEFT_OUT or is_old or key in replaced or (chosen and group == WORKLOAD):
            continue
        if group == SCENARIO and not _keeps_scenario(base, changes):
            continue
        yield key, given.text.replace("\\:", ":")  # Hydra escapes colons in the points of a sweep


def _chosen_by_scenario(base: Answer, changes: Mapping[str, object]) -> dict[str, str]:
    """What asks for the workload of a scenario that is left out; nothing where it stays."""
    given = override.by_key(base.run.overrides)
    if SCENARIO not in given or WORKLOAD in given or _keeps_scenario(base, changes):
        return {}
    return dict(subject.overrides(base.run.config))


def _keeps_scenario(base: Answer, changes: Mapping[str, object]) -> bool:
    """Whether the scenario fits what is asked now: no gate, and no other measurement's."""
    against = base.run.config.get("against") or {}
    if any(against.get(arm) is not None for arm in ("baseline", "a", "b", "a_ref", "b_ref")):
        return False
    wanted = changes.get(MEASUREMENT)
    if subject.option(base.run.config) is None:
        return True  # nobody else knows how to ask for a workload of the user's own
    if wanted is None:
        return True
    target = options.target(MEASUREMENT, str(wanted))
    fits = target is None or not subject_at(target).account.fits_no_scenario
    return not base.account.has_own_protocol and fits
