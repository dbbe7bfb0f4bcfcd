"""The names that a script makes, and the script with all of them in one schema.

A dump names the schema of everything (``public.berths``). embprof makes what a script makes in a
schema of its own, beside others and in a user's own database, so those names are led there: in
statements, in strings that are such a name (``nextval('public.berths_id_seq')``) and in bodies of
functions. Other strings are data. What the script does not make stays as it is, but that what is in
the schema of an extension (``extensions.vector``) is named without it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from embprof.workloads.sql.statements import lexer
from embprof.workloads.sql.statements.lexer import OPENING, Kind, Piece, Token

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
EXTENSION_SCHEMA = re.compile(rf"create extension .*\bschema {NAME}")
IN_PATH = frozenset({"public", "pg_catalog"})
"""Where every connection of ours looks."""
IMPLIED = re.compile(r"(.*?)_(?:.*_)?(?:seq|pkey|key|idx|fkey|check|excl)")
"""Names that the server gives itself, after the table's."""
QUALIFIED = re.compile(rf"{NAME}\.{NAME}", re.IGNORECASE)
QUALIFIED_TOKENS = 3
"""A schema, a full stop and a name."""
NAMES = frozenset({Kind.WORD, Kind.QUOTED})
TAKES_NAME = re.compile(
    r"nextval|currval|setval|pg_get_serial_sequence|to_reg\w+"
    r"|pg_(?:relation|table|indexes|total_relation)_size"
)
"""Functions of the server whose first argument is a name in a string."""
REG = "reg(?:class|collation|config|dictionary|namespace|oper|operator|proc|procedure|role|type)"
IS_NAME = re.compile(rf"(::|as)(?:pg_catalog\.)?{REG}\b", re.IGNORECASE)
"""What follows a string that is a name, without blanks; AS within a CAST."""
LOOKED_AT = 8
"""Tokens after something that are enough to see what it is."""
CODE = re.compile(r"(?:do|create (?:or replace )?(?:function|procedure))\b")
"""Normalised beginnings of statements whose strings in dollars are code."""
OF_INDEXES = frozenset({"index", "constraint", "sequence", "partition"})
"""After these stands the name of an index, a constraint or a sequence, not of a column."""
SILENT = frozenset({"if", "not", "exists", "concurrently", "only", ","})
"""What may stand between."""
OVERLOADED = frozenset({"function", "procedure", "aggregate"})
RELATIONS = frozenset({"table", "view", "sequence", "index"})
TEMPORARY = re.compile(r"create (?:(?:global|local) )?temp")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnNames:
    """What a script makes: names, and the schemas that it makes something in.

    ``extended`` are the schemas that it wants extensions in. Where these are is for the server to
    say, and connections look there, so that such names are found without their schema.
    """

    schemas: frozenset[str]
    names: frozenset[str]
    extended: frozenset[str] = frozenset()

    def moved(self, sql: str, schema: str | None) -> str:
        """The statement with every name that the script makes in that schema.

        For None without any, to be found wherever the connection looks.
        """
        is_code = "$" in sql and CODE.match(lexer.normalise(sql, first=4)) is not None
        return self._moved(sql, schema, is_code=is_code)

    def _moved(self, sql: str, schema: str | None, *, is_code: bool) -> str:
        """As :meth:`moved`; strings in dollars are statements where ``is_code``."""
        folded = sql.lower()
        known = (one.lower().replace('"', '""') for one in self.schemas | self.extended)
        last = max(folded.rfind(one) for one in known)
        if last < 0:
            return sql
        found: list[Token] = []
        end = after = 0
        for token in lexer.tokens(sql):
            found.append(token)
            end += len(token.text)
            after += end > last
            if after > LOOKED_AT:  # what is left speaks of no schema
                break
        return "".join(self._pieces(found, schema, is_code=is_code)) + sql[end:]

    def _pieces(
        self, tokens: Sequence[Token], schema: str | None, *, is_code: bool, after: str = ""
    ) -> Iterator[str]:
        prefix = "" if schema is None else f"{lexer.quote_name(schema)}."
        before = ["", "", "", after]
        at = 0
        while at < len(tokens):
            token = tokens[at]
            text = token.text.lower()
            is_first = (
                token.kind in NAMES
                and before[-1] != "."
                and at + 1 < len(tokens)
                and tokens[at + 1].text == "."
            )
            if is_first and self._is_own(tokens[at : at + QUALIFIED_TOKENS], before[-1]):
                yield prefix + tokens[at + 2].text
                at += QUALIFIED_TOKENS
                text = "," if before[-1] in OF_INDEXES else text  # others may follow in a list
            elif is_first and plain(token.text) in self.extended:
                at += 2
                continue
            elif token.kind is Kind.STRING:
                yield self._moved_string(
                    tokens[at : at + LOOKED_AT], schema, before, is_code=is_code
                )
                at += 1
            else:
                yield token.text
                at += 1
            if token.kind not in lexer.BLANK and text not in SILENT:
                before = [*before[1:], text]

    def _moved_string(
        self, tokens: Sequence[Token], schema: str | None, before: Sequence[str], *, is_code: bool
    ) -> str:
        """The first of these, which is a name, the body of a function, or what a user stores."""
        text = tokens[0].text
        if text.startswith("$"):
            end = text.index("$", 1) + 1
            body = text[end:-end]
            if not is_code or QUALIFIED.fullmatch(body) is not None:
                return text
            try:
                return text[:end] + self._moved(body, schema, is_code=is_code) + text[-end:]
            except lexer.UnendedError:  # in a language that is not SQL
                return text
        if QUALIFIED.fullmatch(text[1:-1]) is None or not _is_name(tokens[1:], before):
            return text
        named = list(lexer.tokens(text[1:-1]))
        moved = self._pieces(named, schema, is_code=False, after="sequence")
        return f"'{''.join(moved)}'"

    def _is_own(self, tokens: Sequence[Token], after: str) -> bool:
        """Whether ``schema.name`` is made here, where it follows that word or mark."""
        if len(tokens) < QUALIFIED_TOKENS or tokens[2].kind not in NAMES:
            return False
        if plain(tokens[0].text) not in self.schemas:
            return False
        name = plain(tokens[2].text)
        if name in self.names:
            return True
        is_read = after in ("from", "join") and name.endswith("_seq")
        if not (after in OF_INDEXES or is_read) or IMPLIED.fullmatch(name) is None:
            return False
        return any(name.startswith(f"{one}_") for one in self.names)


