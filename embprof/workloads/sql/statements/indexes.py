"""Which index would spare a statement reading rows that it has no use for.

Suggested is a b-tree: columns that are asked to be equal first, the one with most values leading,
then one that is asked for a range or the columns that are sorted by (Winand, SQL Performance
Explained, ch. 2 and 6). It pays where few of the rows read are kept; a scan of most of a table is
the fastest way to read most of a table.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from embprof.workloads.sql.statements import plans
from embprof.workloads.sql.statements.conditions import Condition, conditions, joined, sort_keys
from embprof.workloads.sql.statements.lexer import quote_name
from embprof.workloads.sql.statements.plans import Above, Node

LARGE = 1000
"""Rows read in one execution, from which reading them is worth sparing; a choice."""
SELECTIVE = 0.1
"""Share of the rows read up to which an index pays for them; a choice on the safe side: where rows
lie scattered, PostgreSQL changes to reading all at 5 to 10 % with its usual costs."""
MOST_COLUMNS = 3
COMPUTED = re.compile(r"[a-z_]\w*\((?:\w+|\"[^\"]+\")\)")
"""A function of one column: an expression that can be indexed if the function is immutable."""
PASSING = frozenset({"Sort", "Incremental Sort", "Gather Merge"})
"""Nodes between a scan and a LIMIT through which an index in the order of the sort would spare
reading on."""
JOINS = ("Hash Cond", "Merge Cond", "Join Filter")


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """An index that is missing; ``keys`` are its columns in order.

    ``read`` rows were looked at in one execution of the statement to keep ``kept``; ``share`` of
    the operation's time went to the others: about what the index can spare. ``why`` is the
    condition in the server's words; ``replaces`` an index that would not be needed beside it.
    """

    table: str
    keys: tuple[str, ...]
    statements: tuple[str, ...]
    read: int
    kept: int
    share: float
    why: str
    replaces: str | None = None

    @property
    def ddl(self) -> str:
        """The command that creates it."""
        return f"CREATE INDEX ON {self.table} ({', '.join(self.keys)})"


def suggestions(
    operation: Mapping[str, Any], tables: Iterable[Mapping[str, Any]]
) -> list[Suggestion]:
    """What is missing for the statements of an operation, the most that can be spared first."""
    known = {(one["schema"], one["table"]): one for one in tables}
    found = [
        one for statement in operation["statements"] for one in _of_statement(statement, known)
    ]
    return sorted(_merge(found), key=lambda one: -one.share)


def share(statement: Mapping[str, Any], ms: float) -> float:
    """About what so many ms of a statement's plan are of the time of its operation.

    Of plan and statement only the shares are taken: they were run at different moments, and on a
    busy machine one may have been held up more than the other. What the client adds to a statement
    counts as the plan's, so that short statements are made to look a little too promising.
    """
    whole = plans.ms(statement["plan"])
    return min(1.0, ms / whole) * float(statement["percent"]) / 100 if whole else 0.0


def _of_statement(
    statement: Mapping[str, Any], known: Mapping[tuple[str, str], Mapping[str, Any]]
) -> Iterator[Suggestion]:
    for node, above in plans.of(statement):
        table = known.get(node.table) if node.table is not None else None
        if table is None or node.type not in plans.SCANS or node.read < LARGE:
            continue
        one = _of_scan(node, above, table) or _of_join(node, above, table)
        if one is not None:
            spared = share(statement, one.share)
            yield replace(one, share=spared, statements=(str(statement["statement"]),))


def _of_scan(node: Node, above: Above, table: Mapping[str, Any]) -> Suggestion | None:
    """For what it filters by, and the sort above it that a LIMIT cuts; ``share`` in ms."""
    filters = conditions(node.text("Filter"), node.alias)
    every = [*_index_conditions(node), *filters]
    useful = [
        one
        for one in every
        if one.how != "other" and (one.is_column or COMPUTED.fullmatch(one.key) is not None)
    ]
    equal = _by_distinct([one for one in useful if one.how == "equal"], table)
    ranges = list(dict.fromkeys(_key(one) for one in useful if one.how in ("range", "prefix")))
    ranges = [key for key in ranges if key not in equal]
    kept, spared, tail = node.rows, node.own_ms, ranges[:1]
    order = _cut_sort(node, above)
    if order is not None and (not ranges or ranges == order.keys[:1]):
        kept, spared = min(kept, order.kept), spared + order.ms
        tail = [key for key in order.keys if key not in equal]
    keys = (*equal[:MOST_COLUMNS], *tail)
    if len(useful) < len(every):
        # What else is filtered by an index cannot do: it has to be selective by itself.
        kept = max(kept, round(node.read * _by_statistics(equal, table)))
    if not keys or kept > SELECTIVE * node.read or _is_served(keys, len(equal), table):
        return None
    why = node.text("Filter") or f"sorted by {', '.join(order.keys) if order else ''}"
    return _suggestion(table, keys, node, kept=kept, ms=spared, why=why)


def _of_join(node: Node, above: Above, table: Mapping[str, Any]) -> Suggestion | None:
    """For a join that finds few of the rows of a table that is read as a whole."""
    if not node.is_sequential:
        return None
    for join in reversed(above):
        pairs = [pair for name in JOINS for pair in joined(join.text(name))]
        columns = [column for pair in pairs for alias, column in pair if alias == node.alias]
        if not columns:
            continue
        others = [
            one.rows for one in join.children if node not in [inner for inner, _ in plans.walk(one)]
        ]
        few = SELECTIVE * node.read
        if not others or max(others) > few or join.rows > few:
            return None
        keys = tuple(dict.fromkeys(columns))[:MOST_COLUMNS]
        if _is_served(keys, len(keys), table):
            return None
        why = next(join.text(name) for name in JOINS if join.text(name))
        ms = node.own_ms + join.own_ms
        return _suggestion(table, keys, node, kept=join.rows, ms=ms, why=why)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """A sort of which a LIMIT takes the first rows."""

    keys: list[str]
    kept: int
    ms: float


def _cut_sort(node: Node, every_above: Above) -> _Order | None:
    keys: list[str] | None = None
    ms = 0.0
    for above in reversed(every_above):
        if above.type == "Limit":
            return _Order(keys=keys, kept=above.rows, ms=ms) if keys else None
        if above.type not in PASSING:
            return None
        ms += above.own_ms
        if keys is None and "Sort Key" in above.detail:
            keys = sort_keys(above.detail["Sort Key"], node.alias)
            if keys is None:
                return None
    return None


def _suggestion(
    table: Mapping[str, Any], keys: Sequence[str], node: Node, *, kept: int, ms: float, why: str
) -> Suggestion:
    name = quote_name(str(table["table"]))
    if not table["in_search_path"]:
        name = f"{quote_name(str(table['schema']))}.{name}"
    replaced = [
        str(index["index"])
        for index in table["indexes"]
        if _is_plain(index) and not index["unique"] and index["columns"] == list(keys[:-1])
    ]
    return Suggestion(
        table=name,
        keys=tuple(keys),
        statements=(),
        read=node.read,
        kept=kept,
        share=ms * (1 - kept / node.read),
        why=why,
        replaces=replaced[0] if replaced else None,
    )


def _index_conditions(node: Node) -> list[Condition]:
    """What an index is searched for already, whose rows the node then filters."""
    texts = [one.text("Index Cond") for one in (node, *node.children)]
    return [one for text in texts for one in conditions(text, node.alias)]


def _key(one: Condition) -> str:
    """A column for a range; for the beginning of a text it takes an operator class."""
    return f"{one.key} text_pattern_ops" if one.how == "prefix" else one.key


def _by_distinct(equal: Sequence[Condition], table: Mapping[str, Any]) -> list[str]:
    """Keys asked to be equal, the one with most values first."""
    ordered = sorted(equal, key=lambda one: -_distinct(one.column, table))
    return list(dict.fromkeys(one.key for one in ordered))


def _distinct(column: str, table: Mapping[str, Any]) -> float:
    """Values that the column has, as far as is known; the server counts in rows below 0."""
    known = table["columns"].get(column.strip('"')) or {}
    count = float(known.get("distinct") or 0.0)
    return -count * max(0, table["rows"]) if count < 0 else count


def _by_statistics(equal: Sequence[str], table: Mapping[str, Any]) -> float:
    """The share of rows that a value of each of these columns has, were they independent."""
    found = 1.0
    for key in equal[:MOST_COLUMNS]:
        found /= max(1.0, _distinct(key, table))
    return found


def _is_served(keys: Sequence[str], equal: int, table: Mapping[str, Any]) -> bool:
    """Whether there is such an index already: the planner knew it, and did not take it."""
    wanted = [key.removesuffix(" text_pattern_ops") for key in keys]

    def serves(columns: Sequence[str]) -> bool:
        is_same_start = set(columns[:equal]) == set(wanted[:equal])
        return is_same_start and columns[equal : len(wanted)] == wanted[equal:]

    return any(_is_plain(index) and serves(index["columns"]) for index in table["indexes"])


def _is_plain(index: Mapping[str, Any]) -> bool:
    return index["method"] == "btree" and not index["partial"]


def _merge(found: Sequence[Suggestion]) -> list[Suggestion]:
    """One for each index; one that another begins with is that other."""
    merged: list[Suggestion] = []
    for one in sorted(found, key=lambda one: -len(one.keys)):
        for at, longer in enumerate(merged):
            if longer.table == one.table and longer.keys[: len(one.keys)] == one.keys:
                statements = tuple(dict.fromkeys((*longer.statements, *one.statements)))
                share = min(1.0, longer.share + one.share)
                merged[at] = replace(longer, statements=statements, share=share)
                break
        else:
            merged.append(one)
    return merged
