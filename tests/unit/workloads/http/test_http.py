"""The workload that asks a server: what it refuses, checks, reuses and tells."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest

from embprof.corpora import Corpus
from embprof.corpora.synthetic import Synthetic
from embprof.errors import CallFailedError, ServiceError
from embprof.workloads.http import Http
from embprof.workloads.http import workload as http
from embprof.workloads.http.protocols.address import Address
from embprof.workloads.http.protocols.connection import Answer

Say = Callable[[Sequence[str]], Answer]


def answered(rows: list[list[float]], status: int = 200) -> Answer:
    return Answer(
        status=status, reason="Said", content=json.dumps(rows).encode(), server="server/1.0"
    )


class Connections:
    """In the place of connections: answers as told, and counts."""

    def __init__(self, say: Say) -> None:
        self.say = say
        self.made = self.closed = 0

    def __call__(self, *_: object) -> Connections:
        self.made += 1
        return self

    def post(self, body: bytes, mark: Callable[[str], object]) -> Answer:
        for part in ("send", "wait", "receive"):
            mark(part)
        asked = json.loads(body)
        return self.say(asked.get("inputs") or asked["input"])

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def asking(monkeypatch: pytest.MonkeyPatch) -> Callable[[Say], tuple[Http, Connections]]:
    def make(say: Say) -> tuple[Http, Connections]:
        connections = Connections(say)
        monkeypatch.setattr(http, "Connection", connections)
        monkeypatch.setattr(http, "listeners", lambda *_: [])
        workload = Http(
            url="http://somewhere:8080",
            protocol="tei",
            model_name=None,
            encoding="float",
            timeout=1,
            api_key_env=None,
            headers_env={},
            corpus=cast("Corpus", Synthetic()),
            batch_size=4,
            texts_per_call=None,
            text_length=20,
            normalize=True,
            seed=1,
        )
        return workload, connections

    return make


Asking = Callable[[Say], tuple[Http, Connections]]


def ones(texts: Sequence[str]) -> Answer:
    return answered([[1.0] * 8 for _ in texts])


def test_a_step_sends_new_texts_and_says_how_many(asking: Asking) -> None:
    seen: list[Sequence[str]] = []

    def say(texts: Sequence[str]) -> Answer:
        seen.append(texts)
        return ones(texts)

    workload, connections = asking(say)
    workload.load()
    assert [workload.step(), workload.step()] == [4, 4]
    every = [text for texts in seen for text in texts]
    assert len(every) == len(set(every)) == 12, "one request when it was loaded"
    assert {len(text) for text in every} == {20}
    assert connections.made == 1
    workload.close()
    assert connections.closed == 1


def test_it_tells_what_it_asks_and_what_it_gets(asking: Asking) -> None:
    workload, _ = asking(ones)
    workload.load()
    assert workload.description() == {
        "url": "http://somewhere:8080/embed",
        "protocol": "tei",
        "server": "server/1.0",
        "server_is_local": False,
        "dimensions": 8,
        "threads": 1,
    }
    assert workload.server_cpu_seconds() == 0


def test_its_stages_are_the_parts_of_a_request(asking: Asking) -> None:
    workload, _ = asking(ones)
    workload.load()
    with workload.time_stages() as timer:
        workload.step()
        assert list(timer.take()) == list(workload.stages())
    workload.step()
    assert timer.take() == {}


@pytest.mark.parametrize(
    ("answer", "said", "todo"),
    [
        (answered([], 503), "HTTP 503 Said: []", "server's log"),
        (answered([], 401), "HTTP 401", "api_key_env"),
        (answered([], 404), "HTTP 404", "workload.protocol"),
        (answered([[1.0]]), "the answer has 1 embeddings for 4 texts", "workload.protocol"),
        (answered([[float("nan")]] * 4), "not finite", "workload.protocol"),
        (
            Answer(status=200, reason="OK", content=b"hello", server=None),
            "no JSON: hello",
            "workload.protocol",
        ),
    ],
)
def test_a_server_that_does_not_answer_well_at_first_is_said_with_what_to_do(
    asking: Asking, answer: Answer, said: str, todo: str
) -> None:
    workload, _ = asking(lambda _: answer)
    with pytest.raises(ServiceError) as caught:
        workload.load()
    assert "http://somewhere:8080/embed" in str(caught.value)
    assert said in str(caught.value)
    assert todo in str(caught.value)


def test_a_server_with_an_error_of_its_own_is_asked_again_and_one_that_is_not_there_is_not(
    asking: Asking,
) -> None:
    statuses = iter([503, 429, 200])
    workload, _ = asking(lambda texts: answered([[1.0] * 8 for _ in texts], next(statuses)))
    workload.load()
    assert next(statuses, None) is None
    tries: list[int] = []

    def gone(_: Sequence[str]) -> Answer:
        tries.append(1)
        raise CallFailedError("error", "http://somewhere: cannot be reached: Connection refused")

    with pytest.raises(ServiceError, match="is the server running"):
        asking(gone)[0].load()
    assert len(tries) == 1


def test_a_base_is_asked_with_the_last_step_of_the_path_where_the_whole_is_not_there(
    monkeypatch: pytest.MonkeyPatch, asking: Asking
) -> None:
    workload, connections = asking(ones)
    workload.protocol, workload.model_name = "openai", "m"
    asked: list[str] = []

    class To(Connections):
        def __call__(self, *to: object) -> Connections:
            asked.append(cast("Address", to[0]).url)
            return super().__call__()

        def post(self, body: bytes, _mark: Callable[[str], object]) -> Answer:
            there = asked[-1] == "http://somewhere:8080/embeddings"
            rows = [{"embedding": [1.0]} for _ in json.loads(body)["input"]]
            return answered(cast("Any", {"data": rows}), 200 if there else 404)

    monkeypatch.setattr(http, "Connection", To(connections.say))
    workload.load()
    assert asked == ["http://somewhere:8080/v1/embeddings", "http://somewhere:8080/embeddings"]
    assert workload.description()["url"] == asked[-1]


def test_what_was_asked_is_said_where_nothing_is_there(asking: Asking) -> None:
    workload, _ = asking(lambda _: answered([], 404))
    workload.url = "http://somewhere:8080/api/embed"
    with pytest.raises(ServiceError) as caught:
        workload.load()
    assert "http://somewhere:8080/api/embed: HTTP 404" in str(caught.value)
    assert "ends as that of workload.protocol=ollama does" in str(caught.value)


def test_a_later_wrong_answer_is_a_failed_call(asking: Asking) -> None:
    dimensions = iter([8, 8, 9])
    workload, _ = asking(lambda texts: answered([[1.0] * next(dimensions)] * len(texts)))
    workload.load()
    workload.step()
    with pytest.raises(CallFailedError, match="9 dimensions, and had 8 before") as caught:
        workload.step()
    assert caught.value.kind == "error"


def test_a_timeout_at_first_says_what_it_may_be(asking: Asking) -> None:
    def say(_: Sequence[str]) -> Answer:
        raise CallFailedError("timeout", "http://somewhere: no answer within timeout=1 s")

    with pytest.raises(ServiceError, match=r"loading a model\?"):
        asking(say)[0].load()


def test_a_key_that_is_gone_when_it_is_loaded_is_said(asking: Asking) -> None:
    workload, _ = asking(ones)
    workload.api_key_env = "NO_SUCH_VARIABLE_HERE"
    with pytest.raises(ServiceError, match="NO_SUCH_VARIABLE_HERE"):
        workload.load()


def config(**changes: Any) -> dict[str, Any]:
    workload = {
        "url": "http://host:8080",
        "protocol": "openai",
        "model_name": "m",
        "encoding": "float",
        "api_key_env": None,
        "headers_env": {},
        "corpus": {"unit": "characters"},
        **changes,
    }
    return {"workload": workload}


def test_a_request_that_makes_sense_is_not_refused() -> None:
    assert list(Http.refusals(config())) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"url": "host"}, "workload.url=host: must be http"),
        ({"url": "http://a:b@host"}, "workload.url=http://a:***@host: must have no user"),
        ({"corpus": {"unit": "tokens"}}, "corpus.unit=tokens: workload=http has no tokeniser"),
        ({"model_name": None}, "workload.model_name: must be given"),
        ({"protocol": "tei", "encoding": "base64"}, "protocol=tei sends float alone"),
        ({"body": {"model": "x"}}, "workload.body.model=x: the field is filled by workload.model"),
        ({"protocol": "tei", "body": {"normalize": True}}, "is filled by normalize"),
        ({"body": {"api_key": "sk-x"}}, "workload.body.api_key: is stored with every run"),
        ({"body": {"dimensions": "many"}}, "must be a whole number, 1 at least"),
        ({"body": {"encoding_format": "base64"}}, "give workload.encoding, or null"),
        ({"api_key_env": "NO_SUCH_VARIABLE_HERE"}, "no such environment variable"),
    ],
)
def test_what_makes_no_sense_is_refused_before_any_job(changes: dict[str, Any], said: str) -> None:
    (problem,) = Http.refusals(config(**changes))
    assert said in problem


def test_tei_asks_for_no_models_name() -> None:
    assert list(Http.refusals(config(protocol="tei", model_name=None))) == []
