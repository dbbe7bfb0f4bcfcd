"""The rows of a sweep's tables: one per job, what it asked for, and its answer if it has one."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from embprof.config.question import axes
from embprof.model import Comparison, Job, Run, Status
from embprof.race import Standing

SHORT = {
    "batch_size": "batch",
    "text_length": "length",
    "texts_per_call": "texts/call",
    "iterations": "iterations",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One job and, where it was measured, its run and how that compares.

    ``standing``: beside the rows that were measured in the same rounds.
    """

    job: Job
    run: Run | None
    comparison: Comparison | None = None
    standing: Standing | None = None

    @property
    def measurement(self) -> str:
        """Import path of its measurement, empty where it is not known."""
        config = self.job.config or (self.run.config if self.run is not None else {})
        return str(config.get("measurement", {}).get("_target_", ""))

    @property
    def status(self) -> tuple[Status | None, str | None]:
        """How the job ended and why, None for one that was never begun."""
        if self.run is not None:
            return self.run.status, self.run.reason
        if self.job.skip is not None:
            return Status.SKIPPED, self.job.skip
        return None, None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The rows of one measurement, which have figures in common, and so a table.

    ``keys`` are what differs between jobs of the sweep, the measurement left out.
    """

    measurement: str
    rows: tuple[Row, ...]
    keys: tuple[str, ...]

    @property
    def name(self) -> str:
        """What the measurement's option is called: the last module of its import path."""
        return self.measurement.rpartition(".")[0].rpartition(".")[2]

    @property
    def runs(self) -> list[Run]:
        """The answers."""
        return [row.run for row in self.rows if row.run is not None]


def by_measurement(rows: Sequence[Row]) -> list[Part]:
    """The rows by their measurement, in the order in which each was first asked for."""
    keys = axes(row.job for row in rows)
    measurements = dict.fromkeys(row.measurement for row in rows)
    if len(measurements) > 1:
        keys = [key for key in keys if key.partition(".")[0] != "measurement"]
    return [
        Part(
            measurement=measurement,
            rows=tuple(row for row in rows if row.measurement == measurement),
            keys=tuple(keys),
        )
        for measurement in measurements
    ]


def comparisons(rows: Sequence[Row]) -> Mapping[int, Comparison]:
    """The comparisons of rows that have one, by the job's number."""
    return {row.job.number: row.comparison for row in rows if row.comparison is not None}


def standings(rows: Sequence[Row]) -> list[Standing]:
    """How those rows stand that were measured in rounds."""
    return [row.standing for row in rows if row.standing is not None]


def numbered(
    texts: Iterable[tuple[int, str]], joined: Callable[[Sequence[str]], str] = ", ".join
) -> list[str]:
    """Each text once, behind the numbers of all rows that have it: ``#1, #4 skipped: no GPU``."""
    rows: dict[str, list[str]] = {}
    for number, text in texts:
        rows.setdefault(text, []).append(f"#{number}")
    return [f"{joined(numbers)} {text}" for text, numbers in rows.items()]


def heading(key: str) -> str:
    """A key as the heading of a column: its last part, shortened where it is known."""
    return SHORT.get(key, key.rpartition(".")[2])
