"""Servers of a sweep: each distinct one once, stopped whatever happens."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import pytest

from embprof.errors import ServiceError
from embprof.model import Job
from embprof.run.services import addressed, running

HERE = f"{__name__}.Clerk"


class Clerk:
    """Writes down when it comes and goes."""

    log: ClassVar[list[str]] = []

    def __init__(self, word: str) -> None:
        self.word = word

    def start(self, say: Callable[[str], None]) -> Mapping[str, Any]:
        if self.word == "nobody":
            raise ServiceError("nobody is there")
        say(self.word)
        self.log.append(f"{self.word} came")
        return {"address": self.word.upper()}

    def stop(self) -> None:
        self.log.append(f"{self.word} went")


@pytest.fixture(autouse=True)
def _nothing_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Clerk, "log", [])
    monkeypatch.setattr("embprof.run.services.instantiate", lambda node: Clerk(node["word"]))


def clerk(word: str) -> dict[str, Any]:
    return {"_target_": HERE, "word": word}


def jobs(job: Callable[..., Job], *words: str) -> list[Job]:
    return [job(config={"workload": {"search": {"service": clerk(word)}}}) for word in words]


def test_equal_servers_are_one(job: Callable[..., Job]) -> None:
    said: list[str] = []
    with running(jobs(job, "a", "b", "a"), said.append) as addresses:
        assert Clerk.log == ["a came", "b came"]
        workload = {"search": {"service": clerk("b"), "k": 1}}
        assert addressed(workload, addresses) == {"search": {"service": {"address": "B"}, "k": 1}}
    assert Clerk.log[2:] == ["b went", "a went"]
    assert said == ["a", "b"]


def test_those_that_were_started_are_stopped_when_another_is_not_to_be_had(
    job: Callable[..., Job],
) -> None:
    with pytest.raises(ServiceError, match="nobody"), running(jobs(job, "a", "nobody"), print):
        pass
    assert Clerk.log == ["a came", "nobody went", "a went"]


def test_they_are_stopped_when_a_job_ends_badly(job: Callable[..., Job]) -> None:
    with pytest.raises(KeyboardInterrupt), running(jobs(job, "a"), print):
        raise KeyboardInterrupt
    assert Clerk.log == ["a came", "a went"]


def test_a_mapping_that_is_an_address_already_starts_nothing(job: Callable[..., Job]) -> None:
    known = job(config={"workload": {"service": {"dsn": "postgresql://there"}}})
    with running([known], print) as addresses:
        assert addressed(known.config["workload"], addresses) == known.config["workload"]
    assert Clerk.log == []
