"""Indexes that the planner would not use by itself: it expects reading everything to be cheaper."""

from collections.abc import Iterator

from embprof.interface.account import Rule
from embprof.interface.finding import Finding, Kind, Level
from embprof.report import phrases
from embprof.report.study import Answer, Study
from embprof.units import counted
from embprof.workloads.vector_search.findings.settings import WORKLOAD

NAME = "index_left_aside"
INDEX = "Index"


def find(study: Study) -> Iterator[Finding]:
    """One finding for all runs of which it is true."""
    runs = {
        answer.run.run_id: (answer, plan)
        for answer in study.answers
        if answer.run.config["workload"].get("_target_") == WORKLOAD
        and (plan := _left_to_the_planner(answer)) is not None
    }
    aside = [(answer, plan) for answer, plan in runs.values() if INDEX not in plan]
    if aside:
        yield Finding(
            rule=NAME,
            kind=Kind.FACT,
            title=f"Left to itself the server would not use the index in {len(aside)} of "
            f"{counted(len(runs), 'run')}: it expects reading the whole table to be cheaper",
            evidence=tuple(_evidence(answer, plan) for answer, plan in aside),
            runs=tuple(answer.run.run_id for answer, _ in aside),
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
    asked = answer.run.config["workload"]
    keys = ("lists", "probes") if asked["index"] == "ivfflat" else ("m", "ef_search")
    said = " ".join(f"{key}={asked[key]}" for key in keys)
    of = f"{asked['index']} {said} among {answer.run.description['rows']:,} vectors"
    return f"{phrases.label(answer, of)}: {plan}"


RULE = Rule(name=NAME, find=find)
