"""From what rows have shown to what is said of them: pure, and the same whenever it is asked."""

from collections.abc import Mapping
from dataclasses import dataclass

from embprof.model import THROUGHPUT, Comparison, Figure, Run, Status, Verdict
from embprof.run.gate.arms import Arm, GateRow
from embprof.run.gate.looks import Bounds, Look, Looks
from embprof.run.gate.row import Trial
from embprof.statistics.canary import check_canary
from embprof.statistics.paired_test import PairedTest, typical_costs
from embprof.statistics.signed_rank import fewest_units
from embprof.units import counted, signed

DECIDED = (Verdict.SLOWER, Verdict.FASTER)
SECONDS = "_s"
"""How the metric's name of a time ends."""
MORE_THAN_CANARY = 4
"""How many times as much a machine may change a workload as the canary, which is small and has one
thread. A choice: a canary that changed by 2 % voids an effect of up to 9 %, and none of 48 %."""
UNKNOWN = (None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A row that was measured, or was begun; ``runs`` by the number of the arm's job."""

    row: GateRow
    trial: Trial
    looks: Looks
    runs: Mapping[int, Run]
    against: str | None
    rows: int

    def run(self, arm: Arm) -> Run:
        """The run of one of the row's arms."""
        return self.runs[arm.job.number]


def stepped_down(measured: Mapping[int, Measured], alpha: float) -> dict[int, Look]:
    """The last look at each row, those decided that are once decided rows hand on their share.

    Holm (1979): a row may be tested at alpha over the number of rows that are still open.
    """
    looks = {number: one.trial.look for number, one in measured.items() if one.trial.look}
    while True:
        still_open = [number for number, look in looks.items() if look.verdict not in DECIDED]
        again = {
            number: measured[number].looks.look_again(
                measured[number].trial.effects, alpha / len(still_open)
            )
            for number in still_open
            if measured[number].looks.alpha < alpha / len(still_open)
        }
        newly = {number: look for number, look in again.items() if look.verdict in DECIDED}
        if not newly:
            return looks
        looks.update(newly)


def comparison(measured: Measured, look: Look | None, bounds: Bounds) -> Comparison | None:
    """What is said of a row; None where an arm failed, or it was interrupted."""
    trial, row = measured.trial, measured.row
    if trial.ending.status != Status.OK or not trial.effects:
        return None
    primary = measured.run(row.b).primary
    verdict, reason = _judged(measured, look, bounds)
    estimate = look.test.estimate if look is not None else None
    ratio = estimate.value if estimate is not None else None
    a_value, b_value = arm_values(trial, primary, ratio)
    done, slices = len(trial.effects), sum(len(pair) for pair in trial.effects)
    return Comparison(
        figure=primary.name if primary is not None else "none",
        unit=primary.unit if primary is not None else "",
        a=measured.against or measured.run(row.a).run_id,
        b=measured.run(row.b).run_id,
        ratio=ratio,
        low=estimate.low if estimate else None,
        high=estimate.high if estimate else None,
        verdict=verdict,
        reason=reason,
        smallest_detectable=measured.looks.smallest_detectable(trial.effects, done),
        p_value=look.test.p_beyond if look is not None else None,
        basis=f"{_restarts(done)} with {slices} pairs of slices, measured in turn",
        rows=measured.rows,
        a_value=a_value,
        b_value=b_value,
        is_paired=True,
    )


def _judged(measured: Measured, look: Look | None, bounds: Bounds) -> tuple[Verdict, str | None]:
    """The verdict, and why it is unclear; figures alone never overrule what voids it."""
    trial = measured.trial
    void = trial.void or _canary_says(trial, look, bounds)
    if void is not None or look is None:
        return Verdict.UNCLEAR, void
    fewest = fewest_units(measured.looks.alpha)
    if look.verdict == Verdict.UNCLEAR and len(trial.effects) < fewest:
        fitted = f"{_restarts(len(trial.effects))} fitted into the time"
        return look.verdict, f"{fitted}, a verdict needs {fewest}: give it more (--seconds)"
    return look.verdict, None


def _restarts(count: int) -> str:
    return f"{counted(count, 'pair')} of restarts"


def _canary_says(trial: Trial, look: Look | None, bounds: Bounds) -> str | None:
    """Why the machine cannot have treated the arms alike; None where it may have.

    Nor where what it did to the canary could not turn the verdict, were it in the effect too.
    """
    a, b = zip(*trial.canary, strict=True)
    check = check_canary(a, b, theta=bounds.theta)
    if not check.changed or (look is not None and _stands(look, check.test, bounds)):
        return None
    changed = signed(check.test.estimate.value - 1)
    return f"the canary, which cannot have changed, changed too: {changed}"


def _stands(look: Look, canary: PairedTest, bounds: Bounds) -> bool:
    """Whether B is slower, or faster, by far more than the canary changed."""
    low, high, moved = look.test.low, look.test.high, (canary.low, canary.high)
    if low is None or high is None or moved[0] is None or moved[1] is None:
        return False
    if look.verdict == Verdict.SLOWER:
        return low / max(1.0, moved[1]) ** MORE_THAN_CANARY > 1 + bounds.theta
    if look.verdict == Verdict.FASTER:
        return high / min(1.0, moved[0]) ** MORE_THAN_CANARY < 1 / (1 + bounds.theta)
    return False


def arm_values(
    trial: Trial, figure: Figure | None, ratio: float | None
) -> tuple[float, float] | tuple[None, None]:
    """What A and B typically gave, in the figure's unit; ``ratio`` is exactly that of their costs.

    An arm's run keeps the plain mean of its calls. The ratio of two such means is not the ratio
    that was tested, which weighs calls by their speed and pairs slices: side by side they would
    contradict each other. So the three are of one estimate.

    None of both where there is no ratio, or where the figure does not say what the ratio is of: a
    total per reading beside the cost of an item, in readings over different numbers of items.
    """
    if figure is None or ratio is None or not trial.middles:
        return UNKNOWN
    factor = _readings_items(trial, figure)
    if factor is None:
        return UNKNOWN
    a, b = (factor * cost for cost in typical_costs(trial.middles, ratio))
    return (1 / a, 1 / b) if figure.better == "higher" else (a, b)


def _readings_items(trial: Trial, figure: Figure) -> int | None:
    """Items that the figure is of while the cost is of one; None where that is not one number."""
    names = {name for name, _ in trial.readings}
    if figure.name.startswith(THROUGHPUT) and all(name.endswith(SECONDS) for name in names):
        return 1  # a rate is of one item too
    if names != {figure.name}:
        return None
    if figure.better == "higher":
        return 1  # the cost is the inverse of the reading as it is
    counts = {items for _, items in trial.readings}
    return counts.pop() if len(counts) == 1 else None
