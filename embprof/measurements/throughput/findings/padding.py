"""What is computed for padding, and what sorting by length would save.

A batch is padded to its longest text, or pair. sentence-transformers sorts what one ``encode`` or
``predict`` is given by characters before it cuts it into batches, so a call of many batches is
padded less; a call of one batch has nothing to sort. Texts of equal length in characters differ in
tokens, which that sorting cannot see: such runs are left out.

Computed, where no larger calls were measured: of w, what is padded for each token, sorting leaves a
part (``LEFT``), and characters leave ``UNSEEN`` of the tokens beside it. Time is taken as
proportional to tokens, padding included; a call has costs beside them, so that the gain is a bound.
"""

from collections.abc import Iterator, Sequence

from embprof.config import subject
from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding, Improvement
from embprof.report import phrases
from embprof.report.call import call_of
from embprof.report.change import change, priority_of, rate_of
from embprof.report.check_command import RESTARTS, command
from embprof.report.rule_findings import advice, fact
from embprof.report.study import Answer, Series, Study
from embprof.units import percent

WORTH = 0.10
"""Share of padding, and gain, from which sorting may be worth the trouble; a choice."""
RISK = "The first {result} of a call is back when the last one is."
BATCHES = 8
"""A call that holds so many batches is what the advice is computed for."""
LEFT, UNSEEN = 0.21, 0.14
"""Source: tokens of 8,192 texts each (built-in claims and evidence, words of lognormal length, the
tokeniser of MiniLM), batches of 8, 32 and 128, eight a call. Sorted by tokens, 11-21 % of w stayed;
sorted by characters, 0.04-0.14 of the tokens beside that. The largest of each is taken. Of as many
built-in pairs 12-16 % stayed, and 0.04-0.10."""


def find(study: Study) -> Iterator[Finding]:
    """Measured where calls of several sizes were; else what could be gained at most."""
    measured: set[str] = set()
    for series in study.series("texts_per_call"):
        found = _comparison(series)
        if found is not None:
            measured.update(answer.run.run_id for answer in series.answers)
            yield found
    others = [one for one in study.of("throughput") if one.run.run_id not in measured]
    padded = sorted(filter(_can_be_sorted, others), key=_share, reverse=True)
    if padded:
        yield _most_to_gain(padded)


def _can_be_sorted(answer: Answer) -> bool:
    """Whether its calls are single batches of texts that differ in length, and padded."""
    config = answer.run.config
    is_one_batch = 1 < _texts(answer) <= config["batch_size"]
    is_even = isinstance(subject.used(config, "text_length"), int)
    is_known = call_of(answer) is not None
    return is_known and is_one_batch and not is_even and _share(answer) >= WORTH


def _share(answer: Answer) -> float:
    """The share of what the network was given that was padding."""
    return (answer.value("padding_percent") or 0.0) / 100


def _texts(answer: Answer) -> int:
    """The texts of a call: one batch where nothing else was set."""
    config = answer.run.config
    return int(config.get("texts_per_call") or config.get("batch_size") or 1)


def _comparison(series: Series) -> Finding | None:
    """Larger calls against the smallest, where that one was padded."""
    ordered = sorted(series.answers, key=_texts)
    small, large = ordered[0], ordered[-1]
    found, call = change(small, large, rate_of(large)), call_of(large)
    if found is None or _share(small) < WORTH or _texts(small) == _texts(large) or call is None:
        return None
    calls = f"{_texts(large)} {call.item}s a call instead of {_texts(small)}"
    evidence = (
        *(
            f"{_texts(one)} {call.item}s a call ({one.label}): {phrases.rate(one)}, padding "
            f"{percent(_share(one))}"
            for one in ordered
        ),
        f"{calls}: {phrases.more(found.improvement)}",
        *found.notes,
    )
    check = command(large, {"texts_per_call": [_texts(small), _texts(large)], "restarts": RESTARTS})
    if not found.is_better:
        return fact(
            f"{calls} lower padding from {percent(_share(small))} to "
            f"{percent(_share(large))}; that it is faster cannot be told{phrases.of(series)}",
            evidence,
            series.answers,
            axes=(series.axis,),
            check=check,
        )
    return advice(
        f"{calls} lower padding from {percent(_share(small))} to {percent(_share(large))} "
        f"and give {phrases.gain(found.improvement)} more throughput{phrases.of(series)}",
        evidence,
        series.answers,
        axes=(series.axis,),
        advice=f"Hand many batches over in one {call.name}, which sorts them by length; where "
        f"{call.item}s come in a stream, gather those of like length.",
        improvement=found.improvement,
        effort=Effort.QUICK,
        priority=priority_of(found.improvement),
        risk=RISK.format(result=call.result),
        check=check,
    )


def _lengths(answer: Answer) -> str:
    length = subject.used(answer.run.config, "text_length")
    return "" if length is None else f", text_length={length}"


def _gains(share: float) -> tuple[float, float]:
    """What a call of many batches could gain at most, sorted by characters and by tokens."""
    w = share / (1 - share)
    return (1 + w) / (1 + LEFT * w + UNSEEN) - 1, (1 + w) / (1 + LEFT * w) - 1


def _most_to_gain(padded: Sequence[Answer]) -> Finding:
    """What could be gained of the run with most padding."""
    answer, share, call = padded[0], _share(padded[0]), call_of(padded[0])
    assert call is not None
    size = int(answer.run.config["batch_size"])
    by_characters, by_tokens = _gains(share)
    is_quick = by_characters >= WORTH
    most = by_characters if is_quick else by_tokens
    evidence = [
        f"{one.label}: padding {percent(_share(one))}, batches of {_texts(one)}{_lengths(one)}"
        for one in padded[: phrases.NAMED]
    ]
    evidence.append(
        f"computed, not measured, for {BATCHES} batches a call: sorted by characters, as "
        f"{call.name} does, up to {percent(max(by_characters, 0.0))} more; by tokens up to "
        f"{percent(by_tokens)}"
    )
    evidence.append(
        "time is taken as proportional to tokens; a call of one batch has nothing to sort"
    )
    return advice(
        f"{percent(share)} of what the network computes is padding in batches of {size}: "
        f"sorting {call.item}s by length would give up to {percent(most)} more throughput",
        evidence,
        padded,
        advice=f"Hand {BATCHES} batches or more over in one {call.name}, which sorts them; measure "
        "it first."
        if is_quick
        else f"Sort {BATCHES} batches or more by their tokens before you cut them into batches; "
        f"{call.name} sorts by characters, which gains less here.",
        improvement=Improvement(metric=rate_of(answer), share=most),
        effort=Effort.QUICK if is_quick else Effort.MEDIUM,
        risk=RISK.format(result=call.result),
        check=command(
            answer, {"texts_per_call": [_texts(answer), BATCHES * size], "restarts": RESTARTS}
        ),
    )


RULE = Rule(name="padding", find=find)
