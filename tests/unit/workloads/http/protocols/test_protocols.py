"""Requests and answers of both protocols, right ones and wrong ones."""

import base64
import json

import numpy as np
import pytest

from embprof.workloads.http.protocols.protocol import (
    Ollama,
    OpenAi,
    Tei,
    WrongAnswerError,
    begin,
)

ROWS = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
OPENAI = OpenAi(model="all-MiniLM-L6-v2", encoding="float", more={})
TEI = Tei(normalize=True, more={})
OLLAMA = Ollama(model="m", more={"truncate": False})


def openai(rows: list[object], **more: object) -> bytes:
    data = [{"index": n, "embedding": row, **more} for n, row in enumerate(rows)]
    return json.dumps({"object": "list", "data": data}).encode()


def test_a_request_is_what_the_protocol_says() -> None:
    assert json.loads(OPENAI.body(["Zürich", "b"])) == {
        "model": "all-MiniLM-L6-v2",
        "input": ["Zürich", "b"],
        "encoding_format": "float",
    }
    assert json.loads(TEI.body(["a"])) == {"inputs": ["a"], "normalize": True, "truncate": True}
    assert "Zürich".encode() in OPENAI.body(["Zürich"])


def test_further_fields_stand_in_a_request_and_null_takes_one_out() -> None:
    more = {"input_type": "query", "dimensions": 256, "encoding_format": None}
    asked = OpenAi(model="m", encoding="float", more=more).body(["a"])
    assert json.loads(asked) == {
        "model": "m",
        "input": ["a"],
        "input_type": "query",
        "dimensions": 256,
    }
    asked = Tei(normalize=True, more={"truncate": False}).body(["a"])
    assert json.loads(asked) == {"inputs": ["a"], "normalize": True, "truncate": False}
    assert json.loads(OLLAMA.body(["a"])) == {"model": "m", "input": ["a"], "truncate": False}


def test_half_a_surrogate_pair_is_no_reason_to_fail() -> None:
    assert json.loads(TEI.body(["\ud83d"]))["inputs"] == ["?"]


def test_embeddings_are_a_row_a_text() -> None:
    for found in (
        OPENAI.embeddings(openai([*ROWS])),
        TEI.embeddings(json.dumps(ROWS).encode()),
        OLLAMA.embeddings(json.dumps({"embeddings": ROWS}).encode()),
    ):
        assert found.dtype == np.float32
        assert found.tolist() == ROWS


def test_the_index_says_the_order_and_not_the_place() -> None:
    answer = json.loads(openai([*ROWS]))
    answer["data"].reverse()
    assert OPENAI.embeddings(json.dumps(answer).encode()).tolist() == ROWS


def test_a_server_that_gives_no_index_is_in_order() -> None:
    answer = json.dumps({"data": [{"embedding": row} for row in ROWS]}).encode()
    assert OPENAI.embeddings(answer).tolist() == ROWS


def test_base64_is_little_endian_float32_whatever_was_asked_for() -> None:
    rows = [base64.b64encode(np.array(row, dtype="<f4").tobytes()).decode() for row in ROWS]
    assert OPENAI.embeddings(openai([*rows])).tolist() == ROWS


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html>Bad gateway</html>", "no JSON: <html>Bad gateway</html>"),
        (b"\xff\xfe", "no JSON"),
        (b"[]", 'no "data"'),
        (b'{"error": "no such model"}', "no such model"),
        (b'{"data": [{"embedding": null}]}', 'no "data" with embeddings'),
        (openai([[1.0], [1.0, 2.0]]), "not all as long"),
        (openai(["no base64!"]), "no base64"),
        (openai([[]]), "no list of embeddings"),
        (openai([["x"]]), "no numbers"),
        (openai([[1.0], [2.0]], index=0), "indices [0, 0]"),
        (b'{"data": []}', "no list of embeddings"),
    ],
)
def test_a_wrong_answer_of_the_one_says_what_it_is(content: bytes, said: str) -> None:
    with pytest.raises(WrongAnswerError) as caught:
        OPENAI.embeddings(content)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"error": "Input is too long"}', "Input is too long"),
        (b"[1.0, 2.0]", "no list of embeddings"),
        (b"[[1.0], [1.0, 2.0]]", "not all as long"),
        (b"[]", "no list of embeddings"),
    ],
)
def test_a_wrong_answer_of_the_other_says_what_it_is(content: bytes, said: str) -> None:
    with pytest.raises(WrongAnswerError) as caught:
        TEI.embeddings(content)
    assert said in str(caught.value)


def test_a_wrong_answer_of_ollama_says_what_it_is() -> None:
    with pytest.raises(WrongAnswerError, match='no "embeddings": '):
        OLLAMA.embeddings(b'{"embedding": [1.0]}')


def test_a_long_answer_is_quoted_by_its_first_words() -> None:
    assert begin(b"a\n  b") == "a b"
    assert len(begin(b"x" * 10_000)) <= 121
