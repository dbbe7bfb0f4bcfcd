"""One figure of two runs: how much better the second is, and how far that can be trusted."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from embprof.interface.column import throughput_of
from embprof.interface.figure import throughput_name
from embprof.interface.finding import Improvement, Level
from embprof.model import Estimate, Figure
from embprof.race import PairedRatio, Race
from embprof.report.study import Answer
from embprof.statistics.ratio import ratio
from embprof.statistics.stored import SESSION_NOISE
from embprof.units import counted, of_time, percent

CONFIDENCE = 0.95
DISTURBED = frozenset("BSQM")
"""Marks of what others did to a run."""
SPINNING = "A"
UNSTEADY = frozenset("WD")
DISTURBED_NOISE = 0.12
"""Standard deviation of a disturbed run's log value beyond its own interval. Source: restart pairs
a minute apart on a 2-core VM with other work on it differed by 11 and 17 % (sd of a pair,
``embprof.statistics.stored``); the larger over the square root of 2."""
CROWDED_NOISE = 0.34
"""The same where others used half of the CPUs, or idle threads spun beside others. Source: five
questions asked twice, 20 minutes apart, on a 2-core VM with 1.4-1.8 CPUs taken: ratios with an sd
of 0.48 on logarithms, over the square root of 2; and two spinning threads that made 258 texts/s
alone and 80 with one CPU taken (docs/explanation/threads.md; all between as likely)."""
CROWDED = 0.5
"""Share of the machine's CPUs that others used."""
OTHERS = re.compile(r"others used ([\d.]+) % of a CPU")
NOISY = DISTURBED | UNSTEADY | {SPINNING}
UNSTEADY_NOISE = 0.05
"""The same where readings had not settled or drifted: the drift from which runs are marked."""
PRIORITIES = ((0.25, Level.HIGH), (0.10, Level.MEDIUM))
"""Least gain that counts so much; a choice. It is the gain's lower bound that must reach it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """``ratio``: of the values, after over before; ``notes``: what its interval allows for.

    ``pair``: what ``after`` costs beside ``before``, where both were measured in the same rounds.
    Whether they are told apart then is what their race says, which allows for all that it compared.
    """

    before: Answer
    after: Answer
    metric: str
    is_rate: bool
    ratio: Estimate
    notes: tuple[str, ...] = ()
    pair: PairedRatio | None = None

    @property
    def improvement(self) -> Improvement:
        """How much more of a rate, how much less of a cost."""
        value, low, high = self.ratio.value, self.ratio.low, self.ratio.high
        if self.is_rate:
            return Improvement(
                metric=self.metric,
                share=value - 1,
                low=None if low is None else low - 1,
                high=None if high is None else high - 1,
            )
        return Improvement(
            metric=self.metric,
            share=1 - value,
            low=None if high is None else 1 - high,
            high=None if low is None else 1 - low,
        )

    @property
    def is_better(self) -> bool:
        """Whether the interval leaves no doubt that it improved."""
        if self.pair is not None:
            return self.pair.word == "faster"
        low = self.improvement.low
        return low is not None and low > 0

    @property
    def is_worse(self) -> bool:
        """Whether the interval leaves no doubt that it got worse."""
        if self.pair is not None:
            return self.pair.word == "slower"
        high = self.improvement.high
        return high is not None and high < 0

    @property
    def is_distinct(self) -> bool:
        """Whether the two can be told apart."""
        return self.is_better or self.is_worse

    @property
    def answers(self) -> tuple[Answer, Answer]:
        """Both runs."""
        return self.before, self.after

    @property
    def runs(self) -> tuple[str, str]:
        """The ids of both."""
        return self.before.run.run_id, self.after.run.run_id


def change(before: Answer, after: Answer, metric: str, *, comparisons: int = 1) -> Change | None:
    """The change of one figure; None where one of the runs does not have it.

    ``comparisons``: of so many, one at most errs in 5 % of studies (Bonferroni). Of two runs that
    were compared in one race by this figure, it is what the race says of the pair.
    """
    if (paired := _in_race(before, after, metric, is_alone=comparisons <= 1)) is not None:
        return paired
    a, b = before.run.figure(metric), after.run.figure(metric)
    if a is None or b is None or a.estimate is None or b.estimate is None:
        return None
    # What else happens on a machine changes times, and neither bytes nor meaning.
    is_noisy = of_time(b.unit)
    noise = _between(before, after) + _own(before) + _own(after) if is_noisy else 0.0
    found = ratio(
        a.estimate,
        b.estimate,
        noise=math.sqrt(noise),
        confidence=1 - (1 - CONFIDENCE) / max(1, comparisons),
    )
    if found is None:
        return None
    return Change(
        before=before,
        after=after,
        metric=metric,
        is_rate=b.better == "higher",
        ratio=found,
        notes=tuple(_notes(before, after)) if is_noisy else (),
    )


def throughput(answer: Answer) -> Figure | None:
    """The run's throughput, whatever its workload works on."""
    return throughput_of(answer.run)


