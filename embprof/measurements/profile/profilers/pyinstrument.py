"""Samples the calling thread's stack at an interval, with pyinstrument.

Physics: every ``interval`` of wall time, at the next moment when Python enters or leaves a
function, the stack is noted with the time since the last note. Nothing is counted, so what is
looked at is slowed down little; a share rests on the number of its samples, and its standard error
is said with it.

What can go wrong: only the thread that calls is seen, not threads of a library's pool, whose time
is the caller's waiting; a long call into C is noted when it returns, as time of the Python function
that made it; several sessions are put one behind the other, so the page's time line has the calls
and not the pauses between them.
"""

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import pyinstrument
from pyinstrument.frame_info import parse_frame_info
from pyinstrument.renderers import HTMLRenderer, SpeedscopeRenderer

from embprof.measurements.profile.profilers import page
from embprof.measurements.profile.profilers.functions import (
    BUILT_IN,
    Functions,
    FunctionTime,
    is_own,
    short,
)

HTML = "profile.html"
SPEEDSCOPE = "profile.speedscope.json"
TITLE = "profiled calls"
SYNTHETIC = "["
"""First letter of pyinstrument's own frames: ``[self]``, ``[await]``."""
CLASS_NAME = "c"
C_CODE = "<built-in>"
INTERNAL = ("_", "pybind11")
"""How the names of functions in C begin that tell a reader nothing."""

Code = tuple[str, str, int]
"""Function, file and first line."""


class Pyinstrument:
    """A sampling profiler for Python code of one thread."""

    unwatched = 0

    def __init__(self, interval: float) -> None:
        self._profiler = pyinstrument.Profiler(interval=interval, async_mode="disabled")

    def watch(self, call: Callable[[], float], calls: int) -> list[float]:
        """Makes the calls with the sampler on."""
        self._profiler.start(target_description=TITLE)
        try:
            return [call() for _ in range(calls)]
        finally:
            self._profiler.stop()

    def forget(self) -> None:
        """Starts anew."""
        self._profiler.reset()  # type: ignore[no-untyped-call]

    def functions(self) -> Functions:
        """Time and samples by function."""
        own: dict[Code, float] = defaultdict(float)
        cumulative: dict[Code, float] = defaultdict(float)
        samples: Counter[Code] = Counter()
        owners: dict[Code, set[str]] = defaultdict(set)
        callers: dict[Code, Counter[Code]] = defaultdict(Counter)
        for stack, seconds in self._records():
            seen = [found for frame in stack if (found := _parsed(frame)) is not None]
            calls = list(itertools.dropwhile(lambda one: is_own(one[0][1]), seen))
            for code, owner in calls:
                owners[code].add(owner)
            if calls:
                own[calls[-1][0]] += seconds
                samples[calls[-1][0]] += 1
            if len(calls) > 1 and calls[-1][0][1] == BUILT_IN:
                callers[calls[-1][0]][calls[-2][0]] += 1
            for code in {code for code, _ in calls}:
                cumulative[code] += seconds
        rows = tuple(
            FunctionTime(
                function=_label(code[0], owners[code]),
                file=short(code[1]),
                line=code[2] or None,
                self_seconds=own[code],
                cumulative_seconds=seconds,
                samples=samples[code],
                called_from=_place(callers[code]),
            )
            for code, seconds in cumulative.items()
        )
        return Functions(seconds=sum(own.values()), rows=rows, samples=samples.total())

    def write(self, folder: Path) -> Sequence[Path]:
        """A page to look at, and the same for speedscope."""
        session = self._profiler.last_session
        if session is None:
            return ()
        html, speedscope = folder / HTML, folder / SPEEDSCOPE
        html.write_text(page.offline(HTMLRenderer().render(session)), encoding="utf-8")
        speedscope.write_text(SpeedscopeRenderer().render(session), encoding="utf-8")
        return html, speedscope

    def _records(self) -> Sequence[tuple[Sequence[str], float]]:
        session = self._profiler.last_session
        if session is None:
            return ()
        stem = len(session.start_call_stack)
        return [(stack[stem:], seconds) for stack, seconds in session.frame_records]


def _parsed(frame: str) -> tuple[Code, str] | None:
    """The function, and the class of the object that it was called on, if any."""
    identifier, attributes = parse_frame_info(frame)
    name, _, place = identifier.partition("\x00")
    file, _, line = place.partition("\x00")
    if name.startswith(SYNTHETIC) or not line:
        return None
    owner = next((text[1:] for text in attributes if text.startswith(CLASS_NAME)), "")
    if file == C_CODE:
        holder, _, last = name.rpartition(".")
        return (last if holder.startswith(INTERNAL) else name, BUILT_IN, int(line)), ""
    return (name, file, int(line)), owner


def _label(function: str, owners: set[str]) -> str:
    """``Linear.forward``; without a class where it is called on objects of several, or on none."""
    (owner, *others) = owners
    return f"{owner}.{function}" if owner and not others else function


def _place(callers: Counter[Code]) -> str | None:
    """Where a function is called most often, if that was noted."""
    if not callers:
        return None
    _, file, line = max(callers, key=lambda code: callers[code])
    return f"{short(file)}:{line}"
