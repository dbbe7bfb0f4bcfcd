"""The leak verdict on made-up processes: what grows for ever is found, what stops never is.

Noise is what was seen of services: correlated, of kilobytes; and louder. Larger runs, and real
processes, are in docs/explanation/leaks.md.
"""

import itertools
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import lfilter

from embprof.measurements.leak.slope import Growth, Series, judge

Array = NDArray[np.float64]
Shape = Callable[[Array], Array]
N = 1000
WARM_UP = 100
KIB = 1024
NOISE = {"no": (0.0, 0.0), "usual": (1_500.0, 0.9), "loud": (30_000.0, 0.9)}
"""Standard deviation in bytes, correlation of neighbouring calls."""


def noise(rng: np.random.Generator, n: int, sd: float, rho: float) -> Array:
    shocks = rng.normal(0, sd * np.sqrt(1 - rho**2), n)
    return np.asarray(lfilter([1.0], [1.0, -rho], shocks))


def process(shape: Shape, calls: int, added: Array | float = 0.0) -> Series:
    t = np.arange(1.0, calls + 1)
    return Series(calls=t, in_use=2e8 + shape(t + WARM_UP) + added)


def judged(shape: Shape, rng: np.random.Generator, kind: str = "no") -> Growth:
    sd, rho = NOISE[kind]
    shorter, longer = (process(shape, n, noise(rng, n, sd, rho)) for n in (N, 2 * N))
    return judge(shorter, longer)


def leak(size: float) -> Shape:
    return lambda t: size * t


def cache(size: float, entries: float) -> Shape:
    return lambda t: size * np.minimum(t, entries)


def ever_slower_cache(size: float, calls: float) -> Shape:
    """What a cache holds whose keys come at random: new ones become rarer."""
    return lambda t: size * calls * (1 - np.exp(-t / calls))


def sawtooth(size: float, period: float) -> Shape:
    return lambda t: size * (t % period)


def steps(size: float, at: Array) -> Shape:
    return lambda t: size * np.asarray((t[:, None] >= at).sum(axis=1))


def shapes_that_stop(rng: np.random.Generator) -> Iterator[tuple[str, Shape]]:
    while True:
        size = rng.choice([256, KIB, 16 * KIB])
        yield "cache", cache(size, rng.uniform(1, 0.98 * 2 * N))
        yield "ever slower", ever_slower_cache(size, rng.uniform(50, 5 * N))
        yield "sawtooth", sawtooth(size, rng.uniform(2, 2 * N))
        yield (
            "steps",
            steps(rng.choice([1e5, 1e6, 5e7]), rng.uniform(0, 2 * N, int(rng.integers(1, 5)))),
        )
        yield "doubling", steps(1e6, np.asarray(rng.uniform(2, 300) * 2.0 ** np.arange(10)))
        yield "nothing", leak(0)


@pytest.mark.parametrize("kind", NOISE)
def test_what_stops_growing_is_never_a_leak(kind: str) -> None:
    rng = np.random.default_rng(1)
    for name, shape in itertools.islice(shapes_that_stop(rng), 72):
        if kind == "loud" and name == "cache":
            continue  # the last kilobytes of a fill vanish in it
        growth = judged(shape, rng, kind)
        assert growth.word != "leak", f"{name}: {growth}"


@pytest.mark.parametrize("kind", NOISE)
@pytest.mark.parametrize("size", [KIB, 16 * KIB])
def test_a_leak_of_a_kibibyte_a_call_and_more_is_found(size: int, kind: str) -> None:
    rng = np.random.default_rng(2)
    found = [judged(leak(size), rng, kind) for _ in range(30)]
    assert [growth.word for growth in found] == ["leak"] * 30


@pytest.mark.parametrize("size", [256, KIB, 16 * KIB])
def test_the_interval_covers_the_size_of_the_leak(size: int) -> None:
    rng = np.random.default_rng(3)
    slopes = [growth.slope for _ in range(40) if (growth := judged(leak(size), rng, "usual"))]
    covered = [slope is not None and slope.low <= size <= slope.high for slope in slopes]
    assert np.mean(covered) >= 0.8  # blocks of correlated readings still resemble each other
    assert all(slope is not None and abs(slope.value - size) < 10 for slope in slopes)


