"""What imports take of a start, and which of them could come later."""

from collections.abc import Iterator

from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding, Improvement, Level
from embprof.report import phrases
from embprof.report.check_command import command
from embprof.report.rule_findings import advice
from embprof.report.study import Answer, Study
from embprof.units import number

LEAST = 0.3
"""Share of the start from which imports are worth a look; a choice."""
TARGET = 1.0
"""Seconds of imports from which they are one in any case: the target of the option load_time."""
SHOWN = 5


def find(study: Study) -> Iterator[Finding]:
    """A finding for each start whose imports take long."""
    for answer in study.of("load_time"):
        imports, total = answer.value("import_time_s"), answer.value("total_load_s")
        if imports is None or not total:
            continue
        if imports / total >= LEAST or imports > TARGET:
            yield _finding(answer, imports, total)


def _finding(answer: Answer, imports: float, total: float) -> Finding:
    late = list(_candidates(answer))
    evidence = [
        f"imports {phrases.bounded(answer.estimate('import_time_s'), 's')} ({answer.label})",
        f"the whole start {phrases.bounded(answer.estimate('total_load_s'), 's')}",
        *(
            f"{module} for {by}: {number(seconds)} s, if it were imported when it is needed"
            for module, by, seconds in late
        ),
    ]
    saves = late[0][2] / total if late else None
    remedy = "Load in the background while the service starts to answer"
    if late:
        remedy += (
            f"; see whether {late[0][0]} is needed at all before the first call. Of imports within "
            "one another only one saves."
        )
    return advice(
        f"Imports take {number(imports)} of the {number(total)} s of the start"
        + (f"; {late[0][0]} alone {number(late[0][2])} s" if late else ""),
        evidence,
        answer,
        advice=remedy,
        improvement=None if saves is None else Improvement(metric="total_load_s", share=saves),
        effort=Effort.MEDIUM,
        priority=Level.MEDIUM if imports > TARGET else Level.LOW,
        risk="What is imported later is paid by the first call that needs it; the gain is the most "
        "that can be saved, of one start.",
        check=command(answer, {"measurement": "load_time"}),
        component="imports",
        time_share=imports / total,
    )


def _candidates(answer: Answer) -> Iterator[tuple[str, str, float]]:
    """Module, who imports it, and the seconds that importing it later saves at most."""
    for row in answer.rows("imports.json", "lazy_import_candidates")[:SHOWN]:
        yield str(row["module"]), str(row["imported_by"]), float(row["saves_at_most"])


RULE = Rule(name="import_cost", find=find, headline=170)
