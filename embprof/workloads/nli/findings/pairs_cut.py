"""Pairs longer than the limit: what a cut gains in time, and how many predictions it changes.

What a cut changes is read by itself: the exact reference of cut pairs against that of whole ones.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from embprof.interface.account import Rule
from embprof.interface.finding import Effort, Finding, Kind, Level
from embprof.model import Estimate
from embprof.report import phrases
from embprof.report.call import call_of
from embprof.report.change import Change, change, priority_of, rate_of
from embprof.report.check_command import RESTARTS, command
from embprof.report.rule_findings import advice, finding
from embprof.report.study import Answer, Series, Study
from embprof.workloads.nli.figures import MAY_BE_LOST
from embprof.workloads.nli.findings import predictions

CUT, UNCUT = "pairs_cut_percent", "uncut_agreement_percent"
AXES = ("truncation",)
MANY = 1.0
"""Percent of pairs beyond the model's own limit from which it is worth a word; a choice."""
RISK = "What stands last in a text is lost first; other evidence is longer."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    """One limit against the largest: the gain, and what is left of the predictions."""

    tokens: int
    gain: Change
    kept: Estimate | None

    @property
    def is_tolerable(self) -> bool:
        """Whether it is known that few predictions change: it is the interval that tells."""
        low = None if self.kept is None else self.kept.low
        return low is not None and low >= 100 - MAY_BE_LOST

    @property
    def sentence(self) -> str:
        """What it costs."""
        if self.kept is None:
            return "what that changes was not read"
        return f"{predictions.share(self.kept)} of predictions are those of whole pairs"


def find(study: Study) -> Iterator[Finding]:
    """For each series of limits what is gained and lost; pairs beyond what the model takes."""
    for series in study.series("truncation"):
        if _judges(series.answers[0]):
            yield from _of_series(series)
    yield from _beyond(study)


def _judges(answer: Answer) -> bool:
    call = call_of(answer)
    return call is not None and call.result == "prediction"


def _of_series(series: Series) -> Iterator[Finding]:
    full, largest = series.answers[-1], series.values[-1]
    against = "no cut" if largest is None else f"a cut at {largest}"
    cuts = [
        _Cut(tokens=tokens, gain=gain, kept=answer.estimate(UNCUT))
        for tokens, answer in zip(series.values[:-1], series.answers[:-1], strict=True)
        if (gain := change(full, answer, rate_of(answer), comparisons=len(series.values) - 1))
    ]
    faster = [cut for cut in cuts if cut.gain.is_better]
    tolerable = [cut for cut in faster if cut.is_tolerable]
    timed = [full, *(cut.gain.after for cut in cuts)]
    if tolerable:
        best = max(tolerable, key=lambda cut: cut.gain.ratio.value)
        more = best.gain.improvement
        yield advice(
            f"{_gain(best, against)}, and {best.sentence}{phrases.of(series)}",
            _evidence(cuts, against),
            timed,
            axes=AXES,
            advice=f"Set truncation={best.tokens} (max_seq_length of the model).",
            improvement=more,
            effort=Effort.QUICK,
            priority=priority_of(more),
            risk=RISK,
            check=_check(best, series),
        )
    elif faster:  # every gain costs more than is advised, or nobody knows how much
        least = max(faster, key=lambda cut: cut.tokens)
        yield finding(
            Kind.GAP if least.kept is None else Kind.FACT,
            f"{_gain(least, against)}; {least.sentence}{phrases.of(series)}",
            _evidence(cuts, against),
            timed,
            axes=AXES,
            risk=RISK,
            check=_check(least, series),
        )


def _gain(cut: _Cut, against: str) -> str:
    gain = phrases.gain(cut.gain.improvement)
    return f"Cutting pairs at {cut.tokens} tokens gives {gain} more throughput than {against}"


def _check(cut: _Cut, series: Series) -> str:
    changes: dict[str, object] = {
        "truncation": [cut.tokens, series.values[-1]],
        "restarts": RESTARTS,
    }
    if cut.kept is None:
        changes["cross_encoder"] = predictions.TRAINED
    return command(cut.gain.after, changes)


def _beyond(study: Study) -> Iterator[Finding]:
    """Pairs that the model itself cuts."""
    long = [
        one
        for one in study.answers
        if _judges(one) and one.run.config["truncation"] is None and (one.value(CUT) or 0.0) >= MANY
    ]
    if not long:
        return
    most = max(long, key=lambda one: one.value(CUT) or 0.0)
    share = most.estimate(CUT)
    assert share is not None
    limit = most.run.description.get("max_tokens")
    yield advice(
        f"{predictions.share(share)} of pairs are longer than the {limit} tokens that the model "
        "takes: the rest of them is not read",
        (
            f"{one.label}: {one.value(CUT):.1f} % of pairs cut, "
            f"truncate={one.run.config['workload']['truncate']}"
            for one in long[: phrases.NAMED]
        ),
        long,
        advice="Split long evidence into passages and judge each; never let the claim be cut "
        "(workload.truncate=evidence).",
        effort=Effort.MEDIUM,
        priority=Level.MEDIUM,
        risk="More passages are more pairs to judge.",
        check=command(most, {"workload.truncate": ["longest_first", "evidence"]}),
    )


def _evidence(cuts: Sequence[_Cut], against: str) -> Iterator[str]:
    yield phrases.run_line(cuts[0].gain.before, against)
    for cut in cuts:
        share = cut.gain.after.value(CUT)
        beyond = "" if share is None else f", {share:.1f} % of pairs cut"
        yield (
            f"{phrases.run_line(cut.gain.after, cut.tokens)}, "
            f"{phrases.more(cut.gain.improvement)}{beyond}; {cut.sentence}"
        )
    yield from dict.fromkeys(note for cut in cuts for note in cut.gain.notes)


RULE = Rule(name="pairs_cut", find=find)
