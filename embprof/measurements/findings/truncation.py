"""Cutting texts at fewer tokens: what it gains in time, and what it loses in meaning.

Time and meaning are read by two measurements. A gain alone is no reason to cut, so a gain without
the loss on the same texts is a gap, and one that costs many neighbours is only a fact: whether it
is worth that is not for these figures to say.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding, Kind, Level
from embprof.measurements.findings.lost_meaning import (
    changed_share,
    is_shipped,
    loss_line,
    means_nothing,
    subject,
)
from embprof.report import phrases
from embprof.report.call import call_of
from embprof.report.change import Change, change, priority_of, rate_of
from embprof.report.check_command import RESTARTS, command
from embprof.report.rule_findings import fact, finding, gap
from embprof.report.study import Answer, Series, Study

LOSS, BOTH = "truncation_loss", ("throughput", "truncation_loss")
TOLERATED = 5.0
"""Percent of texts whose nearest neighbour may change, at most, where cutting is advised; a choice.
It is the upper bound of the interval that must stay below."""
BOUND = f"advised is only what changes {TOLERATED:g} % of neighbours at most, by the upper bound"
AXES = ("truncation",)
LONG = 64
"""Tokens of a text from which it is worth asking; a choice. Below, there is little to cut."""
LENGTHS = (32, 64, 128, None)
MEANS_NOTHING = "weights or texts were random: their meaning cannot be judged"
OWN_TEXTS = "With corpus=file corpus.path=FILE it is measured on your own texts."
RISK = (
    "Neighbours change more often in a corpus larger than that which was compared, and what a text "
    "says last is lost first."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    """One length against no cut: the gain, and the loss where it was measured."""

    tokens: int
    gain: Change
    loss: Answer | None

    @property
    def is_tolerable(self) -> bool:
        """Whether the loss is known to be small."""
        share = self.loss.estimate("neighbour_changed_percent") if self.loss else None
        return share is not None and share.high is not None and share.high <= TOLERATED


def find(study: Study) -> Iterator[Finding]:
    """For each series of lengths what is gained and lost; gaps where only one of them is known."""
    losses = {subject(answer): answer for answer in study.of(LOSS)}
    series = [one for one in study.series("truncation") if _embeds(one.answers[0])]
    for one in series:
        yield from _of_series(one, losses)
    if losses and not series:
        yield _unknown_gain(list(losses.values()))
    if not losses and not series:
        yield from _not_compared(study)


def _embeds(answer: Answer) -> bool:
    """Whether a cut costs neighbours; of what other workloads lose there is no such measure."""
    call = call_of(answer)
    return call is not None and call.result == "embedding"


def _of_series(series: Series, losses: Mapping[str, Answer]) -> Iterator[Finding]:
    full, uncut, comparisons = series.answers[-1], series.values[-1], len(series.values) - 1
    cuts = [
        _Cut(tokens=tokens, gain=gain, loss=losses.get(subject(answer)))
        for tokens, answer in zip(series.values[:-1], series.answers[:-1], strict=True)
        if (gain := change(full, answer, rate_of(answer), comparisons=comparisons)) is not None
    ]
    against = "no cut" if uncut is None else f"a cut at {uncut}"
    faster = [cut for cut in cuts if cut.gain.is_better]
    if cuts and not faster:
        yield _no_gain(series, cuts, against)
    measured = [cut for cut in faster if cut.loss is not None]
    tolerable = [cut for cut in measured if cut.is_tolerable]
    if tolerable:
        best = max(tolerable, key=lambda cut: cut.gain.ratio.value)
        yield _weighed(series, best, cuts, against)
    elif measured:  # every gain that can be told costs more than is advised
        yield _weighed(series, max(measured, key=lambda cut: cut.tokens), cuts, against)
    unknown = [cut for cut in faster if cut.loss is None]
    if unknown:
        yield _unknown_loss(series, unknown, against)


def _weighed(series: Series, cut: _Cut, cuts: Sequence[_Cut], against: str) -> Finding:
    """The gain beside the loss: advice where the loss is known to be small."""
    loss, gain, tokens = cut.loss, cut.gain.improvement, cut.tokens
    assert loss is not None
    joined = "and" if cut.is_tolerable else "but"
    found = fact(
        f"Cutting texts at {tokens} tokens gives {phrases.gain(gain)} more throughput than "
        f"{against}, {joined} {changed_share(loss)} of texts get another nearest neighbour"
        f"{phrases.of(series)}",
        [*_evidence(cuts, against), *([] if cut.is_tolerable else [BOUND])],
        _answers(cuts),
        axes=AXES,
        improvement=gain,
        risk=RISK,
        cost=f"{loss_line(loss)}.",
        check=_check(cut.gain.after, [tokens if cut.is_tolerable else 2 * tokens, None]),
    )
    if not cut.is_tolerable:
        return found
    return replace(
        found,
        kind=Kind.ADVICE,
        advice=f"Set truncation={tokens} (max_seq_length of the model), and embed stored "
        f"texts anew. {OWN_TEXTS if is_shipped(loss) else ''}".rstrip(),
        effort=Effort.MEDIUM,
        priority=priority_of(gain),
    )


def _no_gain(series: Series, cuts: Sequence[_Cut], against: str) -> Finding:
    """No gain that can be told; a gap where there are too few readings to tell one."""
    tokens = phrases.join([cut.tokens for cut in cuts], last="or")
    is_gap = any(cut.gain.improvement.low is None for cut in cuts)
    gains = [
        f"{phrases.more(cut.gain.improvement)} at {cut.tokens}" for cut in cuts[: phrases.NAMED]
    ]
    return finding(
        Kind.GAP if is_gap else Kind.FACT,
        f"That cutting texts at {tokens} tokens is faster than {against} cannot be told: "
        f"{', '.join(gains)}{phrases.of(series)}",
        _evidence(cuts, against),
        _answers(cuts),
        axes=AXES,
        check=command(
            cuts[0].gain.before,
            {"measurement": "throughput", "truncation": series.values, "restarts": RESTARTS},
        ),
    )


def _unknown_loss(series: Series, cuts: Sequence[_Cut], against: str) -> Finding:
    tokens = [cut.tokens for cut in cuts]
    gains = [
        f"{phrases.gain(cut.gain.improvement)} at {cut.tokens}" for cut in cuts[: phrases.NAMED]
    ]
    base = cuts[0].gain.after
    evidence = list(_evidence(cuts, against))
    if means_nothing(base):
        evidence.append(MEANS_NOTHING)
    return gap(
        f"Cutting texts gives more throughput than {against} ({', '.join(gains)} tokens); "
        f"what it costs in meaning was not measured{phrases.of(series)}",
        evidence,
        _answers(cuts),
        axes=AXES,
        advice=OWN_TEXTS if is_shipped(base) or means_nothing(base) else None,
        priority=Level.MEDIUM,
        check=_check(base, [*tokens, None])
        if means_nothing(base)
        else command(base, {"measurement": LOSS, "truncation": tokens}),
    )


def _unknown_gain(losses: Sequence[Answer]) -> Finding:
    cut = [one for one in losses if one.run.config.get("truncation") is not None] or losses
    tokens = sorted(
        {one.run.config["truncation"] for one in losses if one.run.config.get("truncation")}
    )
    return gap(
        "What cutting texts costs in meaning was measured; what it gains in time was not",
        [
            f"{phrases.label(one, one.run.config.get('truncation') or 'no cut')}: {loss_line(one)}"
            for one in losses
        ],
        losses,
        axes=AXES if len(losses) > 1 else (),
        check=command(cut[-1], {"measurement": "throughput", "truncation": [*tokens, None]}),
    )


def _not_compared(study: Study) -> Iterator[Finding]:
    """A gap where texts are long and cutting them was not measured."""
    long = {}
    for answer in filter(_embeds, study.of("throughput")):
        rate, tokens = answer.value(rate_of(answer)), answer.value("tokens_per_s")
        if rate and tokens and tokens / rate >= LONG:
            long[answer.run.run_id] = (tokens / rate, answer)
    if not long:
        return
    most, base = max(long.values(), key=lambda pair: pair[0])
    yield gap(
        f"Texts have up to {most:.0f} tokens; whether cutting them pays was not measured",
        [
            f"{phrases.label(answer, answer.run.config['text_length'])}: {tokens:.0f} tokens a text"
            for tokens, answer in long.values()
        ],
        [answer for _, answer in long.values()],
        advice=OWN_TEXTS if is_shipped(base) or means_nothing(base) else None,
        check=_check(base, [tokens for tokens in LENGTHS if tokens is None or tokens < most]),
    )


def _evidence(cuts: Sequence[_Cut], against: str) -> tuple[str, ...]:
    full = cuts[0].gain.before
    lines = [phrases.run_line(full, against)]
    for cut in cuts:
        gain = f"{phrases.gain(cut.gain.improvement)} more than {against}"
        if not cut.gain.is_distinct:
            gain = f"not told from {against} ({phrases.gain(cut.gain.improvement)} more)"
        after = cut.gain.after
        loss = "the loss of meaning was not measured" if cut.loss is None else loss_line(cut.loss)
        lines.append(f"{phrases.run_line(after, cut.tokens)}, {gain}; {loss}")
    notes = dict.fromkeys(note for cut in cuts for note in cut.gain.notes)
    return (*lines, *notes)


def _check(base: Answer, tokens: Sequence[int | None]) -> str:
    """Both sides on one corpus; where its texts or weights mean nothing, on some that do."""
    changes: dict[str, object] = {"measurement": BOTH, "truncation": tuple(tokens)}
    config = base.run.config
    if config["corpus"]["_target_"].endswith(".Synthetic"):
        changes |= {"corpus": "evidence", "text_length": "own"}
    if config["model"]["weights"] == "random":
        changes["model.weights"] = "pretrained"
    return command(base, changes)


def _answers(cuts: Sequence[_Cut]) -> list[Answer]:
    timed = [cuts[0].gain.before, *(cut.gain.after for cut in cuts)]
    judged = [cut.loss for cut in cuts if cut.loss is not None]
    return [*timed, *judged]


RULE = Rule(name="truncation", find=find, headline=130)
