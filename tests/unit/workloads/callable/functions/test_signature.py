"""Whether arguments fit: said as Python would, but of every argument at once."""

import ast
import inspect
from collections.abc import Callable
from typing import Any

import pytest

from embprof.workloads.callable.functions.signature import broken, misfits

SOURCES = (
    "def f(): ...",
    "def f(a): ...",
    "def f(a, b=1): ...",
    "def f(a, /, b): ...",
    "def f(a, /, b=1, *, c, d=2): ...",
    "def f(*, c): ...",
    "def f(*rest): ...",
    "def f(a, *rest, c=1): ...",
    "def f(**more): ...",
    "def f(a, /, **more): ...",
    "async def f(a, b=1): ...",
)
ARGUMENTS: tuple[dict[str, int], ...] = (
    {},
    {"a": 1},
    {"b": 1},
    {"a": 1, "b": 2},
    {"c": 1},
    {"a": 1, "c": 1},
    {"b": 1, "c": 1, "d": 2},
    {"a": 1, "x": 2},
)


def made(source: str) -> tuple[Callable[..., Any], Any]:
    namespace: dict[str, Any] = {}
    exec(source, namespace)
    return namespace["f"], ast.parse(source).body[0]


@pytest.mark.parametrize("takes_items", [False, True])
@pytest.mark.parametrize("arguments", ARGUMENTS, ids=str)
@pytest.mark.parametrize("source", SOURCES)
def test_misfits_are_found_where_python_would_raise_and_nowhere_else(
    source: str, arguments: dict[str, int], *, takes_items: bool
) -> None:
    function, node = made(source)
    signature = inspect.signature(function)
    positional = (["an item"],) if takes_items else ()
    try:
        signature.bind(*positional, **arguments)
        fits = True
    except TypeError:
        fits = False
    assert fits != bool(list(misfits("f", signature, arguments, takes_items=takes_items)))
    by_source = list(broken(node, arguments, takes_items=takes_items))
    assert by_source == list(misfits("f", signature, arguments, takes_items=takes_items))


def said(source: str, *arguments: str, takes_items: bool = False) -> list[tuple[str | None, str]]:
    (node,) = ast.parse(source).body
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    found = broken(node, arguments, takes_items=takes_items)
    return [(one.argument, one.message) for one in found]


def test_a_misfit_says_what_was_probably_meant() -> None:
    assert said("def f(limit=1): ...", "limt") == [
        ("limt", "f() takes no limt, did you mean limit?")
    ]
    assert said("def f(texts): ...") == [
        ("texts", "f() needs texts; workload.batch=N hands it a list of N items")
    ]
    assert said("def f(): ...", takes_items=True) == [
        (None, "f() has no parameter for the list of items that workload.batch asks for")
    ]
    assert said("def f(texts): ...", "texts", takes_items=True) == [
        ("texts", "f() is given the items as texts")
    ]


CLASS = """
class Index:
    def __init__(self, size, kind="flat"): ...
    def setup(self): ...
    def step(self{}): ...
"""


def test_a_class_is_made_with_the_arguments_and_its_step_gets_the_items() -> None:
    assert said(CLASS.format(""), "size") == []
    assert said(CLASS.format(", texts"), "size", takes_items=True) == []
    assert said(CLASS.format(""), "sise")[0] == (
        "sise",
        "Index() takes no sise, did you mean size?",
    )
    ((argument, message),) = said(CLASS.format(""), "size", takes_items=True)
    assert argument is None
    assert message.startswith("Index.step() has no parameter")
    ((_, message),) = said(CLASS.format(", texts"), "size")
    assert message.startswith("Index.step() needs texts")


def test_a_class_without_a_step_is_refused_unless_it_may_have_one() -> None:
    assert said("class Index: ...") == [
        (None, "the class Index has no step(), which is what is called")
    ]
    assert said("class Index:\n    step = made()") == []
    assert said("class Index(Base): ...") == []
    assert said("class Index(metaclass=Meta): ...", "anything") == []
    assert said("@dataclass\nclass Index:\n    size: int", "size") == []


def test_what_decorators_made_of_it_is_not_guessed() -> None:
    assert said("@cached\ndef f(a): ...", "b") == []
    assert said("class C:\n    @cached\n    def step(self, a): ...") == []
