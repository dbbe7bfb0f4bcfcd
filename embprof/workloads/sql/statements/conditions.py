"""What a condition of a plan asks of one table: which columns, and how.

EXPLAIN (VERBOSE) writes conditions in one canonical form: every operator in parentheses of its own,
columns with the name of their table before them. So they can be read by their tokens.
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from embprof.workloads.sql.statements.lexer import BLANK, Kind, Token, quote_name, tokens

How = Literal["equal", "range", "prefix", "other"]
OPERATOR = frozenset("+-*/<>=~!@#%^&|`?")
EQUAL, RANGE = frozenset({"="}), frozenset({"<", ">", "<=", ">="})
LIKE = "~~"
TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
PREFIX = re.compile(r"'[^%_\\'][^%_\\']*%'")
"""A pattern that says how a text begins and nothing more."""
ALIKE = frozenset({"text", "character varying"})
"""Types between which a cast changes nothing for an index."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One of the conditions that are joined by AND; ``key`` is what an index would be made on.

    ``how`` says what a b-tree index on the key could do for it; ``column`` is the column that the
    key is, or that it is computed of.
    """

    key: str
    column: str
    how: How

    @property
    def is_column(self) -> bool:
        """Whether the key is a column as it stands."""
        return self.key == self.column


_Key = tuple[str, str]
"""A key, and the column that it is or that it is computed of."""


def conditions(text: str, alias: str) -> list[Condition]:
    """The conditions on columns of the table called ``alias``; those on others are left out."""
    if not text:
        return []
    return [
        found for part in _conjuncts(_solid(text)) if (found := _condition(part, alias)) is not None
    ]


def joined(text: str) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    """Pairs of columns, each with its table's alias, that a join asks to be equal."""
    found = []
    for part in _conjuncts(_solid(text)):
        left, operator, right = _operator(part)
        sides = [_alias_and_column(_bare(side)) for side in (left, right)]
        if operator in EQUAL and sides[0] is not None and sides[1] is not None:
            found.append((sides[0], sides[1]))
    return found


def sort_keys(written: Sequence[str], alias: str) -> list[str] | None:
    """The columns of a sort as an index has them; None where they are not all of that table.

    Directions are left out where they are all alike, as an index can be read backwards.
    """
    keys: list[tuple[str, str]] = []
    for one in written:
        found = _solid(one)
        direction = ""
        while found and found[-1].text in ("DESC", "FIRST", "LAST", "NULLS"):
            direction = f" {found.pop().text}{direction}"
        column = _alias_and_column(_bare(found))
        if column is None or column[0] != alias:
            return None
        keys.append((column[1], direction))
    directions = {direction for _, direction in keys}
    if directions <= {""} or directions <= {" DESC"}:
        return [column for column, _ in keys]
    return [f"{column}{direction}" for column, direction in keys]


def _solid(text: str) -> list[Token]:
    """The tokens of a text but for blanks."""
    return [token for token in tokens(text) if token.kind not in BLANK]


def _conjuncts(found: Sequence[Token]) -> list[Sequence[Token]]:
    """What AND joins."""
    found = _bare(found)
    groups: list[list[Token]] = [[]]
    for token, depth in _with_depth(found):
        if depth == 0 and token.text == "AND" and token.kind is Kind.WORD:
            groups.append([])
        else:
            groups[-1].append(token)
    if len(groups) == 1:
        return [found] if found else []
    return [inner for one in groups for inner in _conjuncts(one)]


def _condition(part: Sequence[Token], alias: str) -> Condition | None:
    negated = part[0].text == "NOT"
    inner = _bare(part[1:] if negated else part)
    whole = _side(inner, alias)
    if whole is not None and len(inner) <= 3:  # noqa: PLR2004  (alias . column: a boolean alone)
        return Condition(key=whole[0], column=whole[1], how="equal")
    left, operator, right = _operator(inner)
    sides = _side(left, alias), _side(right, alias)
    if operator is None or sides == (None, None):
        return None
    if sides[0] is not None and sides[1] is not None:
        return Condition(key=sides[0][0], column=sides[0][1], how="other")
    if sides[0] is None:
        right, operator = left, TURNED.get(operator, operator)
    key, column = next(side for side in sides if side is not None)
    how: How = "other" if negated else _how(operator, right)
    return Condition(key=key, column=column, how=how)