def rate_of(answer: Answer) -> str:
    """The name of its throughput."""
    return throughput_name(items_of(answer))


def rate_value(answer: Answer) -> float:
    """Its throughput; 0 where it has none."""
    return answer.value(rate_of(answer)) or 0.0


def items_of(answer: Answer) -> str:
    """What its workload works on, in the plural."""
    return str(answer.run.description.get("items", "items"))


def unit_of_length(answer: Answer) -> str:
    """What the lengths of its texts count: characters, words or tokens."""
    return str((answer.run.config.get("corpus") or {}).get("unit", "characters"))


def priority_of(improvement: Improvement) -> Level:
    """By the least that the change brings."""
    least = improvement.share if improvement.low is None else improvement.low
    return next((level for bound, level in PRIORITIES if least >= bound), Level.LOW)


def marks(answer: Answer) -> frozenset[str]:
    """What happened around the run."""
    return frozenset(stamp.mark for stamp in answer.run.stamps)


def is_disturbed(answer: Answer) -> bool:
    """Whether its figures are times, and something happened that changes them."""
    return answer.account.is_timed and bool(marks(answer) & NOISY)


def noise_of(answer: Answer) -> float:
    """Standard deviation of a run's log times beyond their intervals; nothing where none is read.

    What others do on the machine changes times, and neither bytes nor meaning.
    """
    return math.sqrt(_own(answer)) if answer.account.is_timed else 0.0


def _in_race(before: Answer, after: Answer, metric: str, *, is_alone: bool) -> Change | None:
    """By what both did in the same rounds: whatever else the machine did met both alike.

    ``is_alone``: the pair is looked at by itself. The race's own notion of a pair is of costs.
    """
    race, figure = before.race, after.run.figure(metric)
    if race is None or race.figure != metric or figure is None:
        return None
    costs = race.pair(before.run.run_id, after.run.run_id)
    if costs is None:
        return None
    is_rate = figure.better == "higher"
    values = costs.turned() if is_rate else costs
    bounds = (values.low, values.high) if is_alone else (values.sure_low, values.sure_high)
    is_known = all(0 < bound < math.inf for bound in bounds)
    rounds = counted(costs.rounds, "round")
    return Change(
        before=before,
        after=after,
        metric=metric,
        is_rate=is_rate,
        ratio=Estimate(
            value=values.ratio,
            low=bounds[0] if is_known else None,
            high=bounds[1] if is_known else None,
            n=costs.rounds,
            basis=f"{rounds} that both were in",
            confidence=race.confidence if is_alone else 1 - race.alpha,
        ),
        notes=(f"measured in the same {rounds}{_same(race, costs)}",),
        pair=costs,
    )


def _same(race: Race, pair: PairedRatio) -> str:
    """What the race says of two that it does not tell apart."""
    words = {
        "same": f"; the same for practical purposes, within {percent(race.bound)}",
        "open": "; whether they differ is open",
    }
    return words.get(pair.word, "")


def _between(a: Answer, b: Answer) -> float:
    """Variance that two sessions add (MEASURING: a stored figure has session noise in it)."""
    return 0.0 if a.run.sweep_id == b.run.sweep_id else 2 * SESSION_NOISE**2


def _own(answer: Answer) -> float:
    """Variance that one disturbed run adds."""
    seen = marks(answer)
    variance = UNSTEADY_NOISE**2 if seen & UNSTEADY else 0.0
    if SPINNING in seen or _is_crowded(answer):
        return variance + CROWDED_NOISE**2
    return variance + (DISTURBED_NOISE**2 if seen & DISTURBED else 0.0)


def _is_crowded(answer: Answer) -> bool:
    """Whether others used much of the machine; of how much, the stamp's detail tells."""
    details = [stamp.detail for stamp in answer.run.stamps if stamp.mark == "B"]
    used = [float(found[1]) / 100 for detail in details if (found := OTHERS.search(detail))]
    cpus = answer.stored.hard.get("cpus") or 1
    return any(cpu >= CROWDED * cpus for cpu in used)


def _notes(a: Answer, b: Answer) -> Iterator[str]:
    if a.run.sweep_id != b.run.sweep_id:
        noise = f"{100 * SESSION_NOISE:.0f} %"
        yield f"measured in different sweeps; session noise of {noise} of each is in the interval"
    noisy = {one.run.run_id: one for one in (a, b) if _own(one)}
    for answer in noisy.values():
        seen = "".join(sorted(marks(answer) & NOISY))
        yield (
            f"{answer.label} was disturbed (marks {seen}); noise of "
            f"{100 * math.sqrt(_own(answer)):.0f} % for that is in the interval"
        )
