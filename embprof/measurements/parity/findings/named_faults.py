"""What rows do otherwise than the reference: which do at all, and by what name."""

from collections.abc import Iterator, Sequence

from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding, Level
from embprof.measurements.parity.measurement import DIFFERENCE, FAULTS, NAMES, NONE
from embprof.report import phrases
from embprof.report.check_command import command
from embprof.report.rule_findings import advice, fact
from embprof.report.study import Answer, Study
from embprof.report.targets import not_kept

CHECKED_WITH = {"parity.labelled": "builtin"}


def find(study: Study) -> Iterator[Finding]:
    """Which rows answer as the reference does, then what each of the others does."""
    looked = [one for one in study.answers if NAMES in one.run.description]
    if not looked:
        return
    yield _of_all(looked, study)
    yield from (_of_one(one) for one in looked if one.run.description[NAMES] != NONE)


def _of_all(looked: Sequence[Answer], study: Study) -> Finding:
    """It weighs all that was swept, so that nothing else is taken for the answer."""
    others = {_name(one): why for one in looked if (why := _why(one))}
    same = [_name(one) for one in looked if _name(one) not in others]
    words = []
    if same:
        verb = "answers" if len(same) == 1 else "answer"
        words.append(f"{phrases.join(same)} {verb} as torch in float32 does but for rounding")
    what = "" if same else " answer as torch in float32 does"
    words += [f"{name} does not{what} ({why})" for name, why in others.items()]
    axes = [axis for answer in looked[:1] for axis in study.swept(answer.measurement)]
    evidence = [f"#{one.run.number}: {NAMES} {one.run.description[NAMES]}" for one in looked]
    return fact("; ".join(words), evidence, looked, axes=(*axes, ", ".join(axes)))


def _why(answer: Answer) -> str:
    """Faults of structure, and what too much is lost of; empty where there is nothing."""
    lost = [target.sentence for target in not_kept(answer.run)]
    # Those of structure stand first.
    named = str(answer.run.description[NAMES]).split(", ")[: round(answer.value(FAULTS) or 0)]
    return "; ".join([*([", ".join(named)] if named else []), *lost])


def _of_one(answer: Answer) -> Finding:
    described = answer.run.description
    names = str(described[NAMES])
    words = [
        str(described.get(f"{DIFFERENCE}{at}", name))
        for at, name in enumerate(names.split(", "), start=1)
    ]
    title = f"{_name(answer)} differs from torch in float32: {names}"
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


def _name(answer: Answer) -> str:
    backend = answer.run.config["backend"]
    return f"#{answer.run.number} {backend['name']} {backend['dtype']}"


RULE = Rule(name="named_faults", find=find, headline=135)
