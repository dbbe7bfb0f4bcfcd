"""Parts of a pipeline are loaded, timed and closed together, whatever one of them does."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from embprof.interface.stages import StageTime, StageTimer
from embprof.testing import FakeClock
from embprof.workloads.pipeline.verification import stage_workloads


@dataclass(kw_only=True)
class Part:
    """Writes down what happens to it; fails where it is told to."""

    name: str
    diary: list[str]
    fails: str = ""
    items: str = "texts"

    def load(self) -> None:
        self._note("load")

    def step(self) -> int:
        return 1

    def close(self) -> None:
        self._note("close")

    def make_ready(self) -> None:
        self._note("make_ready")

    def _note(self, what: str) -> None:
        self.diary.append(f"{what} {self.name}")
        if what == self.fails:
            raise RuntimeError(f"{self.name} cannot {what}")


@dataclass(kw_only=True)
class Telling(Part):
    """Knows its stages."""

    timer: StageTimer = field(default_factory=StageTimer)

    def stages(self) -> Sequence[str]:
        return ("tokenize", "forward")

    @contextlib.contextmanager
    def time_stages(self) -> Iterator[StageTimer]:
        self.diary.append(f"time {self.name}")
        yield self.timer


class Ticks:
    def __init__(self) -> None:
        self.read = FakeClock()

    def seconds(self, readings: Sequence[float]) -> Sequence[float]:
        return readings


def make(diary: list[str], **fails: str) -> dict[str, Part]:
    return {
        name: Part(name=name, diary=diary, fails=fails.get(name, ""))
        for name in ("embed", "search", "nli")
    }


def test_parts_are_loaded_in_their_order_and_closed_the_other_way_round() -> None:
    diary: list[str] = []
    made = make(diary)
    stage_workloads.load(made)
    stage_workloads.close(made)
    assert diary == [
        *("load embed", "load search", "load nli"),
        *("close nli", "close search", "close embed"),
    ]


def test_a_part_that_cannot_be_loaded_is_named_and_those_before_it_are_closed() -> None:
    diary: list[str] = []
    with pytest.raises(RuntimeError, match="search cannot load") as error:
        stage_workloads.load(make(diary, search="load"))
    assert error.value.__notes__ == ["while the pipeline loaded its part search"]
    assert diary == ["load embed", "load search", "close embed"]


def test_all_parts_are_closed_even_where_one_cannot_be() -> None:
    diary: list[str] = []
    with pytest.raises(RuntimeError, match="search cannot close"):
        stage_workloads.close(make(diary, search="close"))
    assert diary == ["close nli", "close search", "close embed"]


def test_what_outlasts_the_process_is_made_by_each_part() -> None:
    diary: list[str] = []
    stage_workloads.make_ready(make(diary))
    assert diary == ["make_ready embed", "make_ready search", "make_ready nli"]


def test_stages_of_a_part_stand_behind_it_under_its_name() -> None:
    telling = Telling(name="nli", diary=[])
    made = {**make([]), "nli": telling}
    assert stage_workloads.stages(("embed", "nli", "verdict"), made) == [
        *("embed", "nli", "nli/tokenize", "nli/forward", "verdict")
    ]


def test_times_of_a_parts_stages_are_those_within_the_pipelines() -> None:
    ticks = Ticks()
    telling = Telling(name="nli", diary=[], timer=StageTimer(ticks))
    with stage_workloads.stage_timer({**make([]), "nli": telling}) as timer:
        assert telling.diary == ["time nli"]
        with telling.timer.stage("forward"):
            ticks.read.advance(2)
        with timer.stage("nli"):
            pass
    taken = timer.take()
    assert set(taken) == {"nli", "nli/forward"}
    assert taken["nli/forward"] == StageTime(seconds=2, calls=1)
