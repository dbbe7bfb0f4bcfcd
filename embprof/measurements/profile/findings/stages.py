"""Where the time of a call goes: the stage that dominates, and each that takes much of it.

However fast a stage is made, a call gets no faster than by its share (Amdahl 1967).
In a call of an embedding model the network is expected to take nearly all of it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from embprof.config import subject
from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding, Level
from embprof.interface.subjects import workload_of
from embprof.report import phrases
from embprof.report.call import call_of
from embprof.report.check_command import RESTARTS, command
from embprof.report.rule_findings import advice
from embprof.report.stage_shares import stage_percents
from embprof.report.study import Answer, Study
from embprof.units import number, percent

DOMINANT = 0.5
"""Share of a call from which a stage dominates it: severe."""
LEAST = 0.10
"""Share of a call from which a stage is called a bottleneck; these bounds are choices."""
SEVERITIES = ((DOMINANT, Level.HIGH), (0.2, Level.MEDIUM), (LEAST, Level.LOW))
OTHER = "other"
"""What lies between stages; the profile's own word."""
SUGGESTIONS: Mapping[str, str] = {
    "tokenize": "Tokenise in threads of their own while the network computes, or tokenise once and "
    "keep the ids where texts come again.",
    "prepare": "Use larger batches: it is done once a call, however many texts there are.",
    "pad_collate": "Gather texts of like length in a batch.",
    "to_device": "Use larger batches and pinned memory, so that there are fewer and faster copies.",
    "forward": "Compute less of it: shorter inputs (truncation), a smaller model, or a type of "
    "fewer bits where the processor has instructions for it.",
    "pooling": "Keep pooling on the device of the network.",
    "normalize": "Leave normalising to whoever compares, if they do it anyway.",
    "to_host": "Copy once a call, not once a batch.",
    OTHER: "Look at the functions of this profile: it is code between the stages.",
}
CHECKS: Mapping[str, Mapping[str, object]] = {
    "forward": {
        "measurement": "throughput",
        "backend.dtype": ["float32", "bfloat16"],
        "restarts": RESTARTS,
    },
    "tokenize": {"measurement": "profile", "batch_size": [8, 64]},
}


def find(study: Study) -> Iterator[Finding]:
    """A finding for each stage that takes much of a call in some profile, largest first."""
    by_stage: dict[str, list[tuple[float, Answer]]] = {}
    for answer in study.of("profile"):
        for stage, share in shares(answer).items():
            by_stage.setdefault(stage, []).append((share, answer))
    largest = {stage: max(share for share, _ in found) for stage, found in by_stage.items()}
    for stage in sorted(largest, key=lambda one: -largest[one]):
        if largest[stage] >= LEAST:
            yield replace(_bottleneck(stage, by_stage[stage]), axes=study.swept("profile"))


def shares(answer: Answer) -> dict[str, float]:
    """The share of each stage in a call, 0.4 for 40 %."""
    return {stage: value / 100 for stage, value in stage_percents(answer.run).items()}


def _bottleneck(stage: str, found: list[tuple[float, Answer]]) -> Finding:
    share, answer = max(found, key=lambda pair: pair[0])
    title = f"{stage} takes {_share(answer, stage)} of a call ({_where(answer)})"
    if len(found) > 1:
        least = min(found, key=lambda pair: pair[0])[1]
        title += f", {_share(least, stage)} ({_where(least)})"
    evidence = [line for _, one in found for line in _evidence(one, stage)]
    evidence.append(
        f"made twice as fast, it would make a call {1 / (1 - share / 2):.2f} times as fast (Amdahl)"
    )
    changes = {"measurement": "profile", **CHECKS.get(stage, {})}
    return advice(
        title,
        evidence,
        [one for _, one in found],
        advice=_advice(answer, stage),
        effort=Effort.MEDIUM,
        priority=next(level for bound, level in SEVERITIES if share >= bound),
        risk="Shares are of calls that the timer slowed; throughput tells what was gained.",
        cost=f"Other inputs, weights or types change {_results(answer)}: compare quality before "
        "and after."
        if stage == "forward"
        else None,
        check=command(answer, changes),
        component=stage,
        time_share=share,
    )


def _results(answer: Answer) -> str:
    call = call_of(answer)
    return "results" if call is None else f"{call.result}s"


def _advice(answer: Answer, stage: str) -> str:
    """What the workload knows of its own stage; else what is known of stages that many have."""
    own = workload_of(answer.run.config).account.stage_advice
    found = own(answer, stage) if own is not None and stage != OTHER else None
    return found or SUGGESTIONS.get(stage, "Look at the functions of this profile.")


def _where(answer: Answer) -> str:
    return subject.setting(answer.run.config, "batch_size", "text_length")


def _evidence(answer: Answer, stage: str) -> Iterator[str]:
    """The share with its interval, all shares, milliseconds and the largest parts of a profile."""
    every = shares(answer)
    added = answer.estimate("stage_timer_overhead_percent")
    overhead = "; what timing added could not be seen" if added is not None else ""
    if added is not None and (added.low or 0.0) > 0:
        overhead = f"; timing added {added.value:.1f} %"
    share = f"{stage} {_share(answer, stage)} of a call"
    yield f"{answer.label} ({_where(answer)}): {share}{overhead}"
    most = sorted(every, key=lambda one: -every[one])[: phrases.NAMED]
    yield f"{answer.label} stages: {', '.join(f'{one} {percent(every[one])}' for one in most)}"
    yield from _parts(answer, stage)


def _share(answer: Answer, stage: str) -> str:
    """``83 % (82.1 to 84.0 %)``."""
    estimate = answer.estimate(f"stage_{stage}_percent")
    interval = "" if estimate is None else phrases.between(estimate, ".1f")
    return f"{percent(shares(answer)[stage])}{interval}"


def _parts(answer: Answer, stage: str) -> Iterator[str]:
    """The largest parts of the stage, and milliseconds, where the profile kept them."""
    rows = answer.rows("stages.json", "stages")
    for row in rows:
        if row["stage"] == stage:
            yield f"{answer.label} {stage}: {number(row['ms'])} ms a call"
    inside = [row for row in rows if row["stage"].startswith(f"{stage}/")]
    largest = sorted(inside, key=lambda row: -row["percent"])[:3]
    if largest:
        yield f"{answer.label} largest parts: " + ", ".join(
            f"{row['stage'].partition('/')[2]} {row['percent']:.0f} %" for row in largest
        )


RULE = Rule(name="stages", find=find, headline=210)
