"""The names that a script makes, and the script with all of them in one schema.

A dump names the schema of everything (``public.berths``). embprof makes what a script makes in a
schema of its own, beside others and in a user's own database, so those names are led there: in
statements, in strings that are such a name (``nextval('public.berths_id_seq')``) and in bodies of
functions. Names that the script does not make, as the types of an extension, stay as they are.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from embprof.workloads.sql.statements import lexer
from embprof.workloads.sql.statements.lexer import Kind, Piece, Token

NAME = r'((?:u&)?"(?:[^"]|"")*"|[^\W\d][\w$]*)'
KINDS = (
    *("table", "view", "sequence", "index", "function", "procedure", "aggregate", "type", "domain"),
    *("statistics", "collation", r"text search \w+", r"operator (?:class|family)"),
)
MODIFIERS = "global|local|temp|temporary|unlogged|unique|materialized|recursive|foreign"
CREATED = re.compile(
    rf"create (?:or replace )?(?:(?:{MODIFIERS}) )*({'|'.join(KINDS)}) (?:concurrently )?"
    rf"(?:if not exists )?(?!on ){NAME}(?: \. {NAME})?"
)
CREATED_WITHIN = re.compile(rf"(?:sequence name|constraint) {NAME}(?: \. {NAME})?")
"""Names in a normalised CREATE TABLE or ALTER TABLE of what it makes besides."""
SCHEMA = re.compile(rf"create schema (?:if not exists )?(?!authorization){NAME}")
IMPLIED = re.compile(r"(.*?)_(?:.*_)?(?:seq|pkey|key|idx|fkey|check|excl)")
"""Names that the server gives itself, after the table's."""
QUALIFIED = re.compile(rf"{NAME}\.{NAME}", re.IGNORECASE)
QUALIFIED_TOKENS = 3
"""A schema, a full stop and a name."""
OVERLOADED = frozenset({"function", "procedure", "aggregate"})
OPENING = 40
"""Tokens that are enough to see what a statement makes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnNames:
    """What a script makes: names, and the schemas that it makes something in."""

    schemas: frozenset[str]
    names: frozenset[str]

    def moved(self, sql: str, schema: str | None) -> str:
        """The statement with every name that the script makes in that schema.

        For None without any, to be found wherever the connection looks.
        """
        folded = sql.lower()
        if not any(one in folded for one in self.schemas):
            return sql
        return "".join(self._moved(list(lexer.tokens(sql)), schema))

    def _moved(self, tokens: Sequence[Token], schema: str | None) -> Iterator[str]:
        prefix = "" if schema is None else f"{lexer.quote_name(schema)}."
        at = 0
        while at < len(tokens):
            token = tokens[at]
            if self._is_own(tokens[at : at + QUALIFIED_TOKENS]) and tokens[at - 1].text != ".":
                yield prefix + tokens[at + 2].text
                at += QUALIFIED_TOKENS
                continue
            yield (
                self._moved_string(token.text, schema)
                if token.kind is Kind.STRING
                else (token.text)
            )
            at += 1

    def _moved_string(self, text: str, schema: str | None) -> str:
        """A string that is a name, or the body of a function."""
        if text.startswith("$"):
            end = text.index("$", 1) + 1
            try:
                return text[:end] + self.moved(text[end:-end], schema) + text[-end:]
            except lexer.UnendedError:  # in a language that is not SQL
                return text
        if QUALIFIED.fullmatch(text[1:-1]) is None:
            return text
        return f"'{self.moved(text[1:-1], schema)}'"

    def _is_own(self, tokens: Sequence[Token]) -> bool:
        if len(tokens) < QUALIFIED_TOKENS or tokens[1].text != ".":
            return False
        named = all(one.kind in (Kind.WORD, Kind.QUOTED) for one in (tokens[0], tokens[2]))
        if not named or plain(tokens[0].text) not in self.schemas:
            return False
        name = plain(tokens[2].text)
        if name in self.names:
            return True
        implied = IMPLIED.fullmatch(name)
        return implied is not None and any(name.startswith(f"{one}_") for one in self.names)


def own_names(pieces: Iterable[tuple[str, Piece]]) -> tuple[OwnNames, list[str]]:
    """What these statements make, each with its place, and what of it cannot be in one schema."""
    schemas, names = {"public"}, set[str]()
    kinds: dict[tuple[str, str], str] = {}
    clashes: list[str] = []
    for place, piece in pieces:
        text = lexer.normalise(piece.sql, first=OPENING)
        if (schema := SCHEMA.match(text)) is not None:
            schemas.add(plain(schema[1]))
        if text.startswith(("create ", "alter table ")) and "table " in text:
            found = CREATED_WITHIN.finditer(lexer.normalise(piece.sql))
            names |= {plain(one[2] or one[1]) for one in found}
        if (made := CREATED.match(text)) is None:
            continue
        name = plain(made[3] or made[2])
        names.add(name)
        if made[3] is None:
            continue
        schemas.add(plain(made[2]))
        if made[1] in OVERLOADED:
            continue
        kind = "type" if made[1] in ("type", "domain") else "relation"
        other = kinds.setdefault((kind, name), plain(made[2]))
        if other != plain(made[2]):
            clashes.append(
                f"{place}: {name} is made in {other} and in {plain(made[2])}, and embprof makes "
                "all in one schema: give one of them (pg_dump --schema=NAME)"
            )
    return OwnNames(schemas=frozenset(schemas), names=frozenset(names)), clashes


def plain(name: str) -> str:
    """A name as the server keeps it: without quotes, else in small letters."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()
