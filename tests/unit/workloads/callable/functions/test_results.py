"""When a call is over."""

import asyncio
import gc
import sys
import threading
import weakref
from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace

import pytest

from embprof.workloads.callable.functions.results import Results


@pytest.fixture
def results() -> Iterator[Results]:
    made = Results()
    yield made
    made.close()


def test_a_coroutine_is_run_to_its_end(results: Results) -> None:
    done = []

    async def answer() -> None:
        await asyncio.sleep(0)
        done.append(1)

    results.finish(answer())
    assert done == [1]


def test_generators_are_exhausted(results: Results) -> None:
    done = []

    def stream() -> Iterator[int]:
        for number in range(3):
            done.append(number)
            yield number

    async def stream_async() -> AsyncIterator[int]:
        for number in range(3, 6):
            done.append(number)
            yield number

    results.finish(stream())
    results.finish(stream_async())
    assert done == [*range(6)]


def test_other_results_are_left_alone(results: Results) -> None:
    lazy = map(int, ["no number"])
    for result in (None, 1, [1], lazy, iter([1])):
        results.finish(result)


def test_errors_are_those_of_the_function(results: Results) -> None:
    async def fails() -> None:
        raise LookupError("no luck")

    def fails_later() -> Iterator[int]:
        yield 1
        raise LookupError("no luck")

    for result in (fails(), fails_later()):
        with pytest.raises(LookupError, match="no luck"):
            results.finish(result)


def test_a_thread_keeps_its_loop_and_has_none_of_another(results: Results) -> None:
    seen: list[asyncio.AbstractEventLoop] = []

    async def note() -> None:
        seen.append(asyncio.get_running_loop())

    def twice() -> None:
        results.finish(note())
        results.finish(note())

    threads = [threading.Thread(target=twice) for _ in range(2)]
    for thread in threads:
        thread.start()
        thread.join()
    assert seen[0] is seen[1]
    assert seen[2] is seen[3]
    assert seen[0] is not seen[2]
    results.close()
    assert all(loop.is_closed() for loop in seen)


def test_no_loop_is_made_where_nothing_needs_one(results: Results) -> None:
    results.finish(1)
    assert results._runners == []


def test_a_result_is_let_go(results: Results) -> None:
    class Answer:
        pass

    def stream() -> Iterator[Answer]:
        for _ in range(3):
            answer = Answer()
            seen.append(weakref.ref(answer))
            yield answer

    seen: list[weakref.ref[Answer]] = []
    results.finish(stream())
    gc.collect()
    assert [one() for one in seen] == [None] * 3


@pytest.mark.parametrize("is_used", [True, False])
def test_a_cuda_device_is_waited_for_where_one_is_used(
    results: Results, monkeypatch: pytest.MonkeyPatch, *, is_used: bool
) -> None:
    waits: list[int] = []
    cuda = SimpleNamespace(is_initialized=lambda: is_used, synchronize=lambda: waits.append(1))
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
    results.finish(1)
    assert waits == [1] * is_used