def _is_name(following: Sequence[Token], before: Sequence[str]) -> bool:
    """Whether a string between these is a name to the server."""
    ending = "".join(one.text for one in following if one.kind not in lexer.BLANK)
    cast = IS_NAME.match(ending)
    if cast is not None and (cast[1] == "::" or tuple(before[-2:]) == ("cast", "(")):
        return True
    schema, dot, function, bracket = before
    if dot == "." and schema != "pg_catalog":
        return False
    return bracket == "(" and TAKES_NAME.fullmatch(function) is not None


def own_names(pieces: Iterable[tuple[str, Piece]]) -> tuple[OwnNames, list[str]]:
    """What these statements make, each with its place, and what of it cannot be in one schema."""
    schemas, names, extended = {"public"}, set[str](), set[str]()
    kinds: dict[tuple[str, str], str] = {}
    clashes: list[str] = []
    for place, piece in pieces:
        if piece.is_insert:
            continue
        text = lexer.normalise(piece.sql, first=OPENING)
        if (schema := SCHEMA.match(text)) is not None:
            schemas.add(plain(schema[1]))
        if (extension := EXTENSION_SCHEMA.match(text)) is not None:
            extended.add(plain(extension[1]))
        if text.startswith(("create ", "alter table ")) and "table " in text:
            found = CREATED_WITHIN.finditer(lexer.normalise(piece.sql))
            names |= {plain(one[2] or one[1]) for one in found}
        if (made := CREATED.match(text)) is None:
            continue
        name = plain(made[3] or made[2])
        names.add(name)
        where = "public" if made[3] is None else plain(made[2])
        schemas.add(where)
        if made[1] in OVERLOADED or TEMPORARY.match(text) is not None:
            continue
        kind = "relation" if made[1] in RELATIONS else made[1].replace("domain", "type")
        other = kinds.setdefault((kind, name), where)
        if other != where:
            clashes.append(
                f"{place}: {name} is made in {other} and in {where}, and embprof makes "
                "all in one schema: give one of them (pg_dump --schema=NAME)"
            )
    own = OwnNames(
        schemas=frozenset(schemas), names=frozenset(names), extended=frozenset(extended - IN_PATH)
    )
    return own, clashes


def plain(name: str) -> str:
    """A name as the server keeps it: without quotes, else in small letters."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()
