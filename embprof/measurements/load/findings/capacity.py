"""The rate that can be promised, and what kept it from being found."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from embprof.interface.account import Rule
from embprof.interface.finding import Finding, Kind, Level
from embprof.measurements.load.capacity_figures import NAME as RATE
from embprof.measurements.load.findings import load_phrases
from embprof.model import Estimate
from embprof.report.change import items_of
from embprof.report.check_command import RESTARTS
from embprof.report.rule_findings import finding
from embprof.report.study import Answer, Study
from embprof.units import number

SOAK = "5min"
"""How long the rate that was found is checked for."""
MARGIN = 0.95
"""Share of the rate found: a search is within some percent of the truth."""
GAPS: Mapping[str, str] = {
    "at_least": "the generator was late beyond it, so the service may do more",
    "pool": "all callers may have been in calls; more of them would tell",
    "unclear": "the search did not come to an end",
}


def find(study: Study) -> Iterator[Finding]:
    """A finding for each search."""
    for answer in study.of("capacity"):
        estimate = answer.estimate(RATE)
        kind, title, changes = _conclusion(answer, estimate)
        yield finding(
            kind,
            title,
            _evidence(answer, estimate),
            answer,
            priority=Level.HIGH,
            check=load_phrases.command(answer, changes),
        )


def _conclusion(
    answer: Answer, estimate: Estimate | None
) -> tuple[Kind, str, Mapping[str, object]]:
    """What is to be done with the finding, its title, and what the command that checks it asks."""
    target = load_phrases.target(answer)
    if estimate is None:
        title = f"No rate that could be judged kept {target}"
        return Kind.FACT, title, {"measurement": "closed_loop", "measurement.concurrency": 1}
    rate, word = _rate(answer, estimate), answer.run.outcomes.get("capacity", "unclear")
    if word == "found":
        soak = {
            "measurement": "open_loop",
            "measurement.rate": float(f"{MARGIN * estimate.value:.3g}"),
            "measurement.duration": SOAK,
            **load_phrases.target_settings(answer),
        }
        if estimate.low is not None:
            promised = _rate(answer, replace(estimate, value=estimate.low), is_found=False)
            title = f"{promised} can be promised: {target}; {rate} is the rate that was found"
            return Kind.FACT, title, soak
        return Kind.FACT, f"{rate} kept {target} in one search, which gives no interval", soak
    changes: dict[str, object] = {"restarts": RESTARTS}
    missed = answer.value("capacity_missed_calls_per_s")
    if word == "bracket" and missed is not None:
        between = f"The limit is between {number(estimate.value)} and {number(missed)} calls/s"
        why = answer.run.description.get("doubts") or "the time was up (measurement.search_seconds)"
        return Kind.GAP, f"{between}: {target}; {why}", changes
    if word == "pool":
        pool = int(load_phrases.parameter(answer, "max_in_flight"))
        changes = {"measurement.max_in_flight": min(4 * pool, 4096)}
    gap = GAPS.get(word, GAPS["unclear"])
    return Kind.GAP, f"{rate} kept {target}; {gap}", changes


def _rate(answer: Answer, estimate: Estimate, *, is_found: bool = True) -> str:
    items = answer.value("capacity_items_per_s") if is_found else None
    each = "" if items is None else f" ({number(items)} {items_of(answer)}/s)"
    return f"{number(estimate.value)} calls/s{each}"


def _evidence(answer: Answer, estimate: Estimate | None) -> Iterator[str]:
    missed = answer.value("capacity_missed_calls_per_s")
    if estimate is not None:
        yield f"{answer.label}: kept at {number(estimate.value)} calls/s ({estimate.basis})"
        if (bounds := estimate.bounds) is not None:
            yield f"{answer.label}: 95 % interval {number(bounds[0])} to {number(bounds[1])}"
    if missed is not None:
        yield f"{answer.label}: missed at {number(missed)} calls/s"
    yield f"{answer.label}: {answer.value('probes') or 0:.0f} rates tried, all in capacity.json"
    if first := answer.run.description.get("first_failure"):
        yield f"{answer.label}: the first call that failed: {first}"


RULE = Rule(name="capacity", find=find, headline=20, gap_answers=True)
