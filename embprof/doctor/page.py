"""What ``embprof doctor`` shows: the machine, its clock, its noise, its traps, and a last word.

Nothing depends on colour: a warning says so.
"""

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from embprof.doctor.clock import ClockFigures
from embprof.doctor.diagnosis import Diagnosis
from embprof.doctor.harness import HarnessCost
from embprof.doctor.noise import NoiseFigures
from embprof.doctor.traps import Examination
from embprof.doctor.traps.trap import Severity
from embprof.doctor.trust import conclusion, time_of
from embprof.machine.facts import Facts
from embprof.model import Estimate
from embprof.units import counted, duration, number, percent

SCHEMA_VERSION = 1
LABEL_WIDTH = 10
STYLES = {Severity.WARNING: "bold red", Severity.NOTE: "yellow", Severity.OK: "green"}
SCALES = ((1e-6, 1e9, "ns"), (1e-3, 1e6, "µs"), (1.0, 1e3, "ms"))
"""Seconds below the first are shown in the third, times the second."""
SHARES_OF = (0.001, 0.01)
"""Calls, in seconds, that the harness cost is told as a share of."""


def render(diagnosis: Diagnosis) -> list[RenderableType]:
    """The whole page, to be printed one after the other."""
    noise = diagnosis.noise
    page = [
        *_section("this machine", _machine(diagnosis.facts)),
        *_section(
            "clock and harness",
            [
                ("clock", _clock(diagnosis.clock)),
                ("harness", _harness(diagnosis.harness, diagnosis.slice_seconds)),
            ],
        ),
    ]
    if noise is not None:
        page += _section("noise: one job against itself, in turn", _noise(noise))
    page += _traps(diagnosis.examined)
    return [*page, Text(conclusion(noise, diagnosis.examined), style="bold")]


def as_json(diagnosis: Diagnosis) -> dict[str, Any]:
    """All that is known, JSON-ready; seconds, bytes and shares (0.01 is 1 %) throughout."""
    noise, cost = diagnosis.noise, diagnosis.harness
    return {
        "schema_version": SCHEMA_VERSION,
        "started": diagnosis.started,
        "job": {
            "overrides": list(diagnosis.job.overrides),
            "key": diagnosis.job.key,
            "environment": diagnosis.job.environment,
        },
        "machine": dataclasses.asdict(diagnosis.facts),
        "clock": {
            **dataclasses.asdict(diagnosis.clock),
            "shortest_call": diagnosis.clock.shortest_call,
        },
        "harness": dataclasses.asdict(cost),
        "noise": None if noise is None else dataclasses.asdict(noise),
        "traps": [dataclasses.asdict(trap) for trap in diagnosis.examined.traps],
        "not_told": list(diagnosis.examined.not_told),
        "conclusion": conclusion(noise, diagnosis.examined),
    }


def _section(title: str, rows: Iterable[tuple[str, str]]) -> list[RenderableType]:
    return [Text(title, style="bold"), _grid((label, Text(text)) for label, text in rows), Text()]


def _grid(rows: Iterable[tuple[str | Text, Text]]) -> RenderableType:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(min_width=LABEL_WIDTH, no_wrap=True)
    grid.add_column(overflow="fold")
    for label, text in rows:
        grid.add_row(label, text)
    return Padding(grid, (0, 0, 0, 2))


def _machine(facts: Facts) -> list[tuple[str, str]]:
    cpus, memory = facts.cpus, facts.memory
    virtual = ", virtual machine" if cpus.virtual else ""
    usable = f"{cpus.usable} of {cpus.online} usable"
    if cpus.cores is not None:
        usable += f", on {counted(cpus.cores, 'core')}"
    if cpus.quota is not None:
        usable += f", quota {cpus.quota:g}"
    threads = counted(facts.threads.count, "compute thread")
    rows = [
        ("processor", f"{facts.host.processor}{virtual}"),
        ("CPUs", usable),
        ("system", f"{facts.host.system}, Python {facts.host.python}"),
        ("job", f"{threads}, wait_policy={facts.threads.wait_policy}"),
    ]
    if memory.total is not None and memory.available is not None:
        gb = f"{memory.available / 1e9:.1f} GB available of {memory.total / 1e9:.1f} GB"
        rows.insert(2, ("memory", gb))
    if facts.gpus.count:
        names = [gpu.name for gpu in facts.gpus.known] or [f"{facts.gpus.count} NVIDIA"]
        rows.append(("GPUs", ", ".join(names)))
    return rows


