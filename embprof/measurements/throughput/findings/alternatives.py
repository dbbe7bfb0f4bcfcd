"""Other types and other models: how much faster, and that the loss of quality is not known yet."""

from collections.abc import Iterator, Mapping

from embprof.config import override
from embprof.interface import nested
from embprof.interface.account import Quality, Rule
from embprof.interface.finding import Effort, Finding
from embprof.interface.subjects import workload_of
from embprof.report import phrases
from embprof.report.call import call_of
from embprof.report.change import Change, change, rate_of
from embprof.report.check_command import RESTARTS, command, most_usual
from embprof.report.ranking import rank
from embprof.report.rule_findings import compared, fact, gap
from embprof.report.study import Answer, Series, Study
from embprof.units import counted

DTYPE = "backend.dtype"
DEFAULTS = {"model": "minilm_l6", "cross_encoder": "nli_minilm_l6"}
"""Groups of models, and the option of each that a command which names none has."""
USUAL, SCENARIO = "float32", "experiment"
COSTS: Mapping[str, str] = {
    DTYPE: "Embeddings change a little; these runs say nothing of how much.",
    "model": "Embeddings of another model are of another space: every stored vector has to be made "
    "anew, and these runs say nothing of quality.",
    "cross_encoder": "Another model has other predictions: compare their accuracy on your own "
    "pairs, with labels.",
}
UNREAD = "Results change a little; these runs say nothing of how much."
RANDOM = "weights were random: speed and memory are those of the real model, quality is not"


def find(study: Study) -> Iterator[Finding]:
    """Types against float32, models against the slowest; a gap where no type was compared."""
    for series in study.series(DTYPE):
        if USUAL in series.values:
            usual = series.answers[series.values.index(USUAL)]
            for value, answer in zip(series.values, series.answers, strict=True):
                found = change(usual, answer, rate_of(answer), comparisons=len(series.values) - 1)
                if value != USUAL and found is not None:
                    yield _finding(series, found, (USUAL, value), Effort.MEDIUM)
    for measured in [one for group in DEFAULTS for one in study.series(group)]:
        ranking = rank(measured)
        if ranking is None:
            continue
        series = ranking.series
        slowest = ranking.slowest
        for value, answer in zip(series.values, series.answers, strict=True):
            if answer is not series.answers[slowest]:
                found = ranking.change(slowest, series.values.index(value))
                if found is not None:
                    names = (_short(series.values[slowest]), _short(value))
                    yield _finding(series, found, names, Effort.LONG)
    yield from _not_compared(study)


def _finding(
    series: Series, found: Change, names: tuple[object, object], effort: Effort
) -> Finding:
    a, b, axis = found.before, found.after, series.axis
    evidence = [*phrases.pair_lines(found, *names)]
    if any(_has_random_weights(one) for one in (a, b)):
        evidence.append(RANDOM)
    beyond = f"{phrases.rates(found)}{phrases.of(series)}"
    if found.is_worse:
        title = f"{names[1]} is slower than {names[0]} here: {beyond}"
        return fact(title, evidence, found.answers, axes=(axis,))
    return compared(
        found,
        f"{names[1]} is {phrases.times(found.ratio)} as fast as {names[0]}: {beyond}",
        f"{names[1]} and {names[0]} are the same for practical purposes: {beyond}"
        if found.pair is not None and found.pair.word == "same"
        else f"Whether {names[1]} or {names[0]} is faster cannot be told: {beyond}",
        evidence,
        found.answers,
        advice=f"Try {names[1]}, and compare its answers on your own data before you change over.",
        effort=effort,
        risk="Quality is not in these figures." if _quality(b) is None else None,
        cost=_cost(b, axis),
        axes=(axis,),
        check=_check(b, series),
    )


def _cost(answer: Answer, axis: str) -> str:
    """What it costs in quality, as far as that was read."""
    read = _quality(answer)
    if read is None:
        return COSTS[axis] if axis != DTYPE or _embeds(answer) else UNREAD
    if axis != DTYPE:
        return COSTS[axis] if read.accuracy is None else f"{COSTS[axis]} Here: {read.accuracy}."
    return f"{'; '.join(filter(None, (read.agreement, read.accuracy)))}."


def _quality(answer: Answer) -> Quality | None:
    read = workload_of(answer.run.config).account.quality
    return None if read is None else read(answer.run)


def _embeds(answer: Answer) -> bool:
    call = call_of(answer)
    return call is not None and call.result == "embedding"


def _has_random_weights(answer: Answer) -> bool:
    nodes = nested.find(answer.run.config["workload"], nested.MODEL)
    return any(node.get("weights") == "random" for _, node in nodes)


def _check(answer: Answer, series: Series) -> str:
    if series.axis == DTYPE:
        return command(answer, {DTYPE: series.values, "restarts": RESTARTS})
    given = [_model_option(one, series.axis) for one in series.answers]
    return command(answer, {series.axis: list(dict.fromkeys(given)), "restarts": RESTARTS})


def _model_option(answer: Answer, group: str) -> str:
    """The option of the model; where none was named, that of the default configuration."""
    typed = override.by_key(answer.run.overrides)
    if group in typed:
        return typed[group].text
    return str(answer.run.config[group]["name"]) if SCENARIO in typed else DEFAULTS[group]


def _not_compared(study: Study) -> Iterator[Finding]:
    """A gap where throughput was measured on a CPU with one type alone."""
    runs = [
        one
        for one in study.of("throughput")
        if one.run.config.get("device") == "cpu" and "backend" in one.run.config["workload"]
    ]
    types = {(one.run.config.get("backend") or {}).get("dtype") for one in runs}
    if runs and types == {USUAL}:
        yield gap(
            "Whether a type of fewer bits is faster here was not measured",
            f"{counted(len(runs), 'run')} on a CPU, all in {USUAL}",
            runs,
            check=command(most_usual(runs), {DTYPE: [USUAL, "bfloat16"], "restarts": RESTARTS}),
        )


def _short(name: object) -> str:
    return str(name).rstrip("/").rpartition("/")[2]


RULE = Rule(name="alternatives", find=find, headline=70)