@pytest.mark.parametrize(
    "shape",
    [
        lambda t: leak(KIB)(t) + sawtooth(2 * KIB, 60)(t),
        lambda t: leak(KIB)(t) + cache(2 * KIB, 250)(t),
        lambda t: leak(KIB)(t) + ever_slower_cache(100, 500)(t),
        lambda t: 40 * KIB * np.floor(t / 40),
    ],
    ids=["with a sawtooth", "with a cache that fills early", "with a slow cache", "in steps"],
)
def test_a_leak_is_found_beside_what_does_not_leak(shape: Shape) -> None:
    assert judged(shape, np.random.default_rng(4), "usual").word == "leak"


def test_a_leak_below_the_floor_is_none() -> None:
    growth = judged(leak(40), np.random.default_rng(5))
    assert growth.word == "no_leak"
    assert growth.slope is not None
    assert growth.slope.value == pytest.approx(40)


def test_nothing_and_a_full_cache_are_said_to_be_no_leak() -> None:
    rng = np.random.default_rng(6)
    for shape in (leak(0), cache(KIB, 300), sawtooth(KIB, 50)):
        assert judged(shape, rng, "usual").word == "no_leak"


def test_a_cache_that_is_full_early_in_the_longer_process_is_growth_at_most() -> None:
    growth = judged(cache(KIB, 1.4 * N), np.random.default_rng(7))
    assert growth.word == "growth_unproven"
    assert growth.reason


def test_a_random_walk_is_no_leak_by_chance() -> None:
    rng = np.random.default_rng(8)
    words = []
    for _ in range(40):
        walks = (np.cumsum(rng.normal(0, 5_000, n)) for n in (N, 2 * N))
        shorter, longer = (process(leak(0), walk.size, walk) for walk in walks)
        words.append(judge(shorter, longer).word)
    assert words.count("leak") == 0


def test_growth_of_one_process_alone_is_not_proven() -> None:
    shorter, longer = (process(leak(KIB), n) for n in (N, 2 * N))
    assert judge(shorter, longer).word == "leak"
    assert judge(None, longer).word == "growth_unproven"
    assert judge(shorter, process(leak(KIB), N)).word == "growth_unproven"
    assert judge(process(leak(0), N), longer).word == "growth_unproven"


def series(calls: object, in_use: object) -> Series:
    return Series(calls=np.asarray(calls, float), in_use=np.asarray(in_use, float))


@pytest.mark.parametrize(
    "odd",
    [
        series([], []),
        series([1], [1]),
        series(range(40), np.arange(40) * 1e6),
        series(range(2000), [np.nan] * 2000),
        series(range(2000), np.where(np.arange(2000) == 7, np.inf, np.arange(2000) * 1e4)),
        series([5] * 2000, np.arange(2000) * 1e4),
        series(range(2000, 0, -1), np.arange(2000) * 1e4),
        series(range(2000), np.arange(1999) * 1e4),
        series(np.arange(2000) / 10, np.arange(2000) * 1e4),
    ],
    ids=["none", "one", "few", "nan", "inf", "no calls", "backwards", "uneven", "fewer than 500"],
)
def test_readings_that_show_nothing_are_never_a_leak(odd: Series) -> None:
    good = [process(leak(16 * KIB), n) for n in (N, 2 * N)]
    for shorter, longer in ((good[0], odd), (odd, good[1]), (odd, odd), (None, odd)):
        growth = judge(shorter, longer)
        assert growth.word == "growth_unproven"
        assert growth.reason


def test_constant_readings_are_no_leak() -> None:
    assert judge(process(leak(0), N), process(leak(0), 2 * N)).word == "no_leak"


def test_readings_need_not_follow_every_call() -> None:
    calls = [np.arange(0, n, 7) for n in (N, 2 * N)]
    growth = judge(*(series(t, KIB * t) for t in calls))
    assert growth.word == "leak"
    assert growth.slope is not None
    assert growth.slope.value == pytest.approx(KIB)
