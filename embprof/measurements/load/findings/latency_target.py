"""Whether enough calls were answered in time, and up to which load."""

from collections.abc import Iterator

from embprof.interface.account import Rule
from embprof.interface.finding import Finding, Level
from embprof.measurements.load.findings import load_phrases
from embprof.report import phrases
from embprof.report.check_command import RESTARTS
from embprof.report.rule_findings import fact, gap
from embprof.report.study import Answer, Study
from embprof.units import counted


def find(study: Study) -> Iterator[Finding]:
    """One on the runs that met or missed each target, one on those that are not clear."""
    by_target: dict[tuple[str, str], list[tuple[Answer, load_phrases.Word]]] = {}
    for answer in load_phrases.under_load(study):
        if (word := load_phrases.goodness(answer.run)) is not None:
            wanted = answer.measurement, load_phrases.target(answer)
            by_target.setdefault(wanted, []).append((answer, word))
    for (_, target), judged in by_target.items():
        clear = [answer for answer, word in judged if word != "unclear"]
        if clear:
            yield _verdict(clear, [one for one, word in judged if word == "missed"], target)
        unclear = [answer for answer, word in judged if word == "unclear"]
        if unclear:
            yield _unclear(unclear, target)


def _verdict(clear: list[Answer], missed: list[Answer], target: str) -> Finding:
    met = [answer for answer in clear if answer not in missed]
    loads = [
        f"{word} with {phrases.join([load_phrases.load(answer) for answer in found])}"
        for word, found in (("missed", missed), ("met", met))
        if found
    ]
    return fact(
        f"{target}: {', '.join(loads)}",
        map(load_phrases.evidence, clear),
        clear,
        axes=_axes(clear),
        priority=Level.HIGH if missed else Level.MEDIUM,
        check=load_phrases.command(
            clear[0], {"measurement": "capacity", **load_phrases.target_settings(clear[0])}
        ),
    )


def _axes(answers: list[Answer]) -> tuple[str, ...]:
    """The load, where it is what differs: several loads of one kind are weighed by the target."""
    loads = {load_phrases.load(answer) for answer in answers}
    return (load_phrases.AXES[answers[0].measurement],) if len(loads) > 1 else ()


def _unclear(unclear: list[Answer], target: str) -> Finding:
    first = unclear[0]
    longer = {"measurement.duration": "5min"} if first.measurement == "open_loop" else {}
    return gap(
        f"{target}: cannot be told of {counted(len(unclear), 'run')}, too few calls",
        map(load_phrases.evidence, unclear),
        unclear,
        axes=_axes(unclear),
        priority=Level.MEDIUM,
        check=load_phrases.command(first, longer or {"restarts": RESTARTS, "max_seconds": 120}),
    )


RULE = Rule(name="latency_target", find=find, headline=50)
