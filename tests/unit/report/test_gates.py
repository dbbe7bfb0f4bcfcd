"""What a gate prints, and the exit code that goes with it."""

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from rich.console import Console

from embprof.config.plan import Plan
from embprof.machine.process_facts import Facts
from embprof.model import Estimate, Figure, Job, Run, Stamp, Status, Stored
from embprof.run.ending import Ending
from embprof.run.gate import messages
from embprof.run.gate.arms import Arm, Arms, Declared, GateRow
from embprof.run.gate.gate import Gate
from embprof.run.gate.judging import Measured
from embprof.run.gate.looks import Bounds, Looks
from embprof.run.gate.row import Trial
from embprof.run.sweep import Sweep
from embprof.tracking.sweep_folder import SweepFolder

MakeJob = Callable[..., Job]
MakeRun = Callable[..., Run]
MakeStored = Callable[..., Stored]
MakeGate = Callable[..., Gate]
AGAINST = ("baseline", "a", "b", "a_ref", "b_ref", "a_python", "b_python", "max_seconds")
NOTHING = Declared(overrides=False, interpreter=False, code=False)
FOLDER = SweepFolder(path=Path("/mlruns/sweeps/20260101-000000-abcd"))


@pytest.fixture
def gate(job: MakeJob) -> MakeGate:
    """A gate of a row for each of ``overrides``; what is not given is not given."""

    def make(
        *overrides: str,
        declared: Declared = NOTHING,
        question: str | None = None,
        skip: Sequence[int] = (),
        notes: tuple[str, ...] = (),
        arm_a: dict[str, Any] | None = None,
        arm_b: dict[str, Any] | None = None,
        name: str | None = None,
        **against: Any,
    ) -> Gate:
        settings = {
            "question": question,
            "verdict": {"theta": 0.01, "delta": 0.03, "alpha": 0.01},
            "against": {**dict.fromkeys(AGAINST), "pairs": 24, **against},
            "seed": 0,
        }
        rows = []
        for number, line in enumerate(overrides or ("batch_size=8",)):
            reason = "no NVIDIA GPU on this machine" if number in skip else None
            jobs = [job(2 * number + arm, line, config={**settings}, skip=reason) for arm in (0, 1)]
            rows.append(
                GateRow(
                    a=Arm(name="a", job=jobs[0], **(arm_a or {})),
                    b=Arm(name="b", job=jobs[1], **(arm_b or {})),
                )
            )
        jobs = [arm.job for row in rows for arm in (row.a, row.b)]
        arms = Arms(
            plan=Plan(jobs=tuple(jobs), multirun=len(rows) > 1, weights={}),
            rows=tuple(rows),
            declared=declared,
            against=name,
            notes=notes,
        )
        return Gate(arms, paths={}, tell=lambda *_: None)

    return make


@pytest.fixture
def add(run: MakeRun) -> Callable[..., None]:
    """Measures the next row of a gate: a change that all its restart pairs agree in."""

    def measure(
        gate: Gate,
        change: float = 0.0,
        *,
        pairs: int = 24,
        sd: float = 0.001,
        status: Status = Status.OK,
        reason: str | None = None,
        stamps: tuple[Stamp, ...] = (),
        void: str | None = None,
        cost: float = 0.001,
        read: str = "call_time_s",
        **of_run: Any,
    ) -> None:
        """``cost``: what an item typically costs arm A, of which ``read`` are the readings."""
        row = gate.to_do[len(gate.measured)]
        rng = np.random.default_rng(row.b.job.number)
        effects = [np.full(4, np.log1p(change) + rng.normal(0, sd)) for _ in range(pairs)]
        looks = Looks(pairs=24, bounds=Bounds(theta=0.01, delta=0.03, alpha=0.01), alpha=gate.alpha)
        trial = Trial(
            effects=effects,
            middles=[np.full(4, np.log(cost) + np.log1p(change) / 2)] * pairs,
            readings={(read, 1)},
            canary=[([[0.002]] * 4, [[0.002]] * 4)] * pairs,
            facts={arm: {("code", None)} for arm in ("a", "b")},
            seconds=100.0,
            ending=Ending(status=status, reason=reason),
            void=void,
        )
        if status == Status.OK and void is None:
            trial.look = looks.look(effects, last=True)
        runs = {
            arm.job.number: run(
                arm.job.number,
                *arm.job.overrides,
                status=status,
                reason=reason,
                stamps=stamps,
                **{
                    "figures": (_throughput(1000 / (1 + change) if arm.name == "b" else 1000.0),),
                    **of_run,
                },
            )
            for arm in (row.a, row.b)
        }
        gate.measured[row.b.job.number] = Measured(
            row=row,
            trial=trial,
            looks=looks,
            runs=runs,
            against=gate.arms.against,
            rows=len(gate.to_do),
        )

    return measure


