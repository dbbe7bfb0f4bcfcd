"""Targets that are missed, and limits that were passed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from embprof.interface.finding import Finding, Level
from embprof.model import Figure
from embprof.report import phrases
from embprof.report.change import noise_of
from embprof.report.check_command import RESTARTS, command
from embprof.report.rule_findings import fact, gap
from embprof.report.standing import standing
from embprof.report.study import Answer, Study
from embprof.report.targets import Target, check
from embprof.units import counted

WORDS = {"limits": ("limit", "passed"), "targets": ("target", "missed")}
SHOWN = 4
_Asking = Mapping[tuple[str, float], list[Answer]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Miss:
    answer: Answer
    target: Target

    @property
    def figure(self) -> Figure:
        """The figure beside what it was to be."""
        assert self.target.figure is not None, "it was missed"
        return self.target.figure


def find(study: Study) -> Iterator[Finding]:
    """A finding for limits and one for targets, those in doubt apart."""
    for key in ("limits", "targets"):
        misses = [
            _Miss(answer=answer, target=target)
            for answer in study.answers
            for target in check(_wanted(answer, key), answer.run.figures)
            if target.met is False
        ]
        asking = {
            (name, value): [a for a in study.answers if _wanted(a, key).get(name) == value]
            for name, value in {(one.target.metric, one.target.wanted) for one in misses}
        }
        certain = [miss for miss in misses if standing(miss.answer, miss.target) == "missed"]
        doubtful = [miss for miss in misses if miss not in certain]
        if certain:
            yield _missed(certain, asking, WORDS[key])
        if doubtful:
            yield _in_doubt(doubtful, WORDS[key][0])


def _missed(misses: list[_Miss], asking: _Asking, words_of: tuple[str, str]) -> Finding:
    what, verb = words_of
    by_target: dict[tuple[str, float], list[_Miss]] = {}
    for miss in misses:
        by_target.setdefault((miss.target.metric, miss.target.wanted), []).append(miss)
    texts = []
    for name, found in by_target.items():
        several = len(asking[name]) > 1
        where = f", in {len(found)} of {counted(len(asking[name]), 'run')}" if several else ""
        texts.append(f"{found[0].target.sentence}{where}")
    count = f"A {what} is" if len(texts) == 1 else f"{len(texts)} {what}s are"
    shown = texts if len(texts) <= SHOWN else [*texts[:SHOWN], f"{len(texts) - SHOWN} more"]
    return fact(
        f"{count} {verb}: {'; '.join(shown)}",
        map(_evidence, misses),
        [miss.answer for miss in misses],
        priority=Level.HIGH,
    )


def _in_doubt(misses: list[_Miss], what: str) -> Finding:
    targets = "; ".join(dict.fromkeys(miss.target.sentence for miss in misses[:SHOWN]))
    first = misses[0].answer
    changes = {} if first.account.has_own_protocol else {"restarts": RESTARTS}
    return gap(
        f"Whether a {what} is missed cannot be told: {targets}, within the noise",
        map(_evidence, misses),
        [miss.answer for miss in misses],
        priority=Level.MEDIUM,
        check=command(first, changes),
    )


def _evidence(miss: _Miss) -> str:
    wanted = miss.target.sentence.partition(", ")[2] or miss.target.sentence
    noise = noise_of(miss.answer)
    around = f"; noise of {100 * noise:.0f} % around the run" if noise else ""
    return (
        f"{miss.answer.label}: {miss.target.metric} {phrases.bounded(miss.figure.estimate)}, "
        f"{wanted}{around}"
    )


def _wanted(answer: Answer, key: str) -> Mapping[str, float]:
    return answer.run.config.get(key) or {}
