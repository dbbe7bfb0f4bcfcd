"""What is said of rows, of each alone and of all together."""

import json
import math
from collections.abc import Callable
from dataclasses import asdict

import numpy as np
import pytest

from embprof.model import Comparison, Job, Run, Status, Verdict
from embprof.run.ending import Ending
from embprof.run.gate.arms import Arm, GateRow
from embprof.run.gate.judging import Measured, comparison, stepped_down
from embprof.run.gate.looks import Bounds, Looks
from embprof.run.gate.row import Trial

MakeJob = Callable[..., Job]
MakeRun = Callable[..., Run]
MakeMeasured = Callable[..., Measured]
BOUNDS = Bounds(theta=0.01, delta=0.03, alpha=0.01)


@pytest.fixture
def measured(job: MakeJob, run: MakeRun) -> MakeMeasured:
    """A row of ``pairs`` restart pairs that all changed by as much, give or take ``sd``.

    ``canary`` is what the canary changed by.
    """

    def make(
        change: float = 0.0,
        pairs: int = 24,
        sd: float = 0.001,
        canary: float = 0.0,
        *,
        number: int = 0,
        status: Status = Status.OK,
        reason: str | None = None,
        void: str | None = None,
        against: str | None = None,
        rows: int = 1,
    ) -> Measured:
        rng = np.random.default_rng(number)
        effects = [np.full(4, np.log1p(change) + rng.normal(0, sd)) for _ in range(pairs)]
        seconds = [(0.002 * (1 + rng.normal(0, 1e-4)), 0.002) for _ in range(pairs)]
        looks = Looks(
            pairs=24, bounds=Bounds(theta=0.01, delta=0.03, alpha=0.01), alpha=0.01 / rows
        )
        a, b = (Arm(name=name, job=job(2 * number + (name == "b"))) for name in ("a", "b"))
        asked = GateRow(a=a, b=b)
        trial = Trial(
            effects=effects,
            canary=[([[a, b]] * 4, [[a * (1 + canary), b * (1 + canary)]] * 4) for a, b in seconds],
            seconds=100.0,
            ending=Ending(status=status, reason=reason),
            void=void,
        )
        if status == Status.OK and void is None:
            trial.look = looks.look(effects, last=True)
        runs = {
            arm.job.number: run(arm.job.number, status=status, reason=reason)
            for arm in (asked.a, asked.b)
        }
        return Measured(row=asked, trial=trial, looks=looks, runs=runs, against=against, rows=rows)

    return make


def said(one: Measured) -> Comparison:
    found = comparison(one, one.trial.look, BOUNDS)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        (0.08, Verdict.SLOWER),
        (0.0, Verdict.SAME),
        (-0.08, Verdict.FASTER),
        (0.008, Verdict.SAME),
    ],
)
def test_a_change_that_is_clear_is_called_so(
    measured: MakeMeasured, change: float, verdict: Verdict
) -> None:
    found = said(measured(change))
    assert (found.verdict, found.reason) == (verdict, None)
    assert found.ratio == pytest.approx(1 + change, abs=0.002)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 1 + change < found.high
    assert 0 <= (found.p_value or 0.0) <= 1


def test_a_comparison_names_its_runs_its_figure_and_where_its_noise_is_from(
    measured: MakeMeasured,
) -> None:
    found = said(measured(number=3, rows=4))
    assert (found.a, found.b) == ("20260101-000000-abcd/6", "20260101-000000-abcd/7")
    assert (found.figure, found.rows) == ("throughput_texts_per_s", 4)
    assert found.basis == "24 pairs of restarts with 96 pairs of slices, measured in turn"
    assert said(measured(against="release")).a == "release"


def test_a_comparison_is_plain_json(measured: MakeMeasured) -> None:
    for one in (measured(0.08), measured(sd=0.3), measured(pairs=1), measured(void="no")):
        text = json.dumps(asdict(said(one)), allow_nan=False)
        assert json.loads(text)["figure"] == "throughput_texts_per_s"


def test_noise_that_hides_everything_is_unclear(measured: MakeMeasured) -> None:
    found = said(measured(sd=0.3))
    assert (found.verdict, found.reason) == (Verdict.UNCLEAR, None)
    assert found.smallest_detectable is not None
    assert found.smallest_detectable > 0.2


