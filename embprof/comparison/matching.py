"""Which runs of two sets belong side by side: those that ask the same question.

Where no question is common, something was changed in all rows (another dtype, another model); then
rows belong together that agree in everything else.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from embprof.comparison.differences import REFERRING, axes, columns
from embprof.errors import RequestError
from embprof.model import Status, Stored, StoredRuns
from embprof.tracking.foreign import matches
from embprof.units import counted

VALUES_NAMED = 6
"""Values of an axis that an error message names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One row: A's stored sessions of a question, oldest first, and B's run."""

    sessions: tuple[Stored, ...]
    b: Stored

    @property
    def a(self) -> Stored:
        """The newest session."""
        return self.sessions[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """The rows in the order of B, and what only one side has.

    ``by`` names the configuration keys that rows were matched by where their questions differ;
    None: by the question itself.
    """

    pairs: tuple[Pair, ...]
    only_a: tuple[Stored, ...]
    only_b: tuple[Stored, ...]
    by: tuple[str, ...] | None = None


def match(a: StoredRuns, b: StoredRuns) -> Matched:
    """Rows of A and B side by side; B is its newest session.

    Of several runs of one question in a session one counts: of B's environment, ok, the newest, in
    this order. Figures of others stand beside every run that they are about. Raises RequestError
    where a side has no runs, or no row of one fits a row of the other.
    """
    if empty := [f"{side.name}: it has no runs" for side in (a, b) if not side.runs]:
        raise RequestError(empty)
    stored = [_by_key(session) for session in a.sessions]
    new = {key: max(runs, key=_preference) for key, runs in _by_key(b.runs).items()}
    old = {key: max(runs, key=_preference) for session in stored for key, runs in session.items()}
    pairs = [pair for key, run in new.items() for pair in _pairs(stored, old, key, run)]
    if not pairs:
        sessions = [[max(s[key], key=_preference) for s in stored if key in s] for key in old]
        if len(old) == len(new) == 1:
            alone = Pair(sessions=tuple(sessions[0]), b=next(iter(new.values())))
            return Matched(pairs=(alone,), only_a=(), only_b=(), by=())
        return _by_values(sessions, list(new.values()), a, b)
    matched_a = {_key(session) for pair in pairs for session in pair.sessions}
    matched_b = {_key(pair.b) for pair in pairs}
    return Matched(
        pairs=tuple(pairs),
        only_a=tuple(run for key, run in old.items() if key not in matched_a),
        only_b=tuple(run for key, run in new.items() if key not in matched_b),
    )


def _pairs(
    stored: Sequence[Mapping[str, Sequence[Stored]]], old: Mapping[str, Stored], key: str, b: Stored
) -> Iterator[Pair]:
    """The row of a run of B, if A answers its question; for figures of others perhaps several."""
    if b.is_foreign and key not in old:
        ours = (run for run in old.values() if not run.is_foreign)
        yield from (Pair(sessions=(run,), b=b) for run in ours if matches(b, run.run.config))
        return
    sessions = [
        max(session[key], key=lambda one: (one.hard == b.hard, *_preference(one)))
        for session in stored
        if key in session
    ]
    figures = [run for run in old.values() if run.is_foreign and matches(run, b.run.config)]
    distinct = {one.run.run_id: one for one in (*figures, *sessions)}  # the best last
    if distinct:
        yield Pair(sessions=tuple(distinct.values()), b=b)


def _by_key(session: Sequence[Stored]) -> dict[str, list[Stored]]:
    found: dict[str, list[Stored]] = {}
    for stored in session:
        found.setdefault(_key(stored), []).append(stored)
    return found


def _key(stored: Stored) -> str:
    """What the run asks; figures of others ask what they say they are about."""
    names = [figure.name for figure in stored.run.figures]
    return stored.run.key or repr((sorted(stored.run.config.items()), names))


def _preference(stored: Stored) -> tuple[bool, str]:
    return stored.run.status == Status.OK, stored.run.started


def _by_values(
    stored: Sequence[Sequence[Stored]], new: Sequence[Stored], a: StoredRuns, b: StoredRuns
) -> Matched:
    """Rows that agree in every key whose values the sides have in common, if only one pair does."""
    old = [sessions[-1] for sessions in stored]
    old_columns, new_columns = columns(old), columns(new)
    names = [
        name
        for name in dict.fromkeys([*old_columns, *new_columns])
        if _tells_apart(old_columns.get(name, ()), new_columns.get(name, ()))
    ]
    old_values = list(zip(*(old_columns[name] for name in names), strict=True))
    new_values = list(zip(*(new_columns[name] for name in names), strict=True))
    alone = _once(old_values) & _once(new_values)
    if not alone:
        both = f"{_described(a.name, old)}; {_described(b.name, new)}"
        raise RequestError([f"{a.name} and {b.name} have no question in common: {both}"])
    sessions = dict(zip(old_values, stored, strict=True))
    return Matched(
        pairs=tuple(
            Pair(sessions=tuple(sessions[at]), b=run)
            for at, run in zip(new_values, new, strict=True)
            if at in alone
        ),
        only_a=tuple(run for at, run in zip(old_values, old, strict=True) if at not in alone),
        only_b=tuple(run for at, run in zip(new_values, new, strict=True) if at not in alone),
        by=tuple(name for name in names if not name.startswith(REFERRING)),
    )


def _tells_apart(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether a key's values vary, and are not wholly different on the two sides."""
    return len({*old, *new}) > 1 and not set(old).isdisjoint(new)


def _once(values: Sequence[tuple[str, ...]]) -> set[tuple[str, ...]]:
    return {value for value, count in Counter(values).items() if count == 1}


def _described(name: str, runs: Sequence[Stored]) -> str:
    """What a side has: its runs, and the values of its axes."""
    values = []
    for axis, column in axes(runs).items():
        seen = list(dict.fromkeys(column))
        more = ["…"] if len(seen) > VALUES_NAMED else []
        values.append(f"{axis}={','.join([*seen[:VALUES_NAMED], *more])}")
    return f"{name} has {counted(len(runs), 'run')}{': ' if values else ''}{' '.join(values)}"
