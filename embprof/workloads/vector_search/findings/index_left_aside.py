"""Indexes that the planner would not use by itself: it expects reading everything to be cheaper."""

from collections.abc import Iterator

from embprof.interface.account import Rule
from embprof.interface.finding import Finding, Level
from embprof.report import phrases
from embprof.report.rule_findings import fact
from embprof.report.study import Answer, Study
from embprof.units import counted
from embprof.workloads.vector_search.findings.settings import WORKLOAD

INDEX = "Index"


def find(study: Study) -> Iterator[Finding]:
    """One finding for all runs of which it is true."""
    planned = [
        (answer, plan)
        for answer in study.answers
        if answer.run.config["workload"].get("_target_") == WORKLOAD
        and (plan := _left_to_the_planner(answer)) is not None
    ]
    aside = [(answer, plan) for answer, plan in planned if INDEX not in plan]
    if aside:
        yield fact(
            f"Left to itself the server would not use the index in {len(aside)} of "
            f"{counted(len(planned), 'run')}: it expects reading the whole table to be cheaper",
            (_evidence(answer, plan) for answer, plan in aside),
            (answer for answer, _ in aside),
            priority=Level.MEDIUM,
            advice="Figures here are of the index (SET enable_seqscan = off). In your service look "
            "with EXPLAIN whether it is used.",
        )


def _left_to_the_planner(answer: Answer) -> str | None:
    """The plan that the server would have chosen; None where there is no index to choose."""
    facts = answer.run.description
    plan = facts.get("plan_left_to_the_planner")
    return str(plan) if plan and facts.get("index_ddl") else None


def _evidence(answer: Answer, plan: str) -> str:
    own = answer.run.config["workload"]
    keys = ("lists", "probes") if own["index"] == "ivfflat" else ("m", "ef_search")
    values = " ".join(f"{key}={own[key]}" for key in keys)
    setting = f"{own['index']} {values} among {answer.run.description['rows']:,} vectors"
    return f"{phrases.label(answer, setting)}: {plan}"


RULE = Rule(name="index_left_aside", find=find)
