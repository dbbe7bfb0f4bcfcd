"""What the allocator of this very process has handed out."""

import pytest

from embprof.machine import heap

LARGE = 64_000_000


def test_memory_handed_out_is_in_use_until_it_is_given_back() -> None:
    before = heap.in_use()
    if before is None:
        pytest.skip("no glibc")
    taken = bytearray(LARGE)
    during = heap.in_use()
    del taken
    after = heap.in_use()
    assert during is not None
    assert after is not None
    assert during - before >= LARGE
    assert during - after >= LARGE


def test_another_c_library_tells_nothing_and_trims_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heap, "_libc", object)
    assert heap.in_use() is None
    assert not heap.trim()


def test_trimming_goes_to_the_c_library(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    class Libc:
        def malloc_trim(self, pad: int) -> None:
            asked.append(pad)

    monkeypatch.setattr(heap, "_libc", Libc)
    assert heap.trim()
    assert asked == [0]