def _throughput(value: float) -> Figure:
    estimate = Estimate(value=value, low=None, high=None, n=1, basis="made up")
    return Figure(name="throughput_texts_per_s", better="higher", estimate=estimate)


def sweep_of(gate: Gate, status: Status = Status.OK) -> Sweep:
    """A sweep that has just ended."""
    failed = any(
        measured.trial.ending.status in (Status.FAILED, Status.TIMEOUT)
        for measured in gate.measured.values()
    )
    known = SimpleNamespace(
        comparisons=gate.compare([]), exit_code=int(failed), status=status, folder=FOLDER
    )
    return cast(Sweep, known)


def announced(gate: Gate) -> list[str]:
    out = io.StringIO()
    messages.announce(gate, FOLDER, Console(file=out, width=200, color_system=None))
    return out.getvalue().splitlines()


def concluded(gate: Gate, status: Status = Status.OK) -> str:
    out = io.StringIO()
    messages.conclude(gate, sweep_of(gate, status), Console(file=out, width=100, color_system=None))
    return out.getvalue()


def code(gate: Gate) -> int:
    return messages.exit_code(gate, sweep_of(gate))


def test_a_gate_says_beforehand_how_long_it_takes_at_most(gate: MakeGate) -> None:
    assert announced(gate())[0] == (
        "gate 20260101-000000-abcd: 1 row, at most 3 min 0 s after loading (24 pairs of restarts, "
        "fewer if it is clear before)"
    )
    eight = announced(gate(*(f"batch_size={2**n}" for n in range(8))))[0]
    assert "8 rows, at most 1 min 52 s each, 15 min 0 s in all, after loading" in eight
    assert "at most 30 s after" in announced(gate(max_seconds=30))[0]


def test_the_question_of_a_scenario_comes_first(gate: MakeGate) -> None:
    assert announced(gate(question="Is it slower?"))[0] == "Is it slower?"


def test_arms_are_said_as_they_were_asked(gate: MakeGate, stored: MakeStored) -> None:
    overrides = Declared(overrides=True, interpreter=False, code=False)
    differ = announced(gate(a="threads=1", declared=overrides))
    assert differ[1:] == ["  A: threads=1", "  B: as it is here"]
    code = Declared(overrides=False, interpreter=False, code=True)
    of_ref = announced(gate(arm_a={"commit": "c" * 40}, declared=code, a_ref="v1"))
    assert of_ref[1:] == [f"  A: code of v1, commit {'c' * 12}", "  B: the code in this folder"]
    baseline = gate(arm_a={"commit": "c" * 40, "stored": stored()}, declared=code, name="main")
    assert announced(baseline)[1] == (
        f"  A: baseline main, measured 2026-01-01; code of commit {'c' * 12}"
    )
    python = Declared(overrides=False, interpreter=True, code=False)
    other = gate(arm_b={"executable": "/venv/bin/python"}, declared=python, b_python="/venv")
    assert announced(other)[2] == "  B: Python /venv/bin/python"


