"""How often rows of stored runs are called slower or faster although nothing changed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray

from embprof.comparison.stored import compare_rows
from embprof.model import Estimate, Figure, Run, Status, Stored, Verdict

if TYPE_CHECKING:
    from tests.statistics.conftest import Proved

Row = tuple[Sequence[Stored], Stored]
CLAIMS = (Verdict.SLOWER, Verdict.FASTER)
FALSE = 0.01
"""The error level of a comparison."""


def at_most(share: float, trials: int) -> float:
    """What a true rate of ``share`` exceeds in 1 of 700 simulations."""
    return share + 3 * math.sqrt(share * (1 - share) / trials)


def stored(time: float, session: int, key: int, half: float = 0.02) -> Stored:
    """A run of a session whose throughput says that an item took ``time``."""
    estimate = Estimate(
        value=1 / time,
        low=math.exp(-half) / time,
        high=math.exp(half) / time,
        n=100,
        basis="readings of one process",
    )
    run = Run(
        run_id=f"{session}/{key}",
        sweep_id=str(session),
        number=key,
        overrides=(),
        config={},
        key=str(key),
        environment="",
        status=Status.OK,
        reason=None,
        started="",
        ended="",
        seconds={},
        figures=(Figure(name="throughput_texts_per_s", better="higher", estimate=estimate),),
        stamps=(),
        stop=None,
        steady=True,
        description={},
    )
    return Stored(run=run, hard={"cpu_model": "one"}, soft={})


def rows(logs: NDArray[np.float64]) -> list[Row]:
    """``logs``: log times of shape (sessions + 1, rows), B last."""
    *sessions, new = logs
    return [
        (
            [stored(math.exp(times[key]), at, key) for at, times in enumerate(sessions)],
            stored(math.exp(new[key]), len(sessions), key),
        )
        for key in range(logs.shape[1])
    ]


def claims(logs: NDArray[np.float64]) -> list[bool]:
    return [one.verdict in CLAIMS for one in compare_rows(rows(logs))]


@pytest.mark.parametrize("trials", [1000, pytest.param(3000, marks=pytest.mark.proof)])
@pytest.mark.parametrize(
    ("sessions", "sd"),
    [
        (1, 0.1),
        (2, 0.1),
        (1, 0.02),
        (3, 0.1),
        (3, 0.02),
        (5, 0.1),
        (5, 0.02),
        (10, 0.1),
        (10, 0.02),
    ],
)
def test_nothing_changed_and_at_most_one_in_a_hundred_says_otherwise(
    sessions: int, sd: float, trials: int, proved: Proved
) -> None:
    logs = np.random.default_rng(sessions).normal(0, sd, (trials, sessions + 1, 1))
    false = sum(claims(one)[0] for one in logs)
    assert false / trials <= at_most(FALSE, trials)
    proved(f"{false} of {trials} rows say otherwise, {sessions} sessions with a spread of {sd:.0%}")


@pytest.mark.parametrize("trials", [400, pytest.param(1000, marks=pytest.mark.proof)])
@pytest.mark.parametrize("shared", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("sessions", [1, 3, 6])
def test_six_rows_together_say_otherwise_no_more_often(
    sessions: int, shared: float, trials: int, proved: Proved
) -> None:
    rng = np.random.default_rng(7)
    together = rng.normal(0, 0.1, (trials, sessions + 1, 1))
    each = rng.normal(0, 0.1, (trials, sessions + 1, 6))
    logs = math.sqrt(shared) * together + math.sqrt(1 - shared) * each
    false = sum(any(claims(one)) for one in logs)
    assert false / trials <= at_most(FALSE, trials)
    proved(f"{false} of {trials} sixes of rows say otherwise, {sessions} sessions, {shared} shared")


@pytest.mark.parametrize("trials", [400, pytest.param(1000, marks=pytest.mark.proof)])
def test_among_rows_of_which_some_did_change_the_share_of_false_claims_is_kept(
    trials: int, proved: Proved
) -> None:
    sessions = 6
    logs = np.random.default_rng(8).normal(0, 0.02, (trials, sessions + 1, 6))
    logs[:, -1, :3] += math.log(1.3)
    shares = []
    for one in logs:
        said = claims(one)
        shares.append(sum(said[3:]) / max(1, sum(said)))
        assert sum(said[:3]) >= 1
    assert np.mean(shares) <= at_most(FALSE, trials)
    proved(f"{np.mean(shares):.2%} of claims are false where half of the rows changed")


@pytest.mark.parametrize("sessions", [1, 2, 3, 5, 10])
def test_copies_of_one_run_never_say_slower_or_faster(sessions: int) -> None:
    old = [stored(1.0, at, 0) for at in range(sessions)]
    (compared,) = compare_rows([(old, stored(1.2, 99, 0))])
    assert compared.verdict not in CLAIMS
    (again,) = compare_rows([([old[0]] * sessions, stored(1.2, 99, 0))])
    assert again.verdict is Verdict.UNCLEAR
    assert again.basis.startswith("1 stored session")
