"""The time of functions that call one another, each counted once."""

from __future__ import annotations

import sys
import threading
import types

import pytest

from embprof.measurements.load_time.starts import init_parts
from embprof.measurements.load_time.starts.init_parts import Parts
from embprof.testing import FakeClock


class Library:
    """A model class as libraries have them, on a clock of ours."""

    clock = FakeClock()

    @classmethod
    def from_pretrained(cls) -> str:
        cls.clock.advance(1)
        cls.read()
        cls.clock.advance(2)
        return cls.__name__

    @staticmethod
    def read() -> None:
        Library.clock.advance(10)

    def to(self, fails: bool = False) -> Library:  # noqa: FBT001, FBT002  (as libraries have it)
        self.clock.advance(5)
        if fails:
            raise RuntimeError("no such device")
        return self


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Parts:
    copy = type("Library", (Library,), dict(Library.__dict__))
    module = types.ModuleType("library")
    module.__dict__["Model"] = copy
    monkeypatch.setitem(sys.modules, "library", module)
    functions = (
        ("library", "Model", "from_pretrained", "build"),
        ("library", "Model", "read", "read"),
        ("library", "Model", "to", "to_device"),
        ("library", "Model", "gone", "read"),
        ("library", None, "gone", "read"),
        ("not_loaded", None, "load", "read"),
    )
    monkeypatch.setattr(init_parts, "WATCHED", functions)
    found = Parts(Library.clock)
    found.watch()
    return found


def _library() -> type[Library]:
    model: type[Library] = sys.modules["library"].__dict__["Model"]
    return model


def test_the_time_of_an_inner_function_is_its_own_alone(watched: Parts) -> None:
    assert _library().from_pretrained() == "Library"
    assert watched.seconds == {"build": 3.0, "read": 10.0}


def test_a_method_is_timed_and_gives_what_it_gave(watched: Parts) -> None:
    model = _library()()
    assert model.to() is model
    assert watched.seconds == {"to_device": 5.0}


def test_a_function_that_raises_is_timed_too(watched: Parts) -> None:
    with pytest.raises(RuntimeError, match="no such device"):
        _library()().to(fails=True)
    assert watched.seconds == {"to_device": 5.0}


def test_what_another_thread_does_is_not_counted(watched: Parts) -> None:
    thread = threading.Thread(target=_library().read)
    thread.start()
    thread.join()
    assert watched.seconds == {}
