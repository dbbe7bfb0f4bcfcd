"""What rows do otherwise than the reference: which do at all, and by what name."""

from collections.abc import Iterator, Sequence

from embprof.config import question, subject
from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding, Level
from embprof.measurements.parity.measurement import DIFFERENCE, FAULTS, NAMES, NONE
from embprof.parity.names import NDCG
from embprof.report import phrases
from embprof.report.check_command import command
from embprof.report.rule_findings import advice, fact
from embprof.report.study import Answer, Study
from embprof.report.targets import not_kept

CHECKED_WITH = {"parity.labelled": "builtin"}
NAMED = ("backend", "backend.dtype")
"""Axes whose values stand in every name."""


def find(study: Study) -> Iterator[Finding]:
    """Which rows answer as the reference does, then what each of the others does."""
    looked = [one for one in study.answers if NAMES in one.run.description]
    if not looked:
        return
    axes = study.swept(looked[0].measurement)
    yield _of_all(looked, axes)
    yield from (_of_one(one, axes) for one in looked if one.run.description[NAMES] != NONE)


def _of_all(looked: Sequence[Answer], axes: Sequence[str]) -> Finding:
    """It weighs all that was swept, so that nothing else is taken for the answer."""
    others = {_name(one, axes): why for one in looked if (why := _why(one))}
    same = [name for one in looked if (name := _name(one, axes)) not in others]
    words = []
    if same:
        verb = "answers" if len(same) == 1 else "answer"
        words.append(f"{phrases.join(same)} {verb} as torch in float32 does but for rounding")
    what = "" if same else " answer as torch in float32 does"
    words += [f"{name} does not{what} ({why})" for name, why in others.items()]
    if searched := [one for one in looked if one.value(NDCG) is not None]:
        found = [f"{one.value(NDCG):.4f} of {one.label}" for one in searched]
        words.append(f"nDCG@10 of the labelled queries: {phrases.join(found)}")
    evidence = [f"#{one.run.number}: {NAMES} {one.run.description[NAMES]}" for one in looked]
    return fact("; ".join(words), evidence, looked, axes=(*axes, ", ".join(axes)))


def _why(answer: Answer) -> str:
    """Faults of structure, and what too much is lost of; empty where there is nothing."""
    lost = [target.sentence for target in not_kept(answer.run)]
    # Those of structure stand first.
    named = str(answer.run.description[NAMES]).split(", ")[: round(answer.value(FAULTS) or 0)]
    return "; ".join([*([", ".join(named)] if named else []), *lost])


def _of_one(answer: Answer, axes: Sequence[str]) -> Finding:
    described = answer.run.description
    names = str(described[NAMES])
    words = [
        str(described.get(f"{DIFFERENCE}{at}", name))
        for at, name in enumerate(names.split(", "), start=1)
    ]
    title = f"{_name(answer, axes)} differs from torch in float32: {names}"
    if not answer.value(FAULTS):
        return fact(f"{title}, no fault of structure", words, answer)
    return advice(
        title,
        words,
        answer,
        advice="Mend it, or take another backend or type. Where it comes with the type, what it "
        "costs is what neighbours and labelled queries lose.",
        effort=Effort.MEDIUM,
        priority=Level.MEDIUM,
        risk="Vectors depend on more than their text, or on something else of it.",
        check=command(answer, CHECKED_WITH),
    )


def _name(answer: Answer, axes: Sequence[str]) -> str:
    """``#1 onnx int8``, and what else was swept: ``#1 torch float32 prompt=query``."""
    backend, given = answer.run.config["backend"], question.typed(answer.run)
    values = {axis: given[axis] for axis in axes if axis in given and axis not in NAMED}
    others = [
        f" {axis}={subject.typed(one) if ' ' in one else one}" for axis, one in values.items()
    ]
    return f"{answer.label} {backend['name']} {backend['dtype']}{''.join(others)}"


RULE = Rule(name="named_faults", find=find, headline=135)