def test_equal_arms_are_called_a_trial(gate: MakeGate) -> None:
    assert "this is an A/A trial" in announced(gate())[-1]


def test_notes_and_rows_that_are_skipped_are_said_beforehand(gate: MakeGate) -> None:
    lines = announced(gate("device=cpu", "device=cuda", skip=[1], notes=("note: mind this",)))
    assert "1 row, at most 3 min" in lines[0]
    assert "  #3 skipped: no NVIDIA GPU on this machine" in lines
    assert "  note: mind this" in lines


def test_the_pilot_tells_what_will_be_found(gate: MakeGate) -> None:
    from embprof.run.gate.layout import Layout

    row = gate().to_do[0]
    trial = Trial(layout=Layout(slice_pairs=14, calls=7), effects=[np.zeros(14)] * 4)
    assert messages.pilot(row, trial, 0.024) == (
        "#1: 14 slice pairs of 7 calls in each pair of restarts; "
        "the first 4 are expected to find +2.4 %"
    )
    assert messages.pilot(row, trial, None).endswith(
        "too few of them fit into the time for a verdict"
    )


@pytest.mark.parametrize(
    ("changes", "expected", "sentence"),
    [
        ([0.0], 0, "passed: 1 same"),
        ([-0.1], 0, "passed: 1 faster"),
        ([0.1], 3, "regression: 1 slower"),
        ([0.0, 0.1, -0.1], 3, "regression: 1 same, 1 slower, 1 faster"),
        ([0.0, 0.0, -0.1], 0, "passed: 2 same, 1 faster"),
    ],
)
def test_verdicts_decide_the_exit_code_and_the_last_sentence(
    gate: MakeGate,
    add: Callable[..., None],
    changes: list[float],
    expected: int,
    sentence: str,
) -> None:
    made = gate(*(f"batch_size={n}" for n in range(len(changes))))
    for change in changes:
        add(made, change)
    assert code(made) == expected
    assert sentence in concluded(made)


def test_a_row_that_is_unclear_never_passes(gate: MakeGate, add: Callable[..., None]) -> None:
    made = gate("batch_size=1", "batch_size=2")
    add(made)
    add(made, sd=0.3)
    assert code(made) == 4
    assert "inconclusive: 1 same, 1 unclear" in concluded(made)


def test_a_row_that_failed_fails_the_gate_unless_another_is_slower(
    gate: MakeGate, add: Callable[..., None]
) -> None:
    made = gate("batch_size=1", "batch_size=2", "batch_size=4")
    add(made, sd=0.3)
    add(made, status=Status.FAILED, reason="arm B: it broke")
    assert code(made) == 1
    add(made, 0.2)
    assert code(made) == 3
    page = concluded(made)
    assert "#3 failed: arm B: it broke" in page
    assert "regression: 1 unclear, 1 slower, 1 failed" in page


def test_a_gate_of_which_nothing_could_be_measured_does_not_pass(gate: MakeGate) -> None:
    made = gate("device=cuda", skip=[0])
    assert code(made) == 4
    page = concluded(made)
    assert "nothing was measured: every row was skipped" in page
    assert "95 % interval" not in page, "there is no table of nothing"


def test_rows_that_are_skipped_do_not_keep_the_others_from_passing(
    gate: MakeGate, add: Callable[..., None]
) -> None:
    made = gate("device=cuda", "device=cpu", skip=[0])
    add(made)
    assert code(made) == 0


def test_an_interrupted_gate_says_so(gate: MakeGate, add: Callable[..., None]) -> None:
    made = gate()
    add(made, pairs=2, status=Status.INTERRUPTED, reason="ctrl-C, while restart pair 3")
    page = concluded(made, Status.INTERRUPTED)
    assert "interrupted: no verdict on what was not finished" in page
    assert "#1 interrupted: ctrl-C" in page


