"""What names a function of the user's."""

import pytest

from embprof.workloads.callable.functions.reference import SHAPE, Reference


@pytest.mark.parametrize(
    ("text", "module", "name"),
    [
        ("service:answer", "service", "answer"),
        ("app.search.index:Index", "app.search.index", "Index"),
        ("dienst:prüfe", "dienst", "prüfe"),
    ],
)
def test_a_reference_is_a_module_and_a_name(text: str, module: str, name: str) -> None:
    reference = Reference.parse(text)
    assert (reference.module, reference.name) == (module, name)
    assert str(reference) == text


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("app.service.answer", "; write app.service:answer"),
        ("service.py:answer", "; write service:answer"),
        ("src/service.py:answer", "; write src.service:answer"),
        ("./service.py:answer", "; write service:answer"),
        ("service.py", ""),
        ("answer", ""),
        ("", ""),
        ("service:", ""),
        (":answer", ""),
        ("service:answer(1)", ""),
        ("my service:answer", ""),
        ("a:b:c", ""),
    ],
)
def test_anything_else_is_refused_with_what_was_probably_meant(text: str, hint: str) -> None:
    with pytest.raises(ValueError, match="must be") as caught:
        Reference.parse(text)
    assert str(caught.value) == f"{SHAPE}{hint}"


def test_a_method_gets_a_way_on() -> None:
    with pytest.raises(ValueError, match=r"write a function that calls Index\.search, or a class"):
        Reference.parse("service:Index.search")
