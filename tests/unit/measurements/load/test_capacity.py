"""One search is one iteration; what it leaves, and how it ends."""

import itertools
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from embprof.errors import CallFailedError
from embprof.interface.conclusions import conclude
from embprof.interface.subjects import subject
from embprof.machine.validity import Counters
from embprof.measurements.load import capacity
from embprof.measurements.load.arrivals import Arrivals, Met
from embprof.measurements.load.capacity import Capacity
from embprof.measurements.load.disturbance import Neighbours
from embprof.measurements.load.knee import ENDED, WORDS, Word
from embprof.measurements.load.rate_search import Probe, Terms
from embprof.model import Samples, Slice

QUIET = Counters(clock=0.0, busy=0.0, steal=0.0, total=0.0, throttled=None, memory_stall=None)


class Quick:
    """Three items a call, in no time."""

    items = "texts"

    def __init__(self) -> None:
        self.prepared: list[int] = []

    def load(self) -> None: ...

    def prepare(self, steps: int) -> None:
        self.prepared.append(steps)

    def step(self) -> int:
        return 3

    def counts(self) -> dict[str, float]:
        return {"tokens": 1.0}

    def close(self) -> None: ...


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[float], Word]], list[float]]:
    """Puts a judgement by the rate in the place of a try that takes its time."""

    def install(word: Callable[[float], Word]) -> list[float]:
        tried: list[float] = []

        def probe(
            _arrivals: Arrivals, _terms: Terms, rate: float, _times: float, _seed: int, **_: object
        ) -> tuple[Probe, list[Met]]:
            tried.append(rate)
            said = word(rate)
            return Probe(
                rate=rate,
                word=said,
                calls=1000,
                good=1.0 if said == "kept" else 0.5,
                is_shown=True,
                is_growing=False,
                p95=0.1,
                late_p99=0.0,
                seconds=1.0,
            ), []

        monkeypatch.setattr(capacity, "probe", probe)
        return tried

    return install


def made(**parameters: float) -> Capacity:
    numbers = itertools.count()
    return Capacity(
        latency_target_ms=100,
        clock=lambda: next(numbers) / 1e3,  # a call takes a millisecond of it
        counters=lambda: QUIET,
        **parameters,  # type: ignore[arg-type]
    )


def searched(**parameters: float) -> tuple[dict[str, Samples], Capacity]:
    measurement = made(**parameters)
    measurement.open(Quick())
    return {one.name: one for one in measurement.observe(1)}, measurement


Tries = Callable[[Callable[[float], Word]], list[float]]


def concluded(read: Sequence[Samples]) -> tuple[dict[str, float | None], str]:
    piece = Slice(restart=0, warmup=False, started=0.0, seconds=1.0, samples=tuple(read))
    found = conclude([piece], [subject("embprof.measurements.capacity.Capacity")])
    named = {one.name: one.estimate.value if one.estimate else None for one in found.figures}
    return named, found.outcomes["capacity"]


def test_the_rate_that_was_kept_is_first_and_every_try_is_kept(tries: Tries) -> None:
    tried = tries(lambda rate: "kept" if rate <= 700 else "missed")
    read, measurement = searched()
    assert next(iter(read)) == "capacity"
    (rate,) = read["capacity"].values
    (missed,) = read["capacity_missed"].values
    assert 700 / 1.05 <= rate <= 700 < missed <= 735
    assert read["probe_rate"].values == tuple(tried)
    assert read["items_per_call"].values == (3.0,)
    words = [WORDS[int(word)] for word in read["probe_word"].values[-2:]]
    assert words == ["kept", "missed"]
    figures, word = concluded(list(read.values()))
    assert word == "found"
    assert figures["capacity_calls_per_s"] == rate
    assert figures["capacity_items_per_s"] == pytest.approx(3 * rate)
    assert figures["probes"] == len(tried)
    (file,) = measurement.close()
    document = json.loads(Path(file).read_text())
    assert document["latency_target_ms"] == 100
    assert document["searches"][0]["kept"] == rate
    assert len(document["searches"][0]["probes"]) == len(tried)


def test_a_neighbour_who_may_be_the_reason_is_named_and_leaves_a_bracket(
    tries: Tries, monkeypatch: pytest.MonkeyPatch
) -> None:
    def blame(_: Neighbours, _began: object, rate: float, _answered: int) -> str | None:
        return "others used 50 % of a CPU" if rate <= 800 else None

    monkeypatch.setattr(Neighbours, "blame", blame)
    tried = tries(lambda rate: "kept" if rate <= 400 else "missed")
    told: list[str] = []
    measurement = made()
    measurement.telling(told.append)
    measurement.open(Quick())
    read = list(measurement.observe(1))
    named = {one.name: one for one in read}
    assert concluded(read)[1] == "bracket"
    assert 380 <= named["capacity"].values[0] <= 400
    assert 800 < named["capacity_missed"].values[0] <= 850
    assert "was disturbed: others used 50 % of a CPU" in str(measurement.description()["doubts"])
    assert len(told) == len(tried)
    assert "(kept " in told[-1]
    assert "left, " in told[-1]


def test_a_search_ends_by_its_time_with_what_is_known(tries: Tries) -> None:
    """A try may last 11.3 s here, for all that is known before it."""
    tried = tries(lambda rate: "kept" if rate <= 700 else "missed")
    read, _ = searched(search_seconds=11)
    assert tried == []
    assert concluded(list(read.values()))[1] == "unclear"


def test_a_service_that_keeps_no_rate_is_called_unreachable(tries: Tries) -> None:
    tries(lambda _: "missed")
    read, _ = searched()
    assert read["capacity"].values == (0.0,)
    figures, word = concluded(list(read.values()))
    assert word == "unreachable"
    assert figures["capacity_calls_per_s"] is None


def test_a_generator_that_cannot_keep_up_leaves_a_least(tries: Tries) -> None:
    tries(lambda rate: "kept" if rate <= 2000 else "late")
    read, _ = searched()
    assert ENDED[int(read["capacity_ended"].values[0])] == "late"
    assert concluded(list(read.values()))[1] == "at_least"


def test_a_pool_that_may_be_the_limit_is_told(tries: Tries) -> None:
    """700 a second within 100 ms are 70 at once, by Little's law."""
    tries(lambda rate: "kept" if rate <= 700 else "missed")
    assert concluded(list(searched(max_in_flight=100)[0].values()))[1] == "pool"
    assert concluded(list(searched(max_in_flight=256)[0].values()))[1] == "found"


def test_a_service_that_answers_nothing_ends_the_job_with_its_words() -> None:
    def step() -> int:
        raise CallFailedError("error", "connection refused")

    workload = Quick()
    workload.step = step  # type: ignore[method-assign]
    measurement = Capacity(latency_target_ms=100)
    measurement.open(workload)
    with pytest.raises(CallFailedError, match="connection refused"):
        measurement.observe(1)


def test_it_is_not_gated_and_says_what_to_do() -> None:
    assert "closed_loop" in Capacity.ungated
