"""Answers that leave out too much, and what would find it."""

from collections.abc import Iterator, Mapping

from embprof.interface.account import Rule
from embprof.interface.finding import Finding, Level
from embprof.report import phrases
from embprof.report.check_command import command
from embprof.report.rule_findings import fact, gap
from embprof.report.study import Study
from embprof.workloads.vector_search.findings.recall_front import line
from embprof.workloads.vector_search.findings.settings import AXES, Choice, Search, choices, ends

MORE = 4
"""How many times the candidates of a setting that is too low are worth a try: recall rises slowly
with them."""
MOST_CANDIDATES = 1000
"""ef_search of pgvector at most."""
SURER = 1000
"""Queries that tell recalls apart where the usual 205 did not."""


def find(study: Study) -> Iterator[Finding]:
    """A finding for each set of vectors of which no index finds enough for certain."""
    for choice in choices(study):
        indexed = [one for one in choice.searches if not one.looks_at_all]
        if not indexed or any(one.reaches for one in indexed):
            continue
        best = max(indexed, key=lambda one: one.recall.value)
        yield _too_low(choice, best) if best.misses else _in_doubt(choice, best)


def _too_low(choice: Choice, best: Search) -> Finding:
    filtered = best.parameters["selectivity"] < 1 and best.parameters["iterative_scan"] is None
    evidence = [line(best)]
    if filtered:
        evidence.append("the filter is applied to what the index returns, so that rows are missing")
    several = sum(not one.looks_at_all for one in choice.searches) > 1
    which = "no setting that looks at a part reaches" if several else f"{best.label} misses"
    return fact(
        f"Among {choice.where} {which} {best.judged} {best.wanted:g}: it is "
        f"{ends(best.recall)}{' with the best of them' if several else ''}",
        evidence,
        choice.answers,
        axes=AXES,
        advice=_advice(best, filtered=filtered),
        priority=Level.HIGH,
        risk="More candidates take more time: look at the latency beside the recall.",
        check=command(best.answer, _more(best, filtered=filtered)),
    )


def _in_doubt(choice: Choice, best: Search) -> Finding:
    doubtful = [one for one in choice.searches if not one.looks_at_all and not one.misses]
    return gap(
        f"Among {choice.where} it cannot be told whether {best.judged} {best.wanted:g} is "
        f"reached: {ends(best.recall)} with {best.label}",
        map(line, doubtful[: phrases.NAMED]),
        choice.answers,
        axes=AXES,
        priority=Level.HIGH,
        check=command(best.answer, {"workload.recall_queries": SURER}),
    )


def _advice(best: Search, *, filtered: bool) -> str:
    index = best.parameters["index"]
    if filtered:
        return f"SET {index}.iterative_scan = relaxed_order in sessions that filter."
    if index == "ivfflat":
        return "Look at more lists in each search: SET ivfflat.probes."
    return "Keep more candidates in each search: SET hnsw.ef_search."


def _more(best: Search, *, filtered: bool) -> Mapping[str, object]:
    if filtered:
        return {"workload.iterative_scan": (None, "relaxed_order")}
    if best.parameters["index"] == "ivfflat":
        most = min(best.parameters["lists"], best.rows)
        probes = best.parameters["probes"]
        tried = (probes, *sorted({min(most, 2 * probes), min(most, MORE * probes)} - {probes}))
        return {"workload.probes": tried}
    ef_search = best.parameters["ef_search"]
    candidates = (min(MOST_CANDIDATES, times * ef_search) for times in (1, 2, MORE))
    return {"workload.ef_search": tuple(dict.fromkeys(candidates))}


RULE = Rule(name="low_recall", find=find, headline=100)
