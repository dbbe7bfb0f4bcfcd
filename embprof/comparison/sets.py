"""Two sets of stored runs compared: all that a table, a file or an exit code says of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import geometric_mean

from embprof.comparison.differences import Differences, axes, differences
from embprof.comparison.evidence import Evidence, weigh
from embprof.comparison.matching import Matched, Pair, match
from embprof.comparison.stored import Outcome, against_bound, judge_rows
from embprof.errors import RequestError
from embprof.model import Comparison, Stored, StoredRuns, Verdict

REGRESSION = 3
INCONCLUSIVE = 4
"""Exit codes where a bound was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One question: what sets it apart from the other rows, and what its values say.

    A's value is the geometric mean over its ``sessions``; ``outcome`` is None where no bound was
    given.
    """

    number: int
    axes: Mapping[str, str]
    pair: Pair
    sessions: int
    comparison: Comparison
    outcome: Outcome | None = None

    @property
    def label(self) -> str:
        """What sets the row apart, as overrides; nothing where it is alone."""
        return " ".join(f"{key}={value}" for key, value in self.axes.items())

    @property
    def better(self) -> str:
        """Which way the figure is better."""
        found = (s.run.figure(self.comparison.figure) for s in (self.pair.b, self.pair.a))
        return next((figure.better for figure in found if figure is not None), "lower")


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """B against A, row by row.

    ``only_a`` and ``only_b`` are labels of what has no counterpart; ``matched_by`` names the keys
    where rows ask different questions. ``mean`` is the geometric mean of the ratios of the
    ``mean_rows`` rows that are comparable and undisturbed. It has no interval: rows share the noise
    of their session, by how much is unknown.
    """

    a: StoredRuns
    b: StoredRuns
    rows: tuple[Row, ...]
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]
    matched_by: tuple[str, ...] | None
    differences: Differences
    mean: float | None
    mean_rows: int
    bound: float | None

    @property
    def exit_code(self) -> int:
        """0; with a bound 3 if a row is beyond it, else 4 if one cannot be told."""
        outcomes = {row.outcome for row in self.rows}
        if Outcome.BEYOND in outcomes:
            return REGRESSION
        return INCONCLUSIVE if Outcome.OPEN in outcomes else 0

    def with_outcome(self, outcome: Outcome) -> list[Row]:
        """The rows of that outcome."""
        return [row for row in self.rows if row.outcome is outcome]


def compare(
    a: StoredRuns, b: StoredRuns, *, figure: str | None = None, bound: float | None = None
) -> Compared:
    """Everything there is to say of B against A.

    ``figure`` None: each run's primary one. ``bound``: the regression to be told of (0.05: 5 %).
    Raises RequestError where a side has no runs, no row fits another, or no run has the figure.
    """
    matched = match(a, b)
    if figure is not None:
        _check_figure(figure, matched.pairs)
    evidence = [weigh(pair.sessions, pair.b, figure) for pair in matched.pairs]
    comparisons = judge_rows(evidence)
    unbounded: list[Outcome | None] = [None] * len(evidence)
    outcomes = unbounded if bound is None else against_bound(evidence, bound)
    ratios = [
        row.found.ratio
        for row in evidence
        if row.found is not None and row.verdict in (None, Verdict.SAME)
    ]
    ours = [pair for pair in matched.pairs if not (pair.a.is_foreign or pair.b.is_foreign)]
    return Compared(
        a=a,
        b=b,
        rows=_rows(matched.pairs, evidence, comparisons, outcomes),
        only_a=_labels(matched.only_a, matched),
        only_b=_labels(matched.only_b, matched),
        matched_by=matched.by,
        differences=differences([(pair.a, pair.b) for pair in ours]),
        mean=geometric_mean(ratios) if ratios else None,
        mean_rows=len(ratios),
        bound=bound,
    )


def _rows(
    pairs: Sequence[Pair],
    evidence: Sequence[Evidence],
    comparisons: Sequence[Comparison],
    outcomes: Sequence[Outcome | None],
) -> tuple[Row, ...]:
    shown = [_ours(pair) for pair in pairs]
    columns = axes(shown)
    numbers = [stored.run.number for stored in shown]
    if len(set(numbers)) < len(numbers):
        numbers = list(range(len(numbers)))
    return tuple(
        Row(
            number=numbers[at],
            axes={name: column[at] for name, column in columns.items()},
            pair=pair,
            sessions=evidence[at].sessions,
            comparison=comparisons[at],
            outcome=outcomes[at],
        )
        for at, pair in enumerate(pairs)
    )


def _ours(pair: Pair) -> Stored:
    """The run that knows its whole configuration; figures of others do not."""
    return pair.a if pair.b.is_foreign else pair.b


def _labels(runs: Sequence[Stored], matched: Matched) -> tuple[str, ...]:
    """What sets these runs apart from the rows and from each other; their ids if nothing does."""
    columns = axes([*runs, *(_ours(pair) for pair in matched.pairs)])
    return tuple(
        " ".join(f"{name}={column[at]}" for name, column in columns.items()) or stored.run.run_id
        for at, stored in enumerate(runs)
    )


def _check_figure(figure: str, pairs: Sequence[Pair]) -> None:
    """Raises RequestError unless some row has the figure on both sides."""
    names = [
        {found.name for session in pair.sessions for found in session.run.figures}
        & {found.name for found in pair.b.run.figures}
        for pair in pairs
    ]
    if not any(figure in common for common in names):
        known = ", ".join(sorted(set().union(*names))) or "none in common"
        raise RequestError([f"--figure {figure}: A and B do not both have it; they have {known}"])
