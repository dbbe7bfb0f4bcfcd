"""What the source of a module says of a name in it, with nothing imported.

Python finds a module by importing the packages around it, which runs their code. So the packages
are looked for as folders. Where their code decides what is inside them, or a module's names cannot
be read from its text (``from x import *``, compiled code), nothing is claimed.
"""

import ast
import difflib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import machinery
from importlib.util import find_spec
from pathlib import Path

from embprof.own_modules import hidden_file
from embprof.workloads.callable.functions.reference import Reference

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
BLOCKS = (ast.If, ast.Try, ast.With, ast.For, ast.While, ast.Match)
"""Statements whose insides are still the module's top level."""
KINDS = (
    (machinery.ExtensionFileLoader, machinery.EXTENSION_SUFFIXES),
    (machinery.SourceFileLoader, machinery.SOURCE_SUFFIXES),
    (machinery.SourcelessFileLoader, machinery.BYTECODE_SUFFIXES),
)
"""What a module may be, in Python's own order."""


class NotThereError(Exception):
    """There is no such module, or no such name in it; the message says which, and what is near."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a module is: ``file`` None where no source can be read, ``folders`` of a package."""

    file: Path | None
    folders: Sequence[str] | None


def definition(reference: Reference) -> Definition | None:
    """The only ``def`` or ``class`` of that name; None where the name is bound in another way.

    Raises NotThereError.
    """
    place = _place(reference.module)
    if place is None or place.file is None:
        return None
    try:
        tree = ast.parse(place.file.read_bytes())
    except SyntaxError as error:
        raise NotThereError(f"{place.file.name}, line {error.lineno}: {error.msg}") from None
    except (OSError, ValueError):
        return None
    return _in_tree(tree, reference)


def _in_tree(tree: ast.Module, reference: Reference) -> Definition | None:
    bound = list(_bound(tree.body))
    found = [node for name, node in bound if name == reference.name]
    if not found and not any(name in ("*", "__getattr__") for name, _ in bound):
        names = list(dict.fromkeys(name for name, _ in bound if not name.startswith("_")))
        close = difflib.get_close_matches(reference.name, names, n=1)
        hint = f", did you mean {reference.module}:{close[0]}?" if close else ""
        raise NotThereError(
            f"{reference.module} has no {reference.name}{hint or hidden_file(reference.module)}"
        )
    is_plain = len(found) == 1 and found[0] in tree.body
    (node,) = found if is_plain else (None,)
    return node if isinstance(node, Definition) else None


def _bound(body: Sequence[ast.stmt]) -> Iterator[tuple[str, ast.AST]]:
    """Every name that these statements bind, and the statement or target that does."""
    for statement in body:
        if isinstance(statement, Definition):
            yield statement.name, statement
            continue
        if isinstance(statement, ast.Import | ast.ImportFrom):
            for alias in statement.names:
                name = alias.asname or alias.name
                yield name if alias.asname else name.partition(".")[0], alias
            continue
        is_block = isinstance(statement, BLOCKS)
        if is_block:
            for inner in ast.iter_child_nodes(statement):
                inside = inner.body if isinstance(inner, ast.ExceptHandler | ast.match_case) else []
                yield from _bound([inner] if isinstance(inner, ast.stmt) else inside)
        for node in _expressions(statement) if is_block else ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id, node


def _expressions(statement: ast.stmt) -> Iterator[ast.AST]:
    """All within a block but its statements: the target of a for, what a with is bound to."""
    for inner in ast.iter_child_nodes(statement):
        if not isinstance(inner, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield from ast.walk(inner)


def _place(module: str) -> _Place | None:
    """Where the module is; None where only its packages could tell. Raises NotThereError."""
    name, *rest = module.split(".")
    place = _at_top(name)
    if place is None:
        raise NotThereError(f"there is no module {name}; is it in this folder or on PYTHONPATH?")
    for part in rest:
        if place.folders is None:
            raise NotThereError(f"there is no module {name}.{part}: {name} is no package")
        inside = _inside(place.folders, part)
        if inside is None:
            if _decides_itself(place):
                return None
            raise NotThereError(f"there is no module {part} in the package {name}")
        place, name = inside, f"{name}.{part}"
    return place


def _at_top(name: str) -> _Place | None:
    # Where it is imported already, find_spec says what the module says itself, right or wrong.
    is_known = name in sys.modules
    spec = (
        machinery.PathFinder.find_spec(name) or sys.modules[name].__spec__
        if is_known
        else find_spec(name)
    )
    return None if spec is None else _of(spec)


def _inside(folders: Sequence[str], name: str) -> _Place | None:
    """A module of a package; folders without ``__init__.py`` are one package together."""
    together: list[str] = []
    for folder in folders:
        spec = machinery.FileFinder(folder, *KINDS).find_spec(name)
        if spec is not None and spec.loader is not None:
            return _of(spec)
        if spec is not None:
            together += spec.submodule_search_locations or []
    return _Place(file=None, folders=together) if together else None


def _of(spec: machinery.ModuleSpec) -> _Place:
    is_source = spec.origin is not None and spec.origin.endswith(".py")
    folders = spec.submodule_search_locations
    return _Place(
        file=Path(spec.origin) if is_source and spec.origin else None,
        folders=None if folders is None else list(folders),
    )


def _decides_itself(package: _Place) -> bool:
    """Whether code of the package may say where its modules are."""
    return package.file is not None and b"__path__" in package.file.read_bytes()
