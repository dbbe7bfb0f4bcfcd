"""Simulated readings of known mean: what the intervals and the trend tests are judged on.

Each claim is tested on every change, by as many simulations as show a mistake; those that take
longest are repeated with more before a release (marker ``proof``, ``make proof``), and say what
they found.
"""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

Noise = Callable[..., NDArray[np.float64]]
Proved = Callable[[str], None]


@pytest.fixture
def proved(request: pytest.FixtureRequest) -> Proved:
    """Takes what a test has found, in words, to be printed by ``make proof``."""
    return lambda found: request.node.user_properties.append(("proved", found))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Prints what was proved."""
    if config.option.markexpr != "proof":
        return
    terminalreporter.section("proved")
    for report in terminalreporter.getreports("passed"):
        for name, found in report.user_properties:
            if name == "proved":
                terminalreporter.write_line(f"{found}")


@pytest.fixture
def noise() -> Noise:
    """Runs of seconds with a true mean of 1. Shape: (runs, n).

    AR(1) of lag-1 correlation ``rho`` with innovations of ``sd``; a share ``spikes`` of the
    readings takes 1.5-3 times as long.
    """

    def draw(
        seed: int, runs: int, n: int, *, rho: float = 0.0, sd: float = 0.1, spikes: float = 0.0
    ) -> NDArray[np.float64]:
        rng = np.random.default_rng(seed)
        innovations = rng.normal(0, sd, (runs, n))
        state = rng.normal(0, sd / np.sqrt(1 - rho**2), runs)
        readings = np.empty((runs, n))
        for step in range(n):
            state = rho * state + innovations[:, step]
            readings[:, step] = 1 + state
        slow = np.where(rng.random((runs, n)) < spikes, rng.uniform(1.5, 3, (runs, n)), 1.0)
        return np.asarray(readings * slow / (1 + spikes * 1.25))

    return draw


Queue = Callable[..., NDArray[np.float64]]


@pytest.fixture(scope="session")
def queue() -> Queue:
    """Response times at one server whose service takes 1 on average. Shape: (n,).

    Poisson arrivals at ``load`` a second; service times exponential (M/M/1) or all 1 (M/D/1). The
    first calls, when the queue is empty still, are left out. Lindley's recursion (1952), as a
    running minimum.
    """

    def draw(
        rng: np.random.Generator, load: float, n: int, *, is_constant: bool = False
    ) -> NDArray[np.float64]:
        before = 500
        every = n + before
        gaps = rng.exponential(1 / load, every)
        services = np.ones(every) if is_constant else rng.exponential(1.0, every)
        steps = np.concatenate([[0.0], np.cumsum(services[:-1] - gaps[1:])])
        waits = steps - np.minimum.accumulate(steps)
        return np.asarray((waits + services)[before:])

    return draw
