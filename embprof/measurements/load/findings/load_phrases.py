"""Runs under load as rules see them: what was asked, what was good, and how it is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from embprof.config import override, subject
from embprof.report import check_command
from embprof.report.study import Answer, Study

ELSEWHERE = frozenset({"http"})
"""Workloads that let others do the work, so that CPU and memory of the worker are the client's."""
LOADS = ("closed_loop", "open_loop")
CALLS = ("batch_size", "texts_per_call", "text_length")
"""Keys that say what a call is."""
Word = Literal["met", "missed", "unclear"]


def under_load(study: Study) -> list[Answer]:
    """Closed loops, then open ones."""
    return [answer for measurement in LOADS for answer in study.of(measurement)]


def asks_others(answer: Answer) -> bool:
    """Whether the work is done by other processes."""
    return subject.option(answer.run.config) in ELSEWHERE


def asked(answer: Answer, key: str) -> Any:
    """A parameter of its measurement."""
    return answer.run.config["measurement"].get(key)


def said(answer: Answer) -> str:
    """What the load was: ``8 callers``, ``80 calls/s``."""
    if answer.measurement == "open_loop":
        return f"{float(asked(answer, 'rate')):g} calls/s"
    callers = asked(answer, "concurrency")
    return "1 caller" if callers == 1 else f"{callers} callers"


def target(answer: Answer) -> str:
    """What was wanted: ``99 % of calls within 200 ms``."""
    share, within = asked(answer, "goodput_percent"), asked(answer, "latency_target_ms")
    return f"{float(share):g} % of calls within {float(within):g} ms"


def goodness(answer: Answer) -> Word | None:
    """Whether enough calls were good, beyond doubt; None where none was judged."""
    figure = answer.run.figure("good_percent")
    estimate = figure.estimate if figure is not None else None
    if estimate is None or estimate.low is None or estimate.high is None:
        return None
    wanted = float(asked(answer, "goodput_percent"))
    if estimate.low >= wanted:
        return "met"
    return "missed" if estimate.high < wanted else "unclear"


def good(answer: Answer) -> str:
    """``91 % of calls good (85 to 95 %)``."""
    figure = answer.run.figure("good_percent")
    estimate = figure.estimate if figure is not None else None
    if estimate is None:
        return "no call judged"
    bounds = ""
    if estimate.low is not None and estimate.high is not None:
        bounds = f" ({estimate.low:.3g} to {estimate.high:.3g} %)"
    return f"{estimate.value:.3g} % of calls good{bounds}"


def command(answer: Answer, changes: Mapping[str, object]) -> str:
    """As :func:`embprof.report.check_command.command`, asking for the same calls.

    A scenario made for one measurement does not do for another, and what it said of the calls
    would go with it.
    """
    asked_before = override.by_key(answer.run.overrides)
    is_left_out = "experiment" in asked_before and check_command.MEASUREMENT in changes
    workload = answer.run.config["workload"]
    calls = {
        key: answer.run.config[key]
        for key in CALLS
        if is_left_out and key in workload and answer.run.config.get(key) is not None
    }
    return check_command.command(answer, {**calls, **changes})


def runs(answers: Sequence[Answer]) -> tuple[str, ...]:
    """Their ids."""
    return tuple(answer.run.run_id for answer in answers)
