"""The answer of a study: what was found, of what it holds, how sure that is, what to do next.

They say nothing that the findings do not: they choose among them.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from embprof.interface import faults
from embprof.interface.account import Rule
from embprof.interface.column import throughput_of
from embprof.interface.finding import Finding, Kind, Level
from embprof.machine.validity import MARKS
from embprof.report import phrases
from embprof.report.change import NOISY, is_disturbed, marks
from embprof.report.comparison_phrases import change, interval
from embprof.report.conditions import conditions
from embprof.report.documents import race_answer
from embprof.report.documents.race_answer import Raced
from embprof.report.findings import GENERAL, rules
from embprof.report.rules import compared_values, targets_met
from embprof.report.study import Answer, Study
from embprof.units import counted, percent

ANSWERS = (Kind.ADVICE, Kind.FACT)
NOISE, TARGETS = "noise", "targets"
NARROW = 0.05
"""Half-width up to which an interval is called narrow: the least gain that findings speak of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What was found, under which conditions, how sure that is, and what to do next.

    ``command`` is what the last of them says to run. ``is_answer``: whether the first is more than
    that something was measured.
    """

    is_answer: bool
    found: str
    conditions: str
    sure: str
    next: str
    command: str | None

    @property
    def short_next(self) -> str:
        """What to do next, by its command where the sentence would only repeat the first."""
        repeats = self.found.rstrip(".").casefold() in self.next.casefold()
        return self.command if repeats and self.command else self.next

    @property
    def sentences(self) -> tuple[tuple[str, str], ...]:
        """Each with the question that it answers."""
        every = (
            ("Answer", self.found),
            ("Holds for", self.conditions),
            ("How sure", self.sure),
            ("Next", self.next),
        )
        return tuple((heading, sentence) for heading, sentence in every if sentence)


def reply(study: Study, findings: Sequence[Finding]) -> Reply:
    """The answer."""
    ordered = sorted((rule for _, rule in rules(study)), key=_headline_order)
    headline = _headline([rule.name for rule in ordered], ordered, findings)
    races = race_answer.of_one_sweep(study)
    following = _following(headline, findings, races)
    # To measure again is to measure what was asked for.
    to_run = headline if following is not None and following.rule == NOISE else None
    command = to_run.check if to_run is not None and to_run.check else None
    met = [finding.title for finding in findings if finding.rule == targets_met.NAME]
    answer = _figure(study) if headline is None else _headline_text(headline, ordered, study)
    # A target that is missed says no more than which runs meet it.
    told = met if headline is not None and headline.rule == TARGETS and met else [*met, answer]
    behind = _behind(headline, study)
    if races:
        # How fast rows are is not all that is wanted of those that may miss a target or an answer.
        is_all = headline is None or not (
            headline.rule == TARGETS or race_answer.have_quality(races)
        )
        told = [*(met if is_all else told), race_answer.text(races)]
        behind = [answer for one in races for answer in one.answers]
    found = f"{'. '.join(told)}{_against(study)}"
    return Reply(
        is_answer=headline is not None or bool(met) or bool(races),
        # A race begins with what its leader is called.
        found=f"{found}." if races and len(told) == 1 else _sentence(found),
        conditions=f"{conditions(behind)}." if study.answers else "",
        sure=_sentence(_sure(behind, study, findings, races)),
        next=_sentence(_next(following) if study.answers else "Mend that, and measure again"),
        command=command or (following.check if following is not None else None),
    )


def _headline(
    order: Sequence[str], rules: Sequence[Rule], findings: Sequence[Finding]
) -> Finding | None:
    """What answers: of what was swept first, then what the first of the rules says.

    Findings come in order of their worth.
    """
    places = {name: at for at, name in enumerate(order)}
    headlines = {rule.name for rule in rules if rule.headline is not None}
    headlines -= {rule.name for rule in GENERAL}
    weighing = [finding for finding in findings if finding.axes]
    own = [finding for finding in weighing if finding.rule != compared_values.NAME]
    # A rule that does not say what it weighs may look at several runs all the same.
    of_several = [
        finding
        for finding in findings
        if finding.rule in headlines and len(finding.runs) > 1 and finding.kind in ANSWERS
    ]
    for found in (own, of_several, weighing):
        if found:
            return min(found, key=lambda finding: places.get(finding.rule, len(places)))
    for rule in rules:
        own = [finding for finding in findings if finding.rule == rule.name]
        known = [finding for finding in own if finding.kind in ANSWERS]
        if rule.headline is not None and (known or (own and rule.gap_answers)):
            return (known or own)[0]
    return None


def _headline_order(rule: Rule) -> float:
    return math.inf if rule.headline is None else rule.headline


def _headline_text(headline: Finding, rules: Sequence[Rule], study: Study) -> str:
    """Its title, or what its rule says of the whole study."""
    say = next((rule.answer for rule in rules if rule.name == headline.rule), None)
    if say is None:
        return headline.title
    part = f"the answer of its rule {headline.rule}"
    return faults.ask(headline.rule, part, lambda: say(study, headline), headline.title)


def _against(study: Study) -> str:
    """How many runs got which verdict beside their baseline; empty where none was compared."""
    every = [found for answer in study.answers if (found := answer.comparison) is not None]
    verdicts = Counter(found.verdict.value for found in every)
    if not verdicts:
        return ""
    names = {found.a.partition(" ")[0] for found in every}
    other = f"the baseline {names.pop()}" if len(names) == 1 else "what they were compared with"
    if all(found.a.partition("/")[0] == found.b.partition("/")[0] for found in every):
        other = "arm A of the gate"
    if len(every) == 1:
        how = f", {change(every[0])} time or cost ({interval(every[0])})" if every[0].ratio else ""
        return f". Beside {other}: {every[0].verdict.value}{how}"
    counts = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items())
    return f". Beside {other}, of {len(every)} runs: {counts}"


def _following(
    headline: Finding | None, findings: Sequence[Finding], races: Sequence[Raced]
) -> Finding | None:
    """What to do first: measure again if the runs were disturbed, else what was advised.

    What a race has told holds on a busy machine too.
    """
    noisy = next((f for f in findings if f.rule == NOISE and f.priority is Level.HIGH), None)
    if races and not any(one.with_word("open") for one in races):
        noisy = None
    advised = [f for f in findings if f.kind is Kind.ADVICE and f.rule != NOISE]
    gaps = [f for f in findings if f.kind in (Kind.CONTRADICTION, Kind.GAP) and f.check]
    own = headline if headline is not None and headline.kind is Kind.ADVICE else None
    return noisy or own or next(iter([*advised, *gaps]), None)


def _next(finding: Finding | None) -> str:
    if finding is None:
        return "Nothing is left to change or to find out that these runs could tell of"
    if finding.advice is None:
        return f"Find out what these runs cannot tell: {_begun(finding.title)}"
    gain = ""
    if finding.improvement is not None:
        gain = f" Expected: {phrases.gain(finding.improvement)}, to be checked"
    return f"{finding.advice.removesuffix('.')}.{gain}" if gain else finding.advice


def _behind(headline: Finding | None, study: Study) -> Sequence[Answer]:
    """The runs that the answer rests on."""
    runs = headline.runs if headline is not None else ()
    return [a for a in study.answers if a.run.run_id in runs] or study.answers


def _sure(
    answers: Sequence[Answer],
    study: Study,
    findings: Sequence[Finding],
    races: Sequence[Raced] = (),
) -> str:
    """What can be relied on, and what cannot, in a sentence."""
    if not answers:
        return "no run ended well, so there is nothing to rely on"
    disturbed = [answer for answer in answers if is_disturbed(answer)]
    seen = {mark for answer in disturbed for mark in marks(answer) & NOISY}
    contradictions = sum(finding.kind is Kind.CONTRADICTION for finding in findings)
    estimates = (answer.run.primary.estimate for answer in answers if answer.run.primary)
    widths = [w for e in estimates if e is not None and (w := e.half_width) is not None]
    remarks = []
    behind = "" if len(answers) == len(study.answers) else " behind this"
    if races:
        remarks.append(race_answer.sure(races))
    if disturbed:
        why = ", ".join(MARKS[mark].partition(":")[0] for mark in MARKS if mark in seen)
        were = "was" if len(disturbed) == 1 else "were"
        of = f"{len(disturbed)} of {counted(len(answers), 'run')}{behind} {were}"
        many = of if len(study.answers) > 1 else "it was"
        how = "not very" if 2 * len(disturbed) >= len(answers) else "partly"
        judged = "" if races else f"{how}: "
        remarks.append(f"{judged}{many} disturbed ({why})")
    elif not races:
        is_narrow = widths and len(widths) == len(answers) and median(widths) <= NARROW
        quiet = f"nothing disturbed the runs{behind}"
        remarks.append(f"{'well' if is_narrow else 'partly'}: {quiet}")
    if not races:
        remarks.append(_precision(answers, widths))
    elif _is_one_process(answers):
        remarks.append("each row is one process, and how processes differ is not in its ratios")
    if contradictions:
        remarks.append(f"{counted(contradictions, 'contradiction')} below")
    return "; ".join(remarks)


def _precision(answers: Sequence[Answer], widths: Sequence[float]) -> str:
    """How wide the intervals are, and what they know of."""
    without = len(answers) - len(widths)
    if not widths:
        return "too few calls or restarts for an interval"
    text = f"the 95 % interval is ± {percent(widths[0])}"
    if len(widths) > 1:
        text = f"half of the 95 % intervals are within ± {percent(median(widths))}"
    if without:
        text += f", {counted(without, 'run')} have none"
    if _is_one_process(answers):
        text += "; each run is one process, and how processes differ is not in them"
    return text


def _is_one_process(answers: Sequence[Answer]) -> bool:
    return all(answer.run.config.get("restarts", 1) == 1 for answer in answers)


def _figure(study: Study) -> str:
    """The first figure of the first run, where no rule has more to say."""
    if not study.answers:
        reasons = dict.fromkeys(answer.run.reason or "failed" for answer in study.failed)
        return f"No run ended well: {'; '.join(reasons)}"
    if len(study.answers) > 1:
        return (
            f"{counted(len(study.answers), 'run')} were measured, with no figure in common that "
            "could be weighed; their figures are in the table"
        )
    answer = study.answers[0]
    primary = answer.run.primary
    if primary is None or primary.estimate is None:
        return "The run has no figure that its readings support"
    label = "Throughput" if primary is throughput_of(answer.run) else answer.account.label
    return f"{label or primary.name} is {phrases.bounded(primary.estimate, primary.unit)}"


def _begun(text: str) -> str:
    """With a small letter, unless it begins with a name or a figure."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def _sentence(text: str) -> str:
    # A key is written as it is typed.
    is_key = re.match(r"[a-z]+[=_.]", text) is not None
    return (text if is_key else f"{text[:1].upper()}{text[1:]}") + (
        "" if text.endswith((".", "?")) else "."
    )
