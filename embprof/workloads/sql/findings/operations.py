"""What stored runs found out about statements: their times and plans, each operation once."""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from embprof.interface.finding import Level
from embprof.machine.fingerprint import digest
from embprof.report.check_command import RESTARTS, command
from embprof.report.study import Answer, Study
from embprof.workloads.sql.statements.plan_text import PLANS

NOT_THE_STATEMENTS = frozenset({"operation", "service"})
"""Parameters of the workload that change nothing about one operation's statements."""
LEAST = 0.05
"""Share of an operation's time from which sparing it is worth a word; a choice."""
PRIORITIES = ((0.5, Level.HIGH), (0.2, Level.MEDIUM))
"""Least share of an operation's time that counts so much, as those of stages do."""
OURS = frozenset({"generated", "empty"})
"""Schemas that embprof sets up, so that a gate can set up one with a change and one without."""
AXES = ("workload.operation",)
"""Each operation is a question of its own, and what slows it its answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationPlans:
    """An operation of a run, as ``plans.json`` has it, and the tables that its plans read."""

    answer: Answer
    operation: Mapping[str, Any]
    tables: Sequence[Mapping[str, Any]]

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.operation["operation"])

    @property
    def statements(self) -> list[Mapping[str, Any]]:
        """Those that have a plan."""
        return [one for one in self.operation["statements"] if one["plan"]]

    @property
    def workload(self) -> Mapping[str, Any]:
        """Its parameters."""
        found: Mapping[str, Any] = self.answer.run.config["workload"]
        return found

    @property
    def is_ours(self) -> bool:
        """Whether embprof set the schema up."""
        return self.workload.get("schema") in OURS

    @property
    def place(self) -> str:
        """``search, 10,000 rows``: which operation, and on how much."""
        if self.workload.get("schema") != "generated":
            return self.name
        return f"{self.name}, {self.workload['rows']:,} rows"


def operation_plans(study: Study) -> Iterator[OperationPlans]:
    """Every operation of every question once; of several answers the newest throughput."""
    found: dict[str, OperationPlans] = {}
    ordered = sorted(
        study.answers, key=lambda one: (one.measurement == "throughput", one.run.started)
    )
    for answer in ordered:
        document = answer.document(PLANS)
        if not isinstance(document, dict):
            continue
        workload = answer.run.config["workload"]
        question = {key: workload[key] for key in workload if key not in NOT_THE_STATEMENTS}
        for operation in document["operations"]:
            one = OperationPlans(answer=answer, operation=operation, tables=document["tables"])
            found[digest({"question": question, "operation": one.name})] = one
    return iter(found.values())


def priority(share: float) -> Level:
    """By the share of an operation's time."""
    return next((level for bound, level in PRIORITIES if share >= bound), Level.LOW)


def again(one: OperationPlans) -> str:
    """The command that measures the operation once more."""
    return command(
        one.answer,
        {"measurement": "throughput", "workload.operation": one.name, "restarts": RESTARTS},
    )


def gate(one: OperationPlans, changes: Mapping[str, object]) -> str:
    """The command that measures the operation as it is and with these keys changed, in turn."""
    same = command(one.answer, {"measurement": "throughput", "workload.operation": one.name})
    # The shell, embprof (which splits an arm's words as a shell does) and Hydra each take off a
    # pair of quotes.
    arm = " ".join(f"{key}={_word(_hydra(value))}" for key, value in changes.items())
    return f"{same.replace('embprof', 'embprof gate', 1)} --b {shlex.quote(arm)}"


def gate_with_setup(one: OperationPlans, sql: str) -> str:
    """The command that measures it with more of ``setup_sql``; once more where we set up none."""
    if not one.is_ours:
        return again(one)
    before = one.workload.get("setup_sql")
    known = [before] if isinstance(before, str) else list(before or ())
    return gate(one, {"workload.setup_sql": [*known, sql] if known else sql})


def _word(text: str) -> str:
    """A text in double quotes, as a shell reads them."""
    escaped = re.sub(r'(["\\$`])', r"\\\1", text)
    return text if re.fullmatch(r"\w+", text) else f'"{escaped}"'


def _hydra(value: object) -> str:
    """A value in Hydra's grammar, texts in double quotes."""
    if isinstance(value, list):
        return f"[{','.join(map(_hydra, value))}]"
    if not isinstance(value, str):
        return str(value)
    escaped = re.sub(r'(\\*)"', r'\1\1\\"', value)
    return f'"{escaped}"'
