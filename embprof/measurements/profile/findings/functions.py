"""Functions, and lines that allocate, that pass the rule of what is worth optimising."""

from collections.abc import Iterator

from embprof.config import subject
from embprof.interface.account import Rule
from embprof.interface.finding import Finding
from embprof.measurements.profile.place import place
from embprof.report.rule_findings import fact
from embprof.report.study import Answer, Study
from embprof.units import counted

WORTH = "worth_optimising.json"
SHOWN = 5


def find(study: Study) -> Iterator[Finding]:
    """A finding for each profile in which something passes."""
    for answer in study.of("profile"):
        if lines := list(_lines(answer)):
            yield _finding(answer, lines, len(answer.rows(WORTH, "functions")))


def _lines(answer: Answer) -> Iterator[str]:
    for row in answer.rows(WORTH, "functions")[:SHOWN]:
        where = place(row) if row.get("line") or "called_from" in row else ""
        error = row.get("self_percent_error")
        about = f" ± {1.96 * error:.1f}" if error else ""
        label = f"{row['function']} ({where})" if where else row["function"]
        yield f"{label}: {row['self_percent']:.1f}{about} % of the time by itself"
    for row in answer.rows(WORTH, "allocation_sites")[:SHOWN]:
        allocated = row["bytes_per_call"] / 1e6
        yield f"{row.get('file')}:{row.get('line')} allocates {allocated:.1f} MB a call"


def _finding(answer: Answer, lines: list[str], functions: int) -> Finding:
    setting = subject.setting(answer.run.config, "batch_size")
    return fact(
        f"{lines[0]}"
        + (f"; {counted(functions - 1, 'other function')} above 5 %" if functions > 1 else "")
        + (f" ({setting})" if setting else ""),
        lines,
        answer,
    )


RULE = Rule(name="functions", find=find)
