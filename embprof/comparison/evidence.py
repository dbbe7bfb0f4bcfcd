"""One row before it is judged: a run beside the stored sessions that it compares with.

Most of what can be wrong with a comparison is not noise, and is found here: another machine,
another figure, a job that failed, a session disturbed by others. What is left are numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import geometric_mean

from embprof.comparison.differences import between
from embprof.machine.fingerprint import MODEL_FILES
from embprof.machine.validity import MARKS
from embprof.model import Estimate, Status, Stored, Verdict
from embprof.statistics.stored import ENOUGH_SESSIONS, StoredComparison, compare_with_sessions

DISTURBANCES = frozenset("BSQMA")
"""Stamps of what others did to a run (embprof.machine.validity). How far a busy machine moves a
figure has no bound (2 spinning threads: 240 texts/s idle, 38 with half the CPUs taken), so neither
the session noise nor the spread of undisturbed sessions covers it."""
FOREIGN = "figures of others, measured elsewhere"
OLDER = (
    "{} {} measured by an older embprof, which did not record the files of the model beside its "
    "weights and tokeniser (configurations, pooling, prompts)"
)
SAME_RUN = "the same run"
NO_FIGURE = "no figure"
_SMALLEST = 1e-150  # values whose ratios and inverses are numbers too


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of one row: the runs, their values, and the change where there are both.

    ``verdict`` with its ``reason`` is set where no statistics is asked: incomparable, unusable,
    disturbed, the same run. ``a_value`` is the geometric mean of the ``sessions`` used.
    """

    figure: str
    unit: str = ""
    a: str
    b: str
    a_value: float | None
    b_value: float | None
    sessions: int
    found: StoredComparison | None
    verdict: Verdict | None
    reason: str | None


def weigh(sessions: Sequence[Stored], b: Stored, name: str | None = None) -> Evidence:
    """What B's figure says against the same of A's sessions (oldest first).

    Only sessions of B's hard environment are used; where there is none, the newest is shown and
    the row is incomparable. ``name`` None: the primary figure. Copies of a run count once.
    Raises ValueError for no sessions.
    """
    if not sessions:
        raise ValueError("a row needs a stored session")
    distinct = list({session.run.run_id: session for session in sessions}.values())
    figure = name or _primary(b) or _primary(distinct[-1]) or NO_FIGURE
    alike = [session for session in distinct if _is_comparable(session, b)]
    usable = [one for one in alike or distinct if problem_with(one, figure) is None]
    if not alike:  # one is shown, none is used
        usable = usable[-1:]
    elif b.run.run_id in {session.run.run_id for session in usable}:
        usable = [b]
    newest = (usable or alike or distinct)[-1]
    verdict, reason = _decide(newest, usable, b, figure)
    costs = [_cost(session, b, figure) for session in usable]
    values = [value for one in usable if (value := one.run.value(figure)) is not None]
    known = (one.run.figure(figure) for one in (b, *distinct))
    cost = None if problem_with(b, figure) else _cost(b, b, figure)
    return Evidence(
        figure=figure,
        unit=next((one.unit for one in known if one is not None), ""),
        a=newest.run.run_id,
        b=b.run.run_id,
        a_value=geometric_mean(values) if values else None,  # what the ratio refers to
        b_value=b.run.value(figure) if cost else None,
        sessions=len(usable),
        found=compare_with_sessions(costs, cost) if costs and cost else None,
        verdict=verdict,
        reason=reason,
    )


def problem_with(stored: Stored, figure: str) -> str | None:
    """Why a run has no such figure to compare; None where it has one."""
    run = stored.run
    if run.status != Status.OK:
        status = run.status.value.replace("_", " ")
        return f"{status}: {run.reason}" if run.reason else status
    found = run.figure(figure)
    if found is None:
        return f"has no {figure}"
    if found.estimate is None:
        return f"has no {figure}: {found.note}"
    if not _SMALLEST < found.estimate.value < 1 / _SMALLEST:
        return f"has {figure} = {found.estimate.value:g}, of which there is no ratio"
    return None


