"""The nouns of embprof, in plain standard-library types that every part may import.

A **Job** asks a question, workers produce **Samples**, an **Estimate** says a figure with its
interval, and a job's outcome is a **Status** with a reason. Nothing in here knows how any of them
is made, stored or shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

THROUGHPUT = "throughput_"
"""What the name of every throughput begins with, whatever its items are."""
Summary = Literal["mean", "largest", "last", "total", "rate"]
"""What of many readings is the figure of a run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure that never travels without what is known of its error.

    ``low`` and ``high`` bound the ``confidence`` interval; both are ``None`` where the readings do
    not support one (a single reading, say), and ``basis`` then says why. ``basis`` always names the
    unit of inference ("slices of one process", "5 restarts"), ``n`` counts those units.
    """

    value: float
    low: float | None
    high: float | None
    n: int
    basis: str
    confidence: float = 0.95

    @property
    def half_width(self) -> float | None:
        """Half the interval as a share of the value: 0.02 is ± 2 %; None without an interval."""
        if self.low is None or self.high is None or self.value == 0:
            return None
        return (self.high - self.low) / 2 / abs(self.value)

    @property
    def bounds(self) -> tuple[float, float] | None:
        """The ends of the interval; None where there is none."""
        return None if self.low is None or self.high is None else (self.low, self.high)

    def scaled(self, factor: float) -> Estimate:
        """The same in another unit: 1,000 makes milliseconds of seconds."""
        low, high = self.low, self.high
        return replace(
            self,
            value=factor * self.value,
            low=None if low is None else factor * low,
            high=None if high is None else factor * high,
        )


class Status(StrEnum):
    """How a job ended. ``SKIPPED`` jobs measured nothing and have no run."""

    OK = "ok"
    FAILED = "failed"
    OUT_OF_MEMORY = "out_of_memory"
    TIMEOUT = "timeout"
    INTERRUPTED = "interrupted"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One question of a sweep with everything that is known before it is measured.

    ``config`` is complete and resolved. ``key`` identifies the question (equal for jobs that differ
    in the protocol alone), ``environment`` the machine and inputs it is asked on. ``skip`` says why
    the job will not be measured, if so.
    """

    number: int
    overrides: tuple[str, ...]
    config: Mapping[str, Any]
    key: str
    environment: str
    fingerprint: Mapping[str, Any]
    skip: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """Raw readings of one quantity, as they were observed.

    ``values[i]`` was read over ``items[i]`` items (texts, pairs, queries); ``better`` says which
    way is an improvement. Rates and percentiles are derived from these, never stored in their
    place. ``summary`` says what of many readings is the figure of the run: their mean, the largest
    (a high-water mark), the last (a state at the end), their total (a count), or items over seconds
    (a throughput).
    """

    name: str
    unit: str
    better: Literal["lower", "higher"]
    values: tuple[float, ...]
    items: tuple[int, ...] = ()
    summary: Summary = "mean"

    @classmethod
    def of(
        cls,
        name: str,
        unit: str,
        *values: float,
        items: Iterable[int] = (),
        better: Literal["lower", "higher"] = "lower",
        summary: Summary = "mean",
    ) -> Samples:
        """The readings of a quantity of which, as of most, less is better."""
        counts = tuple(items)
        return cls(
            name=name, unit=unit, better=better, values=values, items=counts, summary=summary
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """What a worker answered to one request for iterations.

    ``started`` and ``seconds`` are read from the worker's monotonic clock around the whole slice;
    ``cpu_seconds`` is what the worker, and processes it waited for, used in it.
    """

    restart: int
    warmup: bool
    started: float
    seconds: float
    samples: tuple[Samples, ...]
    cpu_seconds: float = 0.0

    def values(self, name: str) -> tuple[float, ...]:
        """The readings of one quantity, or nothing when it was not observed."""
        return next((samples.values for samples in self.samples if samples.name == name), ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A derived figure of a run: its metric name (unit last), and an estimate or why there is none.

    ``unit`` is written as people read it (``texts/s``, ``MB``, ``%``). ``note`` is set exactly when
    ``estimate`` is None: ``n/a (n<368)``.
    """

    name: str
    better: Literal["lower", "higher"]
    estimate: Estimate | None
    note: str | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A circumstance a reader of the figures must know: its mark in the table, and the detail."""

    mark: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The stored answer to a job. Times are UTC in ISO 8601, durations seconds.

    ``run_id`` is ``sweep_id/folder``; ``stop`` says why measuring ended, ``steady`` whether warm-up
    reached a steady state (None: too short to tell); ``description`` is what the workload said of
    itself, ``reason`` why the status is not ok. ``outcomes`` are answers that are words and no
    figures (``leak: no_leak``), ``alerts`` say in words which ``limits`` were passed or
    could not be checked.
    """

    run_id: str
    sweep_id: str
    number: int
    overrides: tuple[str, ...]
    config: Mapping[str, Any]
    key: str
    environment: str
    status: Status
    reason: str | None
    started: str
    ended: str
    seconds: Mapping[str, float]
    figures: tuple[Figure, ...]
    stamps: tuple[Stamp, ...]
    stop: str | None
    steady: bool | None
    description: Mapping[str, Any]
    outcomes: Mapping[str, str] = field(default_factory=dict)
    alerts: tuple[str, ...] = ()
    schema_version: int = 1

    def figure(self, name: str) -> Figure | None:
        """The figure of that name, if the run has it."""
        return next((figure for figure in self.figures if figure.name == name), None)

    @property
    def primary(self) -> Figure | None:
        """The figure that comparisons are about: the first, throughput where there is one."""
        return self.figures[0] if self.figures else None

    def estimate(self, name: str) -> Estimate | None:
        """The figure's estimate, None where it has none."""
        figure = self.figure(name)
        return None if figure is None else figure.estimate

    def value(self, name: str) -> float | None:
        """The figure's value, None where it has none."""
        estimate = self.estimate(name)
        return None if estimate is None else estimate.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A run with the environment it was measured in; ``hard`` decides what it compares with.

    ``folder`` holds its slices and files, None where only the figures are left.
    ``hard`` is empty for the figures of others (an imported file), of whose machine nothing is
    known: they are shown beside ours and never judged.
    """

    run: Run
    hard: Mapping[str, Any]
    soft: Mapping[str, Any]
    folder: Path | None = field(default=None, compare=False)

    @property
    def is_foreign(self) -> bool:
        """Whether the figures are those of others."""
        return not self.hard


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRuns:
    """Stored runs under the name that a user gave: a tuple for each session, newest last.

    ``sweep_id`` is set where all of one sweep was meant.
    """

    name: str
    sessions: tuple[tuple[Stored, ...], ...]
    sweep_id: str | None = None

    @property
    def runs(self) -> tuple[Stored, ...]:
        """The runs of the newest session."""
        return self.sessions[-1] if self.sessions else ()


class Verdict(StrEnum):
    """The outcome of a comparison; ``INCOMPARABLE`` is decided by fingerprints, not by figures."""

    SLOWER = "slower"
    FASTER = "faster"
    SAME = "same"
    UNCLEAR = "unclear"
    INCOMPARABLE = "incomparable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One figure of B against the same of A, as a ratio of costs: 1.03 means 3 % worse.

    ``figure`` is the name of its metric, ``unit`` that of its values.

    The cost of a figure of which less is better is its value (a latency), of one of which more is
    better its inverse (a throughput: the time of an item), so a ratio above 1 is worse whatever the
    figure. ``low`` and ``high`` bound the ratio at ``confidence``; they are shown, the verdict was
    judged at a stricter level that allows for the number of looks and of rows (``rows``).
    ``p_value`` is that of "the change is no larger than theta". ``smallest_detectable`` is the
    least worsening (0.03: 3 %) that would have been found with 95 % power. ``reason`` says why
    there is no verdict; ``basis`` where the noise was taken from.

    ``a_value`` and ``b_value`` are the figure of A and of B that ``ratio`` is made of, in the
    figure's own unit, None where that cannot be said: of stored runs their figures (of several
    sessions the geometric mean); of arms measured in turn (``is_paired``) what a call typically
    gave, which is not the mean that each run has.
    """

    figure: str
    unit: str = ""
    a: str
    b: str
    ratio: float | None
    low: float | None
    high: float | None
    verdict: Verdict
    reason: str | None
    smallest_detectable: float | None
    p_value: float | None
    basis: str
    rows: int = 1
    confidence: float = 0.95
    a_value: float | None = None
    b_value: float | None = None
    is_paired: bool = False
