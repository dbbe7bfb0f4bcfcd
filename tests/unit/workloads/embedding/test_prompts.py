"""What prompts cost, and how an encoder is told which to put before texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import pytest

from embprof.errors import RequestError
from embprof.interface.backend import Encoder
from embprof.workloads.embedding.findings.prompts import find
from embprof.workloads.embedding.prompt import cost_of_prompt, prompt_of, put_before

if TYPE_CHECKING:
    from tests.unit.conftest import MakeAnswer, MakeStudy


class Words:
    """An encoder whose tokens are words."""

    prompt = "by default "

    def prompts(self) -> dict[str, str]:
        return {"query": "please find: "}

    def tokens(self, texts: Sequence[str]) -> list[int]:
        return [len((self.prompt + text).split()) for text in texts]


def encoder(made: Any) -> Encoder:
    return cast("Encoder", made)


def test_a_prompt_is_put_by_its_name_and_its_cost_is_counted() -> None:
    words = Words()
    assert cost_of_prompt(encoder(words)) == {"prompt": "by default ", "prompt_tokens": 2}
    put_before(encoder(words), "query")
    assert words.prompt == prompt_of(encoder(words)) == "please find: "
    put_before(encoder(words), "")
    assert cost_of_prompt(encoder(words)) == {}


def test_what_cannot_be_put_is_an_error() -> None:
    with pytest.raises(RequestError, match="prompt=document: the model has the prompts query"):
        put_before(encoder(Words()), "document")
    with pytest.raises(RequestError, match="object puts no prompt before texts"):
        put_before(encoder(object()), "query: ")


def test_a_sweep_tells_tokens_and_time(answer: MakeAnswer, study: MakeStudy) -> None:
    plain = answer("prompt=null", rate=100.0)
    told = {"prompt": "query: ", "prompt_tokens": 5}
    (finding,) = find(study(plain, answer("prompt=query: ", rate=80.0, description=told)))
    assert finding.title.startswith(
        "Beside prompt=null, prompt='query: ' costs 5 tokens a text: throughput is 20 % less"
    )
    assert "'query: ' stands before each text" in finding.evidence[1]
    assert "nothing stands before each text" in finding.evidence[0]


def test_what_cannot_be_told_apart_is_said(answer: MakeAnswer, study: MakeStudy) -> None:
    rows = [answer(f"prompt={one}", rate=100.0) for one in ("null", "x: ")]
    (finding,) = find(study(*rows))
    assert "that it costs time cannot be told" in finding.title
