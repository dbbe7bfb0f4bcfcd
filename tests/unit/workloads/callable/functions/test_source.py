"""What is said of a name by the source of its module, which is never imported for it."""

import ast
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from embprof.workloads.callable.functions.reference import Reference
from embprof.workloads.callable.functions.source import Definition, NotThereError, definition

Write = Callable[..., None]
Look = Callable[[str], Definition | None]
LEAVES_A_MARK = "from pathlib import Path\nPath(__file__).with_name('imported').touch()\n"


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes modules below a folder that modules are looked for in."""
    monkeypatch.syspath_prepend(tmp_path)

    def files(**content: str) -> None:
        for name, text in content.items():
            file = tmp_path / f"{name.replace('__', '/')}.py"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)

    return files


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Looks a name up; nothing was imported for it."""

    def found(text: str) -> Definition | None:
        before = set(sys.modules)
        try:
            return definition(Reference.parse(text))
        finally:
            assert not list(tmp_path.rglob("imported"))
            assert not set(sys.modules) - before

    return found


def test_a_function_is_found_with_nothing_run(write: Write, look: Look) -> None:
    write(one_service=f"{LEAVES_A_MARK}def answer(limit): ...\n")
    found = look("one_service:answer")
    assert isinstance(found, ast.FunctionDef)
    assert [one.arg for one in found.args.args] == ["limit"]


def test_a_module_in_packages_is_found_with_none_of_them_run(
    write: Write, look: Look, tmp_path: Path
) -> None:
    write(two_app__search__index=f"{LEAVES_A_MARK}class Index: ...\n")
    assert isinstance(look("two_app.search.index:Index"), ast.ClassDef), "folders do as packages"
    for folder in (tmp_path / "two_app", tmp_path / "two_app" / "search"):
        (folder / "__init__.py").write_text(LEAVES_A_MARK)
    assert isinstance(look("two_app.search.index:Index"), ast.ClassDef)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("three_nowhere:f", "there is no module three_nowhere; is it in this folder"),
        ("three_app.nowhere:f", "there is no module nowhere in the package three_app"),
        ("three_app.mod.deeper:f", "there is no module three_app.mod.deeper: three_app.mod is no"),
        ("three_app.mod:answr", "three_app.mod has no answr, did you mean three_app.mod:answer?"),
        ("three_app.mod:_hidden_one", "three_app.mod has no _hidden_one"),
        ("three_broken:f", "three_broken.py, line 2: "),
    ],
)
def test_what_is_not_there_is_said_with_what_is_near(
    write: Write, look: Look, tmp_path: Path, text: str, said: str
) -> None:
    write(three_app__mod="def answer(): ...\n", three_broken="def f(): ...\ndef g(:\n")
    (tmp_path / "three_app" / "__init__.py").touch()
    with pytest.raises(NotThereError) as caught:
        look(text)
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize(
    "text",
    [
        "from elsewhere import answer\n",
        "import answer\n",
        "import answer.deeper\n",
        "from elsewhere import something as answer\n",
        "from elsewhere import *\n",
        "def __getattr__(name): ...\n",
        "answer = make()\n",
        "other, (answer, third) = make()\n",
        "answer: object = make()\n",
        "for answer in (): ...\n",
        "with make() as answer: ...\n",
        "try:\n    from fast import answer\nexcept ImportError:\n    def answer(): ...\n",
        "if fast:\n    def answer(): ...\n",
        "match fast:\n    case 1:\n        def answer(): ...\n",
        "print(answer := make())\n",
        "if (answer := make()): ...\n",
        "def answer(): ...\ndef answer(limit): ...\n",
        "def answer(): ...\nanswer = cached(answer)\n",
    ],
)
def test_a_name_that_is_bound_in_another_way_is_taken_for_granted(
    write: Write, look: Look, text: str
) -> None:
    write(four_service=text)
    assert look("four_service:answer") is None


@pytest.mark.parametrize(
    "text",
    [
        "def other():\n    answer = 1\n",
        "class Other:\n    def answer(self): ...\n",
        "print(answer)\n",
        "numbers.answer = 1\n",
    ],
)
def test_a_name_inside_of_something_is_not_at_the_top(write: Write, look: Look, text: str) -> None:
    write(five_service=text)
    with pytest.raises(NotThereError):
        look("five_service:answer")


def test_nothing_is_claimed_where_there_is_no_source(
    write: Write, look: Look, tmp_path: Path
) -> None:
    assert look("math:no_such_name") is None
    assert look("sys:no_such_name") is None
    write(six_app__mod="")
    (tmp_path / "six_app" / "__init__.py").write_text("__path__ = elsewhere()\n")
    assert look("six_app.anything:f") is None, "its package says itself where its modules are"


def test_a_module_of_the_standard_library_is_found_too(look: Look) -> None:
    assert isinstance(look("json.decoder:JSONDecoder"), ast.ClassDef)
    with pytest.raises(NotThereError, match=r"did you mean json.decoder:JSONDecoder"):
        look("json.decoder:JSONDecode")
