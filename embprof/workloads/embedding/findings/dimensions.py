"""How many numbers of a vector are needed: what each size keeps of the neighbours, and its bytes.

Where a model was not trained for it, the first numbers are as good as any others of as many, and
less is kept.
"""

from collections.abc import Iterator, Mapping, Sequence

from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding, Level
from embprof.report.check_command import command
from embprof.report.rule_findings import advice, fact
from embprof.report.study import Answer, Study
from embprof.report.targets import not_kept
from embprof.units import number
from embprof.workloads.embedding.findings.evidence import CHECKED_WITH, TOP, evidence

AXIS = "truncate_dim"
BYTES = 4
"""A number takes so many where a service stores it as usual, in float32."""
Sizes = Mapping[int, Answer]
"""By how many numbers are kept, the answer that keeps least; in ascending order."""


def find(study: Study) -> Iterator[Finding]:
    """For each model on its backend, with each prompt: what its sizes keep."""
    groups: dict[tuple[str, ...], list[Answer]] = {}
    for one in study.answers:
        if one.run.config.get(AXIS) is not None and one.run.figure(TOP) is not None:
            groups.setdefault(_service(one), []).append(one)
    for answers in groups.values():
        yield _finding(answers, _sizes(answers), len(groups) > 1)


def _finding(answers: Sequence[Answer], sizes: Sizes, is_named: bool) -> Finding:  # noqa: FBT001
    whose = f" ({' '.join(filter(None, _service(answers[0])))})" if is_named else ""
    lines = [
        f"{size:,} numbers, {BYTES * size:,} B in float32: {evidence(answer)}"
        for size, answer in sizes.items()
    ]
    kept = {size: one for size, one in sizes.items() if not not_kept(one.run)}
    lost = {size: one for size, one in sizes.items() if size not in kept}
    if not kept:
        return advice(
            f"Too few of the ten nearest are kept: {_each(lost)}{whose}",
            lines,
            answers,
            advice="Keep more numbers, or take a model that was trained to put what matters most "
            "in front (Matryoshka). If the loss is bearable for your texts (labelled queries of "
            "your own tell), lower parity.min_top10_kept.",
            effort=Effort.QUICK,
            priority=Level.HIGH,
            axes=(AXIS,),
            check=command(answers[0], CHECKED_WITH),
        )
    fewest = min(kept)
    too_few = f"; too few: {_each(lost)}" if lost else ""
    return fact(
        f"Of the ten nearest, {_each(kept)}{too_few}{whose}",
        lines,
        answers,
        axes=(AXIS,),
        cost=f"Whoever keeps {fewest:,} numbers has to cut every vector that is stored already.",
        check=command(kept[fewest], CHECKED_WITH),
    )


def _each(sizes: Sizes) -> str:
    """``64 numbers (256 B) keep 81.2 %, 128 numbers (512 B) keep 92.5 %``."""
    return ", ".join(
        f"{size:,} numbers ({BYTES * size:,} B) keep {number(one.value(TOP) or 0)} %"
        for size, one in sizes.items()
    )


def _sizes(answers: Sequence[Answer]) -> Sizes:
    found: dict[int, Answer] = {}
    for one in sorted(answers, key=lambda one: one.value(TOP) or 0.0):
        found.setdefault(int(one.run.config[AXIS]), one)
    return dict(sorted(found.items()))


def _service(answer: Answer) -> tuple[str, ...]:
    """What embeds, whatever the size: model, backend, type and prompt."""
    config = answer.run.config
    backend, prompt = config["backend"], config.get("prompt")
    name = str(config["model"]["name"]).rpartition("/")[2]
    said = "" if prompt is None else f"prompt={prompt}"
    return (name, str(backend["name"]), str(backend["dtype"]), said)


RULE = Rule(name="dimensions", find=find)