def test_too_few_pairs_are_unclear_with_what_to_do(measured: MakeMeasured) -> None:
    found = said(measured(0.5, pairs=7))
    assert found.verdict == Verdict.UNCLEAR
    assert found.reason == (
        "7 pairs of restarts fitted into the time, a verdict needs 8: give it more (--seconds)"
    )
    assert found.ratio == pytest.approx(1.5, rel=0.01)
    assert found.smallest_detectable is None
    one = said(measured(0.5, pairs=1))
    assert (one.low, one.high) == (None, None)
    assert "1 pairs of restarts" not in str(one.reason)


@pytest.mark.parametrize(("change", "canary"), [(0.08, 0.02), (0.0, 0.02), (-0.08, -0.02)])
def test_a_canary_that_changed_too_voids_any_verdict(
    measured: MakeMeasured, change: float, canary: float
) -> None:
    found = said(measured(change, canary=canary))
    assert found.verdict == Verdict.UNCLEAR
    sign = "+" if canary > 0 else "-"
    assert found.reason == f"the canary, which cannot have changed, changed too: {sign}2.0 %"
    assert found.ratio == pytest.approx(1 + change, abs=0.002), "the figures are shown all the same"


def test_a_canary_that_changed_by_less_than_could_matter_voids_nothing(
    measured: MakeMeasured,
) -> None:
    assert said(measured(0.08, canary=0.003)).verdict == Verdict.SLOWER


@pytest.mark.parametrize("change", [0.48, -0.3])
def test_a_canary_that_changed_a_little_voids_no_effect_that_is_far_larger(
    measured: MakeMeasured, change: float
) -> None:
    for canary in (0.02, -0.02):
        found = said(measured(change, canary=canary))
        assert found.verdict == (Verdict.SLOWER if change > 0 else Verdict.FASTER)
        assert found.reason is None


def test_arms_that_are_not_what_they_should_be_have_no_figures_and_the_reason(
    measured: MakeMeasured,
) -> None:
    found = said(measured(0.5, pairs=1, void="the arms differ, undeclared, in torch"))
    assert found.verdict == Verdict.UNCLEAR
    assert found.reason == "the arms differ, undeclared, in torch"
    assert (found.ratio, found.low, found.high, found.p_value) == (None, None, None, None)


@pytest.mark.parametrize("status", [Status.FAILED, Status.INTERRUPTED, Status.TIMEOUT])
def test_a_row_that_did_not_end_well_is_not_compared(
    measured: MakeMeasured, status: Status
) -> None:
    one = measured(0.5, status=status, reason="it broke")
    assert comparison(one, one.trial.look, BOUNDS) is None


def test_a_row_of_which_nothing_was_measured_is_not_compared(measured: MakeMeasured) -> None:
    one = measured(pairs=0, void="nothing")
    assert comparison(one, None, BOUNDS) is None


def test_rows_that_are_clear_keep_their_verdicts_and_help_the_others(
    measured: MakeMeasured,
) -> None:
    """Nine rows that agree in 8 pairs: none decides at a ninth of 1 %, the last one does."""
    rows = {n: measured(0.2, pairs=24 if n < 8 else 8, number=n, rows=9) for n in range(9)}
    assert rows[8].trial.look is not None
    assert rows[8].trial.look.verdict == Verdict.UNCLEAR
    final = stepped_down(rows, 0.01)
    assert {look.verdict for look in final.values()} == {Verdict.SLOWER}
    assert final[0] == rows[0].trial.look


def test_rows_that_failed_or_were_void_are_no_part_of_it(measured: MakeMeasured) -> None:
    rows = {
        0: measured(0.2, number=0, rows=3),
        1: measured(0.2, number=1, rows=3, status=Status.FAILED),
        2: measured(0.2, number=2, rows=3, void="no"),
    }
    assert list(stepped_down(rows, 0.01)) == [0]


def test_nothing_passes_for_the_same_by_what_others_leave_over(measured: MakeMeasured) -> None:
    rows = {n: measured(0.2 if n else 0.026, sd=0.004, number=n, rows=5) for n in range(5)}
    alone = rows[0].trial.look
    assert alone is not None
    after = stepped_down(rows, 0.01)[0]
    assert after.verdict in (alone.verdict, Verdict.SLOWER)
    assert math.isfinite(after.test.estimate.value)