def test_the_table_has_figures_of_both_arms_the_change_and_its_interval(
    gate: MakeGate, add: Callable[..., None]
) -> None:
    made = gate("batch_size=8", "batch_size=16")
    add(made, 0.25)
    add(made, 0.0)
    table = concluded(made).splitlines()[1:5]
    for name in ("#", "batch", "A", "B", "change", "95 % interval", "detects", "pairs", "verdict"):
        assert name in table[0]
    assert table[2].split()[:4] == ["1", "8", "1,000", "800"]
    assert table[2].split()[4:6] == ["+25", "%"]
    assert table[2].split()[-1] == "slower"
    assert "24" in table[3].split()


def test_the_table_and_its_legend_fit_a_hundred_columns(
    gate: MakeGate, add: Callable[..., None]
) -> None:
    stamps = (Stamp(mark="B", detail="others used 20 % of a CPU"), Stamp(mark="S", detail="2 %"))
    made = gate(*(f"batch_size={2**n}" for n in range(8)))
    for change in (-0.123, 0.123, 0.0, 5.0, 0.02, -0.5, 0.001, 0.01):
        add(made, change, sd=0.02, stamps=stamps)
    lines = concluded(made).splitlines()
    assert max(len(line.rstrip()) for line in lines) <= 100
    assert not any("│" in line or line.rstrip().endswith("…") for line in lines)
    assert any(line.startswith("B busy machine") for line in lines)


def test_reasons_stand_below_the_table(gate: MakeGate, add: Callable[..., None]) -> None:
    made = gate()
    add(made, 0.5, pairs=5)
    page = concluded(made)
    assert "#1 unclear: 5 pairs of restarts fitted into the time" in page


def test_the_unit_is_that_of_the_workload_where_all_rows_have_one(
    gate: MakeGate, add: Callable[..., None]
) -> None:
    made = gate("batch_size=1", "batch_size=2")
    add(made)
    add(made)
    assert "A, B: texts/s" in concluded(made)
    broken = gate()
    add(broken, pairs=0, status=Status.FAILED, reason="no", description={})
    assert "A, B: items/s" in concluded(broken)


def test_a_gate_of_another_figure_than_throughput_names_it_and_shows_both_arms(
    gate: MakeGate, add: Callable[..., None]
) -> None:
    made = gate()
    total = Estimate(value=0.343, low=None, high=None, n=11, basis="11 restarts")
    load = Figure(name="total_load_s", better="lower", estimate=total)
    add(made, 0.2, cost=0.343, read="total_load_s", figures=(load,))
    page = concluded(made)
    assert "A, B: total_load_s; change: + is worse" in page
    assert page.splitlines()[3].split()[:4] == ["1", "0.343", "0.412", "+20"]


def test_arms_stand_beside_their_change_as_typical_values_not_as_the_means_of_their_runs(
    gate: MakeGate, add: Callable[..., None]
) -> None:
    """Where a burst met B alone, its mean is worse and the paired change is not."""
    made = gate()
    add(made, 0.0, figures=(_throughput(169.0),), cost=1 / 184)
    page = concluded(made)
    assert page.splitlines()[3].split()[1:3] == ["184", "184"]
    assert "169" not in page
    assert "A and B are typical values" in page


def test_a_row_that_failed_has_no_figure_beside_a_change_that_is_not_there(
    gate: MakeGate, add: Callable[..., None]
) -> None:
    made = gate()
    add(made, status=Status.FAILED, reason="arm B: it broke")
    assert "1,000" not in concluded(made)


def test_two_commits_of_equal_code_are_worth_a_word(
    gate: MakeGate, add: Callable[..., None]
) -> None:
    code = Declared(overrides=False, interpreter=False, code=True)
    made = gate(declared=code, a_ref="v1")
    add(made)
    assert "#1 note: neither arm imported any code of this folder" in concluded(made)
    facts = Facts(python="3.11", packages={}, code_sha256="c0de")
    for arm in ("a", "b"):
        made.measured[1].trial.facts[arm] = {("code", facts.code_sha256)}
    assert "#1 note: both arms imported the same code" in concluded(made)
