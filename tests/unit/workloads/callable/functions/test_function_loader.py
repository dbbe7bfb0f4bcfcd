"""From a name to what is called, and what a worker says where that fails."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from embprof.workloads.callable.functions import function_loader
from embprof.workloads.callable.functions.reference import Reference

Write = Callable[[str], int]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Writes the module ``loaded_service``, which is forgotten again."""
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    yield (tmp_path / "loaded_service.py").write_text
    for name in set(sys.modules) - before:
        del sys.modules[name]


def load(name: str = "answer") -> Callable[..., object]:
    return function_loader.load(Reference(module="loaded_service", name=name))


def test_what_was_named_is_there_to_be_called(write: Write) -> None:
    write("def answer(): return 42\n")
    assert load()() == 42


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "import os\nimport nowhere_to_be_found\n",
            "(loaded_service.py, line 2): ModuleNotFoundError: No module named 'nowhere_to_be_",
        ),
        (
            "def f():\n    1 / 0\n\nf()\n",
            "(loaded_service.py, line 2): ZeroDivisionError: division",
        ),
        ("x = 1\ndef answer(:\n", "(loaded_service.py, line 2): SyntaxError: "),
        ("import sys\nsys.exit('usage: …')\n", "(loaded_service.py, line 2): SystemExit: usage: …"),
        ("raise KeyError\n", "(loaded_service.py, line 1): KeyError"),
    ],
)
def test_a_module_that_cannot_be_imported_is_told_with_the_line(
    write: Write, text: str, said: str
) -> None:
    write(text)
    with pytest.raises(ImportError) as caught:
        load()
    assert str(caught.value).startswith(f"loaded_service:answer cannot be imported {said}")
    assert caught.value.__cause__ is not None, "whose traceback goes to the log"


def test_a_module_that_is_not_there_has_no_line() -> None:
    with pytest.raises(ImportError, match=r"loaded_service:answer cannot be imported: ModuleNotF"):
        load()


def test_running_out_of_memory_stays_what_it_is(write: Write) -> None:
    write("raise MemoryError\n")
    with pytest.raises(MemoryError):
        load()


def test_what_is_not_there_or_cannot_be_called_is_named(write: Write) -> None:
    write("answer = 42\n")
    with pytest.raises(TypeError, match=r"loaded_service:answer: cannot be called, it is an int"):
        load()
    with pytest.raises(AttributeError, match=r"loaded_service.py has no question"):
        load("question")


def test_arguments_that_do_not_fit_are_told_before_any_call() -> None:
    def answer(limit: int) -> int:
        return limit

    function_loader.check("answer", answer, {"limit": 1}, takes_items=False)
    with pytest.raises(TypeError, match=r"takes no limt, did you mean limit\?; answer\(\) needs"):
        function_loader.check("answer", answer, {"limt": 1}, takes_items=False)
    function_loader.check("max", max, {"anything": 1}, takes_items=False)  # C code does not say


def test_an_object_is_called_by_its_step() -> None:
    class Index:
        def step(self, texts: list[str]) -> int:
            return len(texts)

    assert function_loader.step_of(Index(), takes_items=True)(["a"]) == 1
    with pytest.raises(TypeError, match=r"Index\.step\(\) needs texts"):
        function_loader.step_of(Index(), takes_items=False)
    with pytest.raises(TypeError, match=r"object has no step\(\), which is what is called"):
        function_loader.step_of(object(), takes_items=False)
