"""What a prompt costs: tokens that every text has more, and the time that these take.

Whether vectors are better with it is another question, which labelled queries answer.
"""

from collections.abc import Iterator

from embprof.config import subject
from embprof.interface.account import Rule
from embprof.interface.finding import Finding
from embprof.report import phrases
from embprof.report.change import Change, change, rate_of
from embprof.report.check_command import RESTARTS, command
from embprof.report.rule_findings import fact
from embprof.report.study import Answer, Series, Study
from embprof.units import counted

AXIS = "prompt"
SHOWN = 40
"""Characters of a prompt that are shown."""


def find(study: Study) -> Iterator[Finding]:
    """For each series of prompts, what each costs beside the shortest."""
    for series in study.series(AXIS):
        yield _of_series(series)


def _of_series(series: Series) -> Finding:
    rows = sorted(zip(series.values, series.answers, strict=True), key=lambda row: _tokens(row[1]))
    (least, base), *others = rows
    costs, evidence, is_known = [], [_line(least, base)], True
    for value, answer in others:
        found = change(base, answer, rate_of(answer), comparisons=len(others))
        is_known = is_known and found is not None and found.is_distinct
        tokens = _tokens(answer) - _tokens(base)
        costs.append(f"{_named(value)} costs {counted(tokens, 'token')} a text{_time(found)}")
        evidence.append(_line(value, answer))
    return fact(
        f"Beside {_named(least)}, {'; '.join(costs)}{phrases.of(series)}",
        evidence,
        series.answers,
        axes=(AXIS,),
        cost="Vectors of one prompt are not to be searched with those of another than the model "
        "was trained for.",
        check=None if is_known else command(base, {AXIS: series.values, "restarts": RESTARTS}),
    )


def _tokens(answer: Answer) -> int:
    """How many its prompt adds to each text."""
    return int(answer.run.description.get("prompt_tokens") or 0)


def _time(found: Change | None) -> str:
    if found is None:
        return ""
    if not found.is_distinct:
        return ", and that it costs time cannot be told"
    return f": throughput is {phrases.more(found.improvement)}"


def _line(value: object, answer: Answer) -> str:
    text = str(answer.run.description.get("prompt") or "")
    shown = f"{text[:SHOWN]!r}{'…' * (len(text) > SHOWN)}" if text else "nothing"
    return f"{phrases.run_line(answer, _named(value))}; {shown} stands before each text"


def _named(value: object) -> str:
    """``prompt=query``."""
    text = subject.typed(value)
    return f"{AXIS}={text[:SHOWN]}{'…' * (len(text) > SHOWN)}"


RULE = Rule(name="prompts", find=find)
