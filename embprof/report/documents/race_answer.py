"""What a race answers: which row is fastest, which are as good, and what is open."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from embprof.config.question import differing, question
from embprof.interface.figure import throughput_name
from embprof.interface.figures import singular
from embprof.interface.workload import QUALITY
from embprof.race import PairedRatio, Race, StandingWord
from embprof.report.change import items_of
from embprof.report.phrases import NAMED
from embprof.report.race_phrases import between
from embprof.report.study import Answer, Study, names
from embprof.tracking.races import each_once
from embprof.units import counted, duration, of_time, percent

RACES_TOLD = 3
"""Races of a sweep that are told one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raced:
    """A race whose leader is in a study, and its rows there, in the order of their numbers."""

    race: Race
    answers: tuple[Answer, ...]

    def with_word(self, word: StandingWord) -> list[Answer]:
        """The rows that stand so."""
        every = ((one, one.standing) for one in self.answers)
        return [one for one, standing in every if standing is not None and standing.word == word]

    def beside_leader(self, answer: Answer) -> PairedRatio | None:
        """What a row costs beside the leader."""
        return self.race.pair(self.race.leader or "", answer.run.run_id)

    def ratio(self, answer: Answer) -> float:
        """The ratio of costs to the leader, as the race's standings have it."""
        standing = answer.standing
        return 1.0 if standing is None or standing.ratio is None else standing.ratio


def raced(study: Study) -> list[Raced]:
    """The races with a leader among the answers of a study."""
    every = sorted(study.answers, key=lambda one: one.run.number)
    found = [
        Raced(race=race, answers=tuple(one for one in every if race.standing(one.run.run_id)))
        for race in each_once(one.race for one in every)
    ]
    return [
        one
        for one in found
        if len(one.answers) > 1
        and any(answer.run.run_id == one.race.leader for answer in one.answers)
    ]


def of_one_sweep(study: Study) -> list[Raced]:
    """Those of a study of one sweep; of several sweeps none answers for all."""
    sweeps = {answer.run.sweep_id for answer in (*study.answers, *study.failed)}
    return raced(study) if len(sweeps) == 1 else []


def have_quality(races: Sequence[Raced]) -> bool:
    """Whether rows may differ in how good their answers are: the fastest is not yet the best."""
    return any(one.run.description.get(QUALITY) for raced in races for one in raced.answers)


def text(races: Sequence[Raced]) -> str:
    """Each race in a sentence, the first three of them, and how often one of the words errs."""
    told = [f"{where(one, races)}{_sentence(one)}" for one in races[:RACES_TOLD]]
    if more := len(races) - len(told):
        told.append(f"{counted(more, 'further race')} {'is' if more == 1 else 'are'} in the report")
    error = f"{100 * max(one.race.alpha for one in races):g} %"
    each = "" if len(races) == 1 else ", in each race"
    told.append(f"Error of any of these words: at most {error}{each}")
    return ". ".join(told)


def sure(races: Sequence[Raced]) -> str:
    """How much of it is told, and why what others did on the machine does not favour a row."""
    open_rows = sum(len(one.with_word("open")) for one in races)
    rounds = counted(sum(one.race.rounds for one in races), "round")
    spent = duration(sum(one.race.seconds for one in races))
    how = "partly" if open_rows else "well"
    told = "every row is told from the fastest, or the same for practical purposes"
    if open_rows:
        count = sum(len(one.answers) for one in races)
        verb = "is" if open_rows == 1 else "are"
        told = f"{open_rows} of {counted(count, 'row')} {verb} not told from the one in front"
    return f"{how}: {told}; {rounds} in {spent}, in which the machine was the same for all"


def where(one: Raced, races: Sequence[Raced]) -> str:
    """What tells it from the other races, as the beginning of a sentence; empty where alone."""
    if len(races) == 1:
        return ""
    every = {answer.run.run_id: question(answer.run) for other in races for answer in other.answers}
    own = [every[answer.run.run_id] for answer in one.answers]
    keys = [key for key in differing(list(every.values())) if _is_same(own, key)]
    if keys:
        return f"With {' '.join(f'{key}={own[0].get(key)}' for key in keys)}, "
    return f"Of {_joined([answer.label for answer in one.answers])}, "


def _is_same(configs: Sequence[Mapping[str, object]], key: str) -> bool:
    return len({repr(config.get(key)) for config in configs}) == 1


