"""The batch size with the largest throughput whose memory stays within a budget.

Memory of a service is that of a fresh process, so figures of the measurement ``memory`` of the same
question are taken where there are any. Those of ``throughput`` are of a forked worker, which shares
the pages of its libraries with the server it was forked from, and keeps freed memory.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding, Kind, Level
from embprof.report import phrases
from embprof.report.call import batched
from embprof.report.change import items_of, rate_of
from embprof.report.check_command import command
from embprof.report.ranking import KNEE
from embprof.report.rule_findings import fact
from embprof.report.study import Answer, Series, Study
from embprof.units import number

DEFAULTS: Mapping[str, float] = {"peak_rss_mb": 4000.0, "rss_delta_mb": 500.0}
"""MB of the whole process, and of a batch, where the runs name no limit or target. Source: the
bounds that the embedding service of this study's first user has to keep (< 4 GB, < 500 MB)."""
SAID = {
    "peak_rss_mb": "peak memory of the process",
    "rss_delta_mb": "memory that calls take",
    "gpu_allocated_mb": "GPU memory in use",
    "gpu_reserved_mb": "GPU memory reserved",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    size: int
    rate: float
    answer: Answer
    memory: Answer

    def over(self, budget: Mapping[str, float]) -> list[str]:
        """What is over the budget, in words."""
        known = {name: self.memory.value(name) for name in budget}
        return [
            f"{SAID.get(name, name)} {value:,.0f} MB of {budget[name]:,.0f}"
            for name, value in known.items()
            if value is not None and value > budget[name]
        ]


def find(study: Study) -> Iterator[Finding]:
    """A finding for each series of batch sizes with memory figures."""
    for series in study.series("batch_size"):
        rows = _rows(study, series)
        budget, is_set = _budget(rows)
        known = [row for row in rows if any(row.memory.value(name) is not None for name in budget)]
        if len(known) > 1:
            yield _finding(series, known, budget, is_set=is_set)


def _rows(study: Study, series: Series) -> list[_Row]:
    """With figures of fresh processes where there are two at least: the kinds do not compare."""
    rows = []
    for size, answer in zip(series.values, series.answers, strict=True):
        rate = answer.value(rate_of(answer))
        if rate is not None:
            memory = study.companion(answer, "memory") or answer
            rows.append(_Row(size=size, rate=rate, answer=answer, memory=memory))
    fresh = [row for row in rows if row.memory is not row.answer]
    return fresh if len(fresh) > 1 else [replace(row, memory=row.answer) for row in rows]


def _budget(rows: list[_Row]) -> tuple[Mapping[str, float], bool]:
    """The strictest limits and targets on memory in these runs, else the defaults."""
    bounds: dict[str, float] = {}
    for row in rows:
        for one in (row.answer, row.memory):
            config = one.run.config
            wanted = {**(config.get("targets") or {}), **(config.get("limits") or {})}
            for name, value in wanted.items():
                if name in SAID:
                    bounds[name] = min(value, bounds.get(name, value))
    return bounds or DEFAULTS, bool(bounds)


def _finding(
    series: Series, rows: list[_Row], budget: Mapping[str, float], *, is_set: bool
) -> Finding:
    within = [row for row in rows if not row.over(budget)]
    limits = phrases.join([f"{value:,.0f} MB ({SAID[name]})" for name, value in budget.items()])
    whose = (
        "the runs' limits and targets"
        if is_set
        else "a default, as no run has such a limit or target"
    )
    evidence = [f"budget: {limits}; {whose}", *map(_evidence, rows)]
    if rows[0].memory is rows[0].answer:
        evidence.append(
            "memory was read in workers forked from a server: rather too little, "
            "measurement=memory reads that of a process of its own"
        )
    elif left := [size for size in series.values if size not in [row.size for row in rows]]:
        evidence.append(f"of batches of {phrases.join(left)} memory was not measured")
    answers = [one for row in rows for one in (row.answer, row.memory)]
    sizes, highest = (
        [row.size for row in rows],
        max(row.memory.value("peak_rss_mb") or 0.0 for row in rows),
    )
    fits = fact(
        f"No batch size up to {sizes[-1]} exceeds the memory budget: the highest peak of a process "
        f"was {highest:,.0f} MB{phrases.of(series)}",
        evidence,
        answers,
    )
    if len(within) == len(rows):
        return fits
    if not within:
        return replace(
            fits,
            kind=Kind.ADVICE,
            title=f"No batch size measured stays within {limits}{phrases.of(series)}",
            advice="Take smaller batches, shorter texts or a smaller model; the measurement memory "
            "tells what takes the memory.",
            effort=Effort.MEDIUM,
            priority=Level.HIGH,
            check=command(rows[0].answer, {"batch_size": sizes, "measurement": "memory"}),
        )
    over = [row.size for row in rows if row.over(budget)]
    least = (1 - KNEE) * max(row.rate for row in within)
    chosen = next(row for row in within if row.rate >= least)
    return replace(
        fits,
        kind=Kind.ADVICE,
        title=f"Within the memory budget batches of {chosen.size} give the most: "
        f"{number(chosen.rate)} {items_of(chosen.answer)}/s; {phrases.join(over)} exceed it"
        f"{phrases.of(series)}",
        advice=f"{batched(chosen.answer)} of {chosen.size} where the budget holds.",
        effort=Effort.QUICK,
        priority=Level.MEDIUM,
        risk="Longer texts take more memory than those measured.",
        check=command(
            chosen.answer, {"batch_size": [chosen.size, over[0]], "measurement": "memory"}
        ),
    )


def _evidence(row: _Row) -> str:
    known = [
        f"{text} {value:,.0f} MB"
        for name, text in SAID.items()
        if (value := row.memory.value(name)) is not None
    ]
    place = phrases.label(row.memory, f"batch {row.size}")
    return f"{place}: {number(row.rate)} {items_of(row.answer)}/s, {', '.join(known)}"


RULE = Rule(name="memory_budget", find=find, headline=220)
