"""A prompt is one of the model's by its name, or a text; a misspelled name is neither."""

import pytest

from embprof.models.prompts import NoPromptError, Prompts, notes, problems

E5 = Prompts(named={"query": "query: ", "passage": "passage: ", "plain": ""}, default="query: ")


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        (None, "query: "),
        ("passage", "passage: "),
        ("plain", ""),
        ("", ""),
        ("search:", "search:"),
        ("two words", "two words"),
        ("[Q]", "[Q]"),
        ("检索：", "检索："),
    ],
)
def test_a_name_stands_for_its_prompt_and_a_text_for_itself(asked: str | None, text: str) -> None:
    assert E5.text(asked) == text


@pytest.mark.parametrize("asked", ["qurey", "s2p_query", "v1.5", "e5-query"])
def test_a_word_that_is_no_name_is_an_error_that_lists_the_names(asked: str) -> None:
    with pytest.raises(NoPromptError, match=f"query, passage, plain, and none is called {asked}"):
        E5.text(asked)
    with pytest.raises(NoPromptError, match="has no prompts in its files"):
        Prompts().text(asked)


def test_what_is_searched_has_the_prompt_that_is_meant_for_it_else_the_default() -> None:
    assert E5.of_documents() == "passage: "
    assert Prompts(named={"document": "", "passage": "p: "}, default="x: ").of_documents() == ""
    assert Prompts(named={"query": "q: "}, default="q: ").of_documents() == "q: "


def test_a_model_that_is_not_there_has_none() -> None:
    (problem,) = problems("query", None, key="prompt", name="any")
    assert problem.startswith("prompt=query: any has no prompts in its files")
    assert list(problems("query: ", None, key="prompt", name="any")) == []


def test_a_text_without_a_blank_behind_it_is_noted() -> None:
    (note,) = notes("query:", None, key="prompt", name="any")
    assert "'prompt=\"query: \"'" in note
    assert list(notes("query: ", None, key="prompt", name="any")) == []
