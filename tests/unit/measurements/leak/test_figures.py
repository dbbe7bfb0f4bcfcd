"""From slices of two processes to the word, the slope and the projection."""

from collections.abc import Callable, Sequence

import pytest

from embprof.interface import conclusions
from embprof.interface.conclusion import Conclusion
from embprof.interface.subjects import subject
from embprof.model import Samples, Slice

LEAK = subject("embprof.measurements.leak.Leak")
SLICE = 100
HEADROOM = 10.24
"""MB."""


def conclude(slices: Sequence[Slice]) -> Conclusion:
    return conclusions.conclude(slices, [LEAK])


def piece(
    restart: int, first: int, level: Callable[[int], float], name: str, *, warmup: bool = False
) -> Slice:
    calls = range(first, first + SLICE)
    return Slice(
        restart=restart,
        warmup=warmup,
        started=0.0,
        seconds=1.0,
        samples=(
            mb("in_use", *(200 + level(call) / 1e6 * (name == "in_use") for call in calls)),
            *([mb(name, *(100 + level(call) / 1e6 for call in calls))] if name != "in_use" else []),
            Samples(name="in_calls", unit="s", better="lower", values=(3.6,), items=(SLICE,)),
        ),
    )


def mb(name: str, *values: float) -> Samples:
    return Samples(name=name, unit="MB", better="lower", values=values, items=(1,) * len(values))


def end(restart: int, filling: float) -> Slice:
    last = [
        Samples(name=name, unit="1", better="lower", values=(value,))
        for name, value in (("filling_entries", filling), ("headroom", HEADROOM))
    ]
    return Slice(restart=restart, warmup=False, started=0.0, seconds=0.0, samples=tuple(last))


def concluded(
    level: Callable[[int], float], name: str = "in_use", *, filling: float = 0, restarts: int = 2
) -> Conclusion:
    slices = []
    for restart in range(2 - restarts, 2):
        slices.append(piece(restart, 0, lambda _: 1e9, name, warmup=True))
        slices += [
            piece(restart, first, level, name) for first in range(0, 1000 * 2**restart, SLICE)
        ]
        slices.append(end(restart, filling))
    return conclude(slices)


def value(conclusion: Conclusion, name: str) -> float:
    (figure,) = [figure for figure in conclusion.figures if figure.name == name]
    assert figure.estimate is not None
    assert figure.estimate.low is not None
    assert figure.estimate.high is not None
    assert figure.estimate.low <= figure.estimate.value <= figure.estimate.high
    return figure.estimate.value


def test_a_leak_has_a_slope_an_end_and_is_looked_at_closer() -> None:
    found = concluded(lambda call: 1024.0 * call)
    assert found.outcomes == {"leak": "leak"}
    assert value(found, "leak_slope_bytes_per_call") == pytest.approx(1024)
    assert value(found, "leak_calls_to_limit") == pytest.approx(10_000)
    assert value(found, "leak_time_to_limit_h") == pytest.approx(10_000 * 0.036 / 3600)
    assert found.follow_up is not None
    assert found.follow_up.measurement["_target_"].endswith("LeakPlace")


def test_no_leak_has_a_slope_and_no_end() -> None:
    found = concluded(lambda call: 1024.0 * min(call, 300))
    assert found.outcomes == {"leak": "no_leak"}
    assert value(found, "leak_slope_bytes_per_call") == pytest.approx(0)
    assert [figure.name for figure in found.figures] == ["leak_slope_bytes_per_call"]
    assert found.follow_up is None


def test_growth_that_is_not_proven_says_why() -> None:
    found = concluded(lambda call: 1024.0 * min(call, 1500))
    assert found.outcomes["leak"] == "growth_unproven"
    assert found.outcomes["leak_reason"]
    assert found.follow_up is None


def test_a_cache_of_known_bound_that_still_fills_is_no_leak() -> None:
    found = concluded(lambda call: 1024.0 * call, filling=2000)
    assert found.outcomes["leak"] == "growth_unproven"
    assert "bound" in found.outcomes["leak_reason"]


def test_what_leaks_on_the_gpu_alone_is_a_leak() -> None:
    found = concluded(lambda call: 4096.0 * call, "gpu_in_use")
    assert found.outcomes == {"leak": "leak"}
    assert value(found, "leak_slope_bytes_per_call") == pytest.approx(0)
    assert value(found, "leak_gpu_slope_bytes_per_call") == pytest.approx(4096)


def test_resident_memory_that_grows_by_itself_proves_nothing() -> None:
    found = concluded(lambda call: 4096.0 * call, "uss")
    assert found.outcomes["leak"] == "growth_unproven"
    assert "resident" in found.outcomes["leak_reason"]


def test_one_process_proves_no_leak() -> None:
    found = concluded(lambda call: 1024.0 * call, restarts=1)
    assert found.outcomes["leak"] == "growth_unproven"


def test_a_few_calls_have_no_slope_and_say_so() -> None:
    found = conclude([piece(0, 0, lambda _: 0.0, "in_use")])
    assert found.outcomes["leak"] in ("no_leak", "growth_unproven")
    short = conclude(
        [
            Slice(
                restart=restart,
                warmup=False,
                started=0.0,
                seconds=1.0,
                samples=(mb("in_use", *range(100, 102 + 2 * restart)),),
            )
            for restart in range(2)
        ]
    )
    assert short.outcomes["leak"] == "growth_unproven"
    assert short.figures[0].estimate is None
    assert "readings" in str(short.figures[0].note)
