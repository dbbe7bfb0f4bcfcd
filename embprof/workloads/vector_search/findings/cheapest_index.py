"""The index to make: the fastest setting whose recall is high enough, against none at all.

High enough is what the lower end of recall's interval says. Exact search is the reference: where no
index is told from it, none is worth its memory, its making and what it loses.
"""

from collections.abc import Iterator

from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding, Kind, Level
from embprof.report import phrases
from embprof.report.change import Change, priority_of
from embprof.report.check_command import RESTARTS, command
from embprof.report.ranking import LITTLE
from embprof.report.rule_findings import advice, finding, gap
from embprof.report.study import Study
from embprof.units import number
from embprof.workloads.vector_search.figures import READ
from embprof.workloads.vector_search.findings.recall_front import line
from embprof.workloads.vector_search.findings.settings import AXES, Choice, Search, choices, ends

"""Gain, at most, that is none: an index has to be kept, and loses something."""
RISK = (
    "Recall is that of these queries and this table: look again with queries of your own, and when "
    "the table has grown or changed (the centres of ivfflat stay where they were). The same index "
    "made again is another one, of nearly the same recall."
)


def find(study: Study) -> Iterator[Finding]:
    """A finding for each set of vectors of which some index reaches the recall that is wanted."""
    for choice in choices(study):
        if not (good := choice.good()):
            continue
        best, exact = good[0], choice.exact
        if exact is None:
            yield _without_reference(choice, best)
            continue
        found = choice.change(exact, best)
        if found is not None and found.is_better:
            yield _advice(choice, best, exact, found)
        else:
            yield _not_worth_it(choice, best, exact, found)


def _advice(choice: Choice, best: Search, exact: Search, found: Change) -> Finding:
    return advice(
        f"Among {choice.where} {best.label} finds {best.judged} "
        f"{ends(best.recall)} with "
        f"{phrases.times(found.ratio)} the queries/s of {_reference_name(exact)}",
        (*_evidence(choice, best), line(exact), *found.notes),
        choice.answers,
        axes=AXES,
        advice=f"{best.statements} (On your own table; the setting in every session that searches, "
        "or once with ALTER ROLE.)",
        improvement=found.improvement,
        effort=Effort.QUICK,
        priority=priority_of(found.improvement),
        risk=RISK,
        cost=_cost(best),
        check=_check(best),
    )


def _without_reference(choice: Choice, best: Search) -> Finding:
    return gap(
        f"Among {choice.where} {best.label} is the fastest that reaches {best.judged} "
        f"{best.wanted:g}; whether an index is worth it was not measured",
        (*_evidence(choice, best), f"it is made and asked by: {best.statements}"),
        choice.answers,
        axes=AXES,
        advice=best.statements,
        priority=Level.HIGH,
        risk=RISK,
        cost=_cost(best),
        check=_check(best),
    )


def _not_worth_it(choice: Choice, best: Search, exact: Search, found: Change | None) -> Finding:
    """Nothing is gained, or it cannot be told whether something is."""
    most = None if found is None else found.improvement.high
    is_fact = most is not None and most <= LITTLE
    fastest = f"{best.label}, the fastest that reaches {best.judged} {best.wanted:g},"
    outcome = "it cannot be told whether an index pays"
    than = "against"
    if is_fact:
        outcome = "no index pays"
        is_slower = found is not None and found.is_worse
        than = "is slower than" if is_slower else "is hardly faster than"
    evidence = [*_evidence(choice, best), line(exact)]
    if found is not None:
        evidence += [f"{best.label}: {phrases.more(found.improvement)}", *found.notes]
    return finding(
        Kind.FACT if is_fact else Kind.GAP,
        f"Among {choice.where} {outcome}: {fastest} {than} {_reference_name(exact)}",
        evidence,
        choice.answers,
        axes=AXES,
        priority=Level.MEDIUM,
        check=_check(best),
    )


def _evidence(choice: Choice, best: Search) -> Iterator[str]:
    """The best, what else would do, and the fastest that would not."""
    yield line(best)
    others = [one for one in choice.good() if one is not best]
    alike = [
        one.label
        for one in others
        if (change := choice.change(one, best)) is None or not change.is_distinct
    ]
    if alike:
        yield f"not told from it in speed: {phrases.join(alike)}"
    doubtful = [
        one
        for one in choice.searches
        if not one.reaches and not one.misses and one.cost < best.cost
    ]
    for one in doubtful[: phrases.NAMED]:
        yield (
            f"{phrases.label(one.answer, one.label)}: {one.judged} {ends(one.recall)}, "
            f"faster, and whether it reaches {one.wanted:g} cannot be told"
        )
    for metric in READ:
        estimate = best.answer.estimate(metric)
        if metric != best.metric and estimate is not None:
            yield f"{best.name_of(metric)} of it: {ends(estimate)}"


def _reference_name(reference: Search) -> str:
    return "exact search" if reference.is_exact else f"looking at all lists ({reference.label})"


def _cost(best: Search) -> str:
    costs = [f"{100 * (1 - best.recall.value):.1f} % of the true neighbours are not found"]
    size, build = best.answer.value("index_size_mb"), best.answer.value("build_time_s")
    if size is not None and build is not None:
        costs.append(f"the index takes {number(size)} MB and {number(build)} s to make")
    if (again := best.answer.value("rebuild_time_s")) is not None:
        costs.append(f"{number(again)} s to make again")
    return ", ".join(costs)


def _check(best: Search) -> str:
    """The same setting, beside no index, in several processes."""
    index, *others = best.setting
    changes: dict[str, object] = {
        f"workload.{key}": value for key, value in others if value is not None
    }
    changes["workload.index"] = ("exact", index[1])
    return command(best.answer, {**changes, "restarts": RESTARTS})


RULE = Rule(name="cheapest_index", find=find, headline=90)
