"""A clock for tests of what is timed."""

from dataclasses import dataclass


@dataclass(kw_only=True)
class FakeClock:
    """A clock that moves only when told; call it as ``time.perf_counter``."""

    now: float = 0.0

    def __call__(self) -> float:
        """The time, in seconds."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Moves the clock."""
        self.now += seconds