def _sentence(one: Raced) -> str:
    key, labels = names(one.answers)
    called = {answer.run.run_id: label for answer, label in zip(one.answers, labels, strict=True)}
    leader = called[one.race.leader or ""]
    head = f"{key}={leader}" if key else leader
    front = "in front" if one.with_word("open") else ("fastest" if _is_timed(one) else "best")
    return "; ".join(
        [
            f"{head} is {front}",
            *_alike(one, called),
            *_slower(one, called),
            *_open(one, called, leader),
        ]
    )


def _alike(one: Raced, called: Mapping[str, str]) -> Iterator[str]:
    """``32 and 128 are within 3 % of it``."""
    rows = one.with_word("same")
    if not rows:
        return
    pairs = [pair for row in rows if (pair := one.beside_leader(row)) is not None]
    ends = (end for pair in pairs for end in (pair.sure_high - 1, 1 - pair.sure_low))
    share = max((end for end in ends if math.isfinite(end)), default=one.race.bound)
    whole = math.ceil(round(100 * share, 6))
    yield f"{_named(rows, called)} {_are(rows)} within {whole} % of it"


def _slower(one: Raced, called: Mapping[str, str]) -> Iterator[str]:
    """``8 and 16 are slower (they take 22 and 10 % more time per text)``."""
    rows = one.with_word("slower")
    if not rows:
        return
    if len(rows) > NAMED:
        rows.sort(key=one.ratio)
    shares = [percent(one.ratio(row) - 1).removesuffix(" %") for row in rows[:NAMED]]
    if len(rows) > NAMED:
        most = percent(one.ratio(rows[-1]) - 1)
        how = f"{', '.join(shares)} %, the others up to {most}"
    else:
        how = f"{_joined(shares)} %"
    it = "it takes" if len(rows) == 1 else "they take"
    what = _what(one)
    if not what.startswith("time per "):
        it = "it has" if len(rows) == 1 else "they have"
    are = _are(rows)
    worse = "slower" if _is_timed(one) else "worse"
    yield f"{_named(rows, called)} {are} {worse} ({it} {how} more {what})"


def _open(one: Raced, called: Mapping[str, str], leader: str) -> Iterator[str]:
    """``whether 128 differs from 64 is open: between 2 % less and 7 % more time per text``."""
    rows = one.with_word("open")
    if not rows:
        return
    differ = "differs" if len(rows) == 1 else "differ"
    pairs = [one.beside_leader(row) for row in rows]
    ranges = [
        (called[row.run.run_id], between(pair.sure_low, pair.sure_high))
        for row, pair in zip(rows, pairs, strict=True)
        if pair is not None and (pair.sure_low > 0 or math.isfinite(pair.sure_high))
    ]
    if len(rows) == 1:
        known = [how for _, how in ranges]
    else:
        known = [f"{name} {how}" for name, how in ranges[:NAMED]]
    how = f": {', '.join(known)} {_what(one)}" if known else ""
    seconds = [pair.more_seconds for pair in pairs if pair is not None]
    needed = [one for one in seconds if one is not None]
    if seconds and len(needed) == len(rows):
        it = "it" if len(rows) == 1 else "them"
        how += f"; about {duration(_round(max(needed)))} more would settle {it}"
    yield f"whether {_named(rows, called)} {differ} from {leader} is open{how}"


def _round(seconds: float) -> float:
    """Two digits of what is only an estimate."""
    return float(f"{seconds:.2g}") if seconds >= 1 else 1.0


def _what(one: Raced) -> str:
    items = items_of(one.answers[0])
    is_rate = one.race.figure == throughput_name(items)
    return f"time per {singular(items)}" if is_rate else one.race.figure


def _is_timed(one: Raced) -> bool:
    """Whether rows are compared in a rate or a time, so that one is faster than another."""
    figure = one.answers[0].run.figure(one.race.figure)
    return figure is None or figure.better == "higher" or of_time(figure.unit)


def _named(rows: Sequence[Answer], called: Mapping[str, str]) -> str:
    return _joined([called[row.run.run_id] for row in rows])


def _joined(texts: Sequence[str]) -> str:
    """``8, 16 and 32``; of many the first, and how many more."""
    shown = list(texts[:NAMED])
    if more := len(texts) - len(shown):
        return f"{', '.join(shown)} and {counted(more, 'other')}"
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def _are(rows: Sequence[Answer]) -> str:
    return "is" if len(rows) == 1 else "are"
