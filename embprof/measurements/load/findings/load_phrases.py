"""Runs under load as rules see them: their settings, their good calls, and how a load is named."""

from collections.abc import Mapping
from typing import Any, Literal

from embprof.config import override
from embprof.interface.subjects import workload_of
from embprof.model import Run
from embprof.report import check_command, phrases
from embprof.report.study import Answer, Study

AXES = {"closed_loop": "measurement.concurrency", "open_loop": "measurement.rate"}
"""What a load of each kind is given by."""
LOADS = tuple(AXES)
CALLS = ("batch_size", "texts_per_call", "text_length")
"""Keys that say what a call is."""
Word = Literal["met", "missed", "unclear"]


def under_load(study: Study) -> list[Answer]:
    """Closed loops, then open ones."""
    return [answer for measurement in LOADS for answer in study.of(measurement)]


def asks_others(answer: Answer) -> bool:
    """Whether the work is done by other processes: the worker's CPU time is the client's then."""
    return workload_of(answer.run.config).account.asks_others


def parameter(answer: Answer, key: str) -> Any:
    """A parameter of its measurement."""
    return answer.run.config["measurement"].get(key)


def load(answer: Answer) -> str:
    """What the load was: ``8 callers``, ``80 calls/s``."""
    if answer.measurement == "open_loop":
        return f"{float(parameter(answer, 'rate')):g} calls/s"
    return callers(parameter(answer, "concurrency"))


def callers(count: object) -> str:
    """``1 caller``, ``8 callers``."""
    return "1 caller" if count == 1 else f"{count} callers"


def target(answer: Answer) -> str:
    """What was wanted: ``99 % of calls within 200 ms``."""
    share, within = parameter(answer, "goodput_percent"), parameter(answer, "latency_target_ms")
    return f"{float(share):g} % of calls within {float(within):g} ms"


def target_settings(answer: Answer) -> dict[str, object]:
    """What asks for the same target of another measurement."""
    keys = ("latency_target_ms", "goodput_percent")
    return {f"measurement.{key}": parameter(answer, key) for key in keys}


def goodness(run: Run) -> Word | None:
    """Whether enough calls were good, beyond doubt; None where none was judged."""
    estimate = run.estimate("good_percent")
    if estimate is None or (bounds := estimate.bounds) is None:
        return None
    wanted = float(run.config["measurement"]["goodput_percent"])
    if bounds[0] >= wanted:
        return "met"
    return "missed" if bounds[1] < wanted else "unclear"


def evidence(answer: Answer) -> str:
    """A load and its good calls: ``80 calls/s (#3): 91 % of calls good (85 to 95 %)``."""
    estimate, good = answer.estimate("good_percent"), "no call judged"
    if estimate is not None:
        good = f"{estimate.value:.3g} % of calls good{phrases.between(estimate, '.3g')}"
    return f"{phrases.label(answer, load(answer))}: {good}"


def command(answer: Answer, changes: Mapping[str, object]) -> str:
    """As :func:`embprof.report.check_command.command`, asking for the same calls.

    A scenario made for one measurement does not do for another, and what it said of the calls
    would go with it.
    """
    typed = override.by_key(answer.run.overrides)
    is_left_out = "experiment" in typed and check_command.MEASUREMENT in changes
    workload = answer.run.config["workload"]
    calls = {
        key: answer.run.config[key]
        for key in CALLS
        if is_left_out and key in workload and answer.run.config.get(key) is not None
    }
    return check_command.command(answer, {**calls, **changes})
