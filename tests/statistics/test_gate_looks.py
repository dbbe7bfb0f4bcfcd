"""Error rates of whole gates: looks while they run, time that runs out, rows that share an error.

Effects are those of restart pairs, drawn as the noise of processes is. Every claim of a change
between arms alike is an error here, whatever its size, and nothing passes for the same (theta and
delta are nothing): a gate with its theta errs less. Larger runs: docs/explanation/verdicts.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from embprof.model import Verdict
from embprof.run.gate import looks as module
from embprof.run.gate.arms import GateRow
from embprof.run.gate.judging import DECIDED, Measured, stepped_down
from embprof.run.gate.looks import Bounds, Look, Looks
from embprof.run.gate.row import Trial
from embprof.statistics.sequential import nominal_levels

if TYPE_CHECKING:
    from tests.statistics.conftest import Proved

PAIRS, ROWS, ALPHA = 24, 8, 0.01
GATES = 800
"""Those that a gate which did not spend its error over its looks is found with."""
SOME = 300
PROOF = pytest.mark.proof
ANY_CHANGE = Bounds(theta=0.0, delta=0.0, alpha=ALPHA)
AS_IN_A_GATE = Bounds(theta=0.01, delta=0.03, alpha=ALPHA)
SD = 0.02
Floats = NDArray[np.float64]


@pytest.fixture(autouse=True)
def _levels_are_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """All gates of a test look at the same fractions."""
    known = lru_cache(maxsize=None)(nominal_levels)
    monkeypatch.setattr(module, "nominal_levels", lambda times, alpha: known(tuple(times), alpha))


def gate(
    changes: Floats, *, alpha: float = ALPHA, bounds: Bounds = ANY_CHANGE, until: int = PAIRS
) -> tuple[Looks, Look, int]:
    """Looks as a gate does, until one is clear or time runs out after ``until`` pairs."""
    plan = Looks(pairs=PAIRS, bounds=bounds, alpha=alpha)
    effects = [np.array([change]) for change in changes]
    for count in range(1, until + 1):
        found = plan.look(effects[:count], last=count == until)
        if found is not None and (found.verdict != Verdict.UNCLEAR or count == until):
            return plan, found, count
    raise AssertionError("the last look says something")


def errors(
    draw: Callable[[np.random.Generator], Floats], *, gates: int, seed: int, until: int = PAIRS
) -> int:
    """Gates between arms alike that claim a change."""
    rng = np.random.default_rng(seed)
    return sum(gate(draw(rng), until=until)[1].verdict in DECIDED for _ in range(gates))


def most(rate: float, count: int) -> float:
    """Errors that a true rate exceeds once in a thousand times, about."""
    return rate * count + 3.1 * math.sqrt(rate * count)


def normal(rng: np.random.Generator) -> Floats:
    return rng.normal(0, SD, PAIRS)


def heavy_tailed(rng: np.random.Generator) -> Floats:
    return np.asarray(rng.standard_t(2, PAIRS) * SD)


def calmer_with_time(rng: np.random.Generator) -> Floats:
    return np.asarray(rng.normal(0, np.linspace(3 * SD, SD / 3, PAIRS)))


@pytest.mark.parametrize(
    ("draw", "gates"),
    [
        (normal, GATES),
        (heavy_tailed, GATES),
        (calmer_with_time, SOME),
        pytest.param(calmer_with_time, GATES, marks=PROOF),
    ],
)
def test_peeking_does_not_raise_the_error(
    draw: Callable[[np.random.Generator], Floats], gates: int, proved: Proved
) -> None:
    found = errors(draw, gates=gates, seed=1)
    assert found <= most(ALPHA, gates)
    proved(f"{found} of {gates} gates of arms alike claim a change, noise {draw.__name__}")


@pytest.mark.parametrize(
    ("until", "gates"),
    [
        *((until, SOME) for until in (8, 10, 13, 14, 18)),
        *(pytest.param(until, GATES, marks=PROOF) for until in (8, 10, 13, 14, 18)),
        (23, GATES),
    ],
)
def test_time_that_runs_out_at_any_pair_does_not_raise_the_error(
    until: int, gates: int, proved: Proved
) -> None:
    found = errors(normal, gates=gates, seed=until, until=until)
    assert found <= most(ALPHA, gates)
    proved(f"{found} of {gates} gates of arms alike claim a change, time up at pair {until}")


@pytest.mark.parametrize("until", range(1, 8))
def test_fewer_than_eight_pairs_never_decide(until: int) -> None:
    rng = np.random.default_rng(until)
    for _ in range(50):
        assert gate(rng.normal(5, SD, PAIRS), until=until)[1].verdict == Verdict.UNCLEAR


def test_arms_alike_are_seldom_told_apart_and_mostly_the_same() -> None:
    rng = np.random.default_rng(3)
    said = [gate(normal(rng), bounds=AS_IN_A_GATE)[1].verdict for _ in range(GATES)]
    assert sum(verdict in DECIDED for verdict in said) <= 2
    assert said.count(Verdict.SAME) > 0.85 * GATES


def test_a_clear_answer_ends_a_gate_early() -> None:
    rng = np.random.default_rng(4)
    took = [gate(rng.normal(0.1, SD, PAIRS), bounds=AS_IN_A_GATE)[2] for _ in range(50)]
    assert set(took) == {13}


def measured(trial: Trial, looks: Looks) -> Measured:
    """A row of which nothing is known but its effects."""
    row = cast(GateRow, None)
    return Measured(row=row, trial=trial, looks=looks, runs={}, against=None, rows=ROWS)


def rows_of(rng: np.random.Generator, shifts: Floats) -> dict[int, Measured]:
    """A gate of several rows, each measured with its share of the error."""
    rows = {}
    for number, shift in enumerate(shifts):
        changes = rng.normal(shift, SD, PAIRS)
        plan, found, count = gate(changes, alpha=ALPHA / len(shifts))
        effects = [np.array([change]) for change in changes[:count]]
        rows[number] = measured(Trial(effects=effects, look=found), plan)
    return rows


@pytest.mark.parametrize(
    ("changed", "gates"),
    [(0, 300), (1, 300), (4, 150), (7, 150), *(pytest.param(n, 300, marks=PROOF) for n in (4, 7))],
)
def test_eight_rows_together_claim_a_change_falsely_in_a_hundredth_of_gates(
    changed: int, gates: int, proved: Proved
) -> None:
    rng, false = np.random.default_rng(changed), 0
    shifts = np.where(np.arange(ROWS) < changed, 0.08, 0.0)
    for _ in range(gates):
        final = stepped_down(rows_of(rng, shifts), ALPHA)
        false += any(final[row].verdict in DECIDED for row in range(changed, ROWS))
    assert false <= most(ALPHA, gates)
    proved(f"{false} of {gates} gates of eight rows, {changed} changed, claim a change falsely")


def test_what_decided_rows_leave_over_helps_the_others() -> None:
    rng = np.random.default_rng(9)
    shifts = np.where(np.arange(ROWS) < 7, 0.08, 0.016)
    before, after = 0, 0
    for _ in range(200):
        rows = rows_of(rng, shifts)
        final = stepped_down(rows, ALPHA)
        alone = rows[7].trial.look
        assert alone is not None
        before += alone.verdict in DECIDED
        after += final[7].verdict in DECIDED
        assert final[7].verdict in DECIDED or alone.verdict not in DECIDED, "none is taken back"
    assert after > before + 10


def test_a_row_that_is_the_last_one_open_has_the_whole_error() -> None:
    """Eight pairs, of which all agree, decide at 1 % and not at an eighth of it."""
    rows = {}
    for number in range(ROWS):
        changes = [0.5] * (8 if number == 7 else 24)
        effects = [np.array([change]) for change in changes]
        plan = Looks(pairs=PAIRS, bounds=ANY_CHANGE, alpha=ALPHA / ROWS)
        rows[number] = measured(Trial(effects=effects, look=plan.look(effects, last=True)), plan)
    first = rows[7].trial.look
    assert first is not None
    assert first.verdict == Verdict.UNCLEAR
    assert stepped_down(rows, ALPHA)[7].verdict == Verdict.SLOWER


def test_rows_without_a_look_are_passed_over() -> None:
    plan = Looks(pairs=PAIRS, bounds=ANY_CHANGE, alpha=ALPHA)
    assert stepped_down({}, ALPHA) == {}
    assert stepped_down({1: measured(Trial(), plan)}, ALPHA) == {}