def _how(operator: str, right: Sequence[Token]) -> How:
    if operator in EQUAL or (operator == "IS" and [t.text for t in right] == ["NULL"]):
        return "equal"
    if operator in RANGE:
        return "range"
    if operator == LIKE and right and PREFIX.fullmatch(right[0].text):
        return "prefix"
    return "other"


def _operator(part: Sequence[Token]) -> tuple[Sequence[Token], str | None, Sequence[Token]]:
    """What is left of the topmost operator, the operator, what is right of it.

    OR, which no single index serves, is an operator too.
    """
    spots = _with_depth(part)
    for at, (token, depth) in enumerate(spots):
        if depth == 0 and token.kind is Kind.WORD and token.text in ("OR", "IS"):
            return part[:at], token.text, part[at + 1 :]
    for at, (token, depth) in enumerate(spots):
        if depth == 0 and token.text in OPERATOR:
            end = at
            while end < len(part) and part[end].text in OPERATOR:
                end += 1
            return part[:at], "".join(t.text for t in part[at:end]), part[end:]
    return part, None, ()


def _side(found: Sequence[Token], alias: str) -> _Key | None:
    """The column of the table, or the expression of one, that a side is; None for another's."""
    bare = _bare(found)
    plain = _alias_and_column(bare)
    if plain is not None:
        return (plain[1], plain[1]) if plain[0] == alias else None
    columns = {
        column[1]
        for at in range(len(bare) - 2)
        if (column := _alias_and_column(bare[at : at + 3])) is not None and column[0] == alias
    }
    if not columns:
        return None
    uncast = _bare(_without_cast(bare))
    inner = _alias_and_column(uncast)
    if inner is not None:
        return inner[1], inner[1]
    written = re.sub(rf'(?<![\w"]){re.escape(quote_name(alias))}\.', "", _text(bare))
    return written, min(columns)


def _without_cast(found: Sequence[Token]) -> Sequence[Token]:
    """A side without a cast at its end that changes nothing for an index."""
    for at, (token, depth) in enumerate(_with_depth(found)):
        if depth == 0 and token.text == "::":
            kind = " ".join(t.text for t in found[at + 1 :])
            return found[:at] if kind in ALIKE else found
    return found


def _alias_and_column(found: Sequence[Token]) -> tuple[str, str] | None:
    """``alias.column`` as two names; None for anything else."""
    if len(found) != 3 or found[1].text != ".":  # noqa: PLR2004
        return None
    if not {found[0].kind, found[2].kind} <= {Kind.WORD, Kind.QUOTED}:
        return None
    alias = found[0].text
    if found[0].kind is Kind.QUOTED:
        alias = alias[1:-1].replace('""', '"')
    return alias, found[2].text


def _bare(found: Sequence[Token]) -> Sequence[Token]:
    """Without parentheses around the whole."""
    while len(found) > 1 and found[0].text == "(" and found[-1].text == ")":
        if any(depth == 0 and token.text != ")" for token, depth in _with_depth(found)[:-1]):
            break
        found = found[1:-1]
    return found


def _with_depth(found: Sequence[Token]) -> list[tuple[Token, int]]:
    """Each token with the parentheses that it is in; they themselves are of the outer depth.

    That of an opening one is counted as inside, so that only a closing one shows where all end.
    """
    steps = ((token.text in ("(", "[")) - (token.text in (")", "]")) for token in found)
    return list(zip(found, itertools.accumulate(steps), strict=True))


def _text(found: Sequence[Token]) -> str:
    """The tokens as text again."""
    text = ""
    for token in found:
        tight = not text or text[-1] in "(.[:" or token.text in (")", "(", ".", ",", "[", "]", "::")
        tight = tight or (token.text in OPERATOR and text[-1] in OPERATOR)
        text += token.text if tight else f" {token.text}"
    return text