def _clock(clock: ClockFigures) -> str:
    if clock.shortest_call is None or clock.median_step is None or clock.smallest_step is None:
        return "stood still"
    return (
        f"steps of {_short(clock.median_step)} (smallest {_short(clock.smallest_step)}), a reading "
        f"takes {_short(clock.reading)}: calls from {_short(clock.shortest_call)} are timed to 1 %"
    )


def _harness(cost: HarnessCost, slice_seconds: float) -> str:
    each = f"{_short(cost.per_call.value)} to a call{_ends(cost.per_call, _short)}"
    shares = ", ".join(
        f"{number(100 * cost.share(seconds, slice_seconds))} % of calls of {_short(seconds)}"
        for seconds in SHARES_OF
    )
    of_slice = f"{_short(cost.per_slice.value)} to a slice of {slice_seconds:g} s"
    return f"adds {each} and {of_slice}: {shares}"


def _noise(noise: NoiseFigures) -> list[tuple[str, str]]:
    ratio = noise.ratio
    sd = "" if noise.pair_sd is None else f", sd of a pair {percent(noise.pair_sd)}"
    rows = [
        (
            "A/A ratio",
            f"{_ratio(ratio.value)}{_ends(ratio, _ratio)}: 1 if nothing but noise tells them apart",
        ),
        ("from", f"{counted(noise.pairs, 'pair')} of workers in {duration(noise.seconds)}{sd}"),
    ]
    if noise.others is not None:
        rows.append(("others", f"used {percent(noise.others)} of a CPU meanwhile"))
    changes = "   ".join(
        f"{time_of(seconds)}: {'none' if change is None else percent(change)}"
        for seconds, change in sorted(noise.smallest_detectable.items())
    )
    return [*rows, ("detectable", f"{changes}   (least slowdown found with 95 % power)")]


def _traps(examined: Examination) -> list[RenderableType]:
    bad = [*examined.of(Severity.WARNING), *examined.of(Severity.NOTE)]
    counts = [
        counted(len(examined.of(severity)), str(severity))
        for severity in (Severity.WARNING, Severity.NOTE)
    ]
    rows = [
        (
            Text(str(trap.severity), style=STYLES[trap.severity]),
            Text.assemble((trap.name, "bold"), f": {trap.found}\n→ {trap.advice}"),
        )
        for trap in bad
    ]
    fine = [trap.name for trap in examined.of(Severity.OK)]
    rows += [
        (Text(label, style="dim"), Text(", ".join(names), style="dim"))
        for label, names in (("fine", fine), ("not told", examined.not_told))
        if names
    ]
    return [Text(f"traps: {', '.join(counts)}", style="bold"), _grid(rows), Text()]


def _ends(estimate: Estimate, shown: Callable[[float], str]) -> str:
    """The ends of an interval, where there is one and its ends do not look the same."""
    if estimate.low is None or estimate.high is None:
        return ""
    low, high = shown(estimate.low), shown(estimate.high)
    return f" ({low} to {high})" if low != high else ""


def _ratio(value: float) -> str:
    return f"{value:.3f}"


def _short(seconds: float) -> str:
    """``40 ns``, ``4.2 µs``, ``10 ms``."""
    for below, times, unit in SCALES:
        if abs(seconds) < below:
            return f"{number(seconds * times)} {unit}"
    return duration(seconds)
