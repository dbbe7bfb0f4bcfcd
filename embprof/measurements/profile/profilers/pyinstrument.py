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
from dataclasses import dataclass
from pathlib import Path

import pyinstrument
from pyinstrument.frame_info import parse_frame_info
from pyinstrument.renderers import HTMLRenderer, SpeedscopeRenderer

from embprof.measurements.profile.profilers import call_tree, page
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
CLASS_NAME, LINE = "c", "l"
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
        callers: dict[Code, Counter[str]] = defaultdict(Counter)
        lines: dict[Code, dict[int, float]] = defaultdict(lambda: defaultdict(float))
        for stack, seconds in self._records():
            seen = [found for frame in stack if (found := _parsed(frame)) is not None]
            calls = list(itertools.dropwhile(lambda one: is_own(one.code[1]), seen))
            for one in calls:
                owners[one.code].add(one.owner)
            for code in {one.code for one in calls}:
                cumulative[code] += seconds
            if not calls:
                continue
            top = calls[-1]
            own[top.code] += seconds
            samples[top.code] += 1
            if top.code[1] != BUILT_IN:
                lines[top.code][top.line] += seconds
            elif len(calls) > 1:
                callers[top.code][f"{short(calls[-2].code[1])}:{calls[-2].line}"] += 1
        rows = tuple(
            FunctionTime(
                function=_label(code[0], owners[code]),
                file=short(code[1]),
                line=code[2] or None,
                self_seconds=own[code],
                cumulative_seconds=seconds,
                samples=samples[code],
                called_from=max(callers[code], key=callers[code].__getitem__, default=None),
                lines=tuple(lines[code].items()),
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
        renderer = HTMLRenderer()
        renderer.preprocessors = [call_tree.without_glue]
        html.write_text(page.offline(renderer.render(session)), encoding="utf-8")
        speedscope.write_text(SpeedscopeRenderer().render(session), encoding="utf-8")
        return html, speedscope

    def _records(self) -> Sequence[tuple[Sequence[str], float]]:
        session = self._profiler.last_session
        if session is None:
            return ()
        stem = len(session.start_call_stack)
        return [(stack[stem:], seconds) for stack, seconds in session.frame_records]


@dataclass(frozen=True, slots=True)
class _Frame:
    """A function, the class of the object that it was called on ("" if none), the line it is in."""

    code: Code
    owner: str
    line: int


def _parsed(frame: str) -> _Frame | None:
    identifier, attributes = parse_frame_info(frame)
    name, _, place = identifier.partition("\x00")
    file, _, line = place.partition("\x00")
    if name.startswith(SYNTHETIC) or not line:
        return None
    if file == C_CODE:
        holder, _, last = name.rpartition(".")
        return _Frame((last if holder.startswith(INTERNAL) else name, BUILT_IN, int(line)), "", 0)
    known = {text[:1]: text[1:] for text in attributes}
    within = int(known.get(LINE, line))
    return _Frame((name, file, int(line)), known.get(CLASS_NAME, ""), within)


def _label(function: str, owners: set[str]) -> str:
    """``Linear.forward``; without a class where it is called on objects of several, or on none."""
    (owner, *others) = owners
    return f"{owner}.{function}" if owner and not others else function