def _decide(
    a: Stored, usable: Sequence[Stored], b: Stored, figure: str
) -> tuple[Verdict | None, str | None]:
    """The verdict, and its reason, that no statistics can change; ``a`` is the newest session."""
    if problem := problem_with(b, figure):
        return Verdict.UNCLEAR, f"B {problem}"
    if reason := _what_sets_apart(a, b, figure):
        return Verdict.INCOMPARABLE, reason
    if problem := problem_with(a, figure):
        return Verdict.UNCLEAR, f"A {problem}"
    if a.run.run_id == b.run.run_id:
        return Verdict.SAME, SAME_RUN
    if disturbance := _disturbance(usable, b):
        return Verdict.UNCLEAR, disturbance
    return None, None


def _what_sets_apart(a: Stored, b: Stored, figure: str) -> str | None:
    """Why the two are not of one kind; None where they are."""
    if a.is_foreign or b.is_foreign:
        return FOREIGN
    if older := [side for side, run in (("A", a), ("B", b)) if not _names_its_models(run)]:
        return OLDER.format(" and ".join(older), "were" if len(older) > 1 else "was")
    if not _is_comparable(a, b):
        return "; ".join(f"{part.name}: {part.a} / {part.b}" for part in between(a.hard, b.hard))
    if a.run.status == Status.OK and _primary(a) and a.run.figure(figure) is None:
        return f"figure: {_primary(a)} / {figure}"
    return None


def _is_comparable(a: Stored, b: Stored) -> bool:
    if a.is_foreign or b.is_foreign or not _names_its_models(a):
        return False
    return a.hard == b.hard


def _names_its_models(stored: Stored) -> bool:
    """Whether all is known that makes its models what they are; true of a run without models."""
    has_models = bool(stored.hard.get("weights_sha256") or stored.hard.get("tokenizer_sha256"))
    return MODEL_FILES in stored.hard or not has_models


def _disturbance(sessions: Sequence[Stored], b: Stored) -> str | None:
    """Disturbances that the noise taken for this row does not cover, in words.

    The spread of enough sessions covers what some of them saw too; the session noise covers none.
    """
    seen = [_marks(session) for session in sessions]
    if len(sessions) < ENOUGH_SESSIONS:
        sides = (("A", frozenset().union(*seen)), ("B", _marks(b)))
        reasons = [f"{side} was disturbed: {_meanings(marks)}" for side, marks in sides if marks]
        return "; ".join(reasons) or None
    if unheard_of := _marks(b) - frozenset().union(*seen):
        return f"B was disturbed as no stored session was: {_meanings(unheard_of)}"
    if always_else := frozenset.intersection(*seen) - _marks(b):
        return f"every stored session was disturbed as B was not: {_meanings(always_else)}"
    return None


def _meanings(marks: frozenset[str]) -> str:
    return ", ".join(meaning.partition(":")[0] for mark, meaning in MARKS.items() if mark in marks)


def _marks(stored: Stored) -> frozenset[str]:
    return frozenset(stamp.mark for stamp in stored.run.stamps) & DISTURBANCES


def _primary(stored: Stored) -> str | None:
    return stored.run.primary.name if stored.run.primary is not None else None


def _cost(stored: Stored, b: Stored, figure: str) -> Estimate:
    """A usable run's figure as a cost: itself, or its inverse where B says that more is better."""
    found, direction = stored.run.figure(figure), b.run.figure(figure) or stored.run.figure(figure)
    assert found is not None
    assert found.estimate is not None
    assert direction is not None
    estimate = found.estimate
    if direction.better == "lower":
        return estimate
    return replace(
        estimate,
        value=1 / estimate.value,
        low=1 / estimate.high if estimate.high else None,
        high=1 / estimate.low if estimate.low else None,
    )
