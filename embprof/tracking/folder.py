"""One run on disk: written while it is measured, so that nothing measured is ever lost.

``samples.jsonl`` grows by one line per slice; ``run.json`` is replaced as a whole, so a reader sees
the old one or the new one. A folder whose ``run.json`` is missing belongs to a run that was cut
off: its samples are still there.
"""

import dataclasses
import functools
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

import yaml
from pydantic import TypeAdapter

from embprof.masking import mask_file
from embprof.model import Comparison, Run, Slice, Stored
from embprof.tracking.older_runs import completed
from embprof.units import unit_of

RUN = "run.json"
SAMPLES = "samples.jsonl"
CONFIG = "config.yaml"
ENVIRONMENT = "environment.json"
LOG = "worker.log"
JOB = "job.json"
DESCRIPTION = "description.json"
COMPARISON = "comparison.json"
FIGURE = frozenset({"name", "better", "estimate"})
"""Keys by which a stored figure is known."""


class RunFolder:
    """The files of one run; ``name`` is its path below the sweep's folder."""

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self.name = name
        self._samples: TextIO | None = None

    def begin(
        self, job: Mapping[str, Any], config: Mapping[str, Any], environment: Mapping[str, Any]
    ) -> None:
        """Writes what is known before measuring; ``job.json`` last: with it the run has begun."""
        self.path.mkdir(parents=True, exist_ok=True)
        (self.path / CONFIG).write_text(yaml.safe_dump(dict(config), sort_keys=False), "utf-8")
        write_json(self.path / ENVIRONMENT, environment)
        write_json(self.path / JOB, job)
        self._samples = (self.path / SAMPLES).open("a", encoding="utf-8")

    def keep(self, piece: Slice) -> None:
        """Appends a slice; it is with the system when this returns."""
        assert self._samples is not None, "begin the run first"
        self._samples.write(json.dumps(dataclasses.asdict(piece), separators=(",", ":")) + "\n")
        self._samples.flush()

    def describe(self, description: Mapping[str, Any]) -> None:
        """Writes what the workload says of itself, once it is loaded."""
        write_json(self.path / DESCRIPTION, description)

    def add(self, file: Path, restart: int) -> None:
        """Keeps a file that a measurement left; one of a later restart beside the first's."""
        target = self.path / file.name
        if target.exists():
            target = target.with_stem(f"{target.stem}.restart-{restart}")
        shutil.copy2(file, target)
        mask_file(target, by_value_alone=True)

    def close(self) -> None:
        """Closes the samples, and takes secrets out of what the workload printed."""
        if self._samples is not None:
            self._samples.close()
        if self.log.exists():
            mask_file(self.log)

    def finish(self, run: Run) -> None:
        """Writes the answer, and drops an empty log."""
        self.close()
        write_run(self.path, run)
        log = self.path / LOG
        if log.exists() and log.stat().st_size == 0:
            log.unlink()

    @property
    def log(self) -> Path:
        """The file that takes what the workload prints."""
        return self.path / LOG


def write_run(path: Path, run: Run) -> None:
    """Writes ``run.json`` of a folder."""
    write_json(path / RUN, dataclasses.asdict(run))


def read_run(path: Path) -> Run | None:
    """The answer in a folder, None when it has none."""
    try:
        text = (path / RUN).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    run: Run = _adapter(Run).validate_python(with_units(json.loads(text)))
    return run


def with_units(content: Any) -> Any:
    """Stored runs with the units of their figures, which the oldest were kept without."""
    if isinstance(content, list):
        for one in content:
            with_units(one)
    elif isinstance(content, dict):
        if content.keys() >= FIGURE:
            content.setdefault("unit", unit_of(str(content["name"])))
        else:
            with_units(list(content.values()))
    return content


def write_comparison(path: Path, comparison: Comparison) -> None:
    """Writes ``comparison.json`` of a folder."""
    write_json(path / COMPARISON, dataclasses.asdict(comparison))


def read_comparison(path: Path) -> Comparison | None:
    """The comparison in a folder, None where its run was compared with nothing."""
    try:
        content = read_json(path / COMPARISON)
    except FileNotFoundError:
        return None
    content.setdefault("unit", unit_of(content["figure"]))
    comparison: Comparison = _adapter(Comparison).validate_python(content)
    return comparison


def comparison_digest(path: Path) -> str | None:
    """Tells one comparison in a folder from another; None where there is none."""
    file = path / COMPARISON
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.exists() else None


def read_stored(path: Path) -> Stored | None:
    """The answer in a folder with its environment, None when it has none."""
    run = read_run(path)
    if run is None:
        return None
    environment = read_json(path / ENVIRONMENT)
    return completed(
        Stored(run=run, hard=environment["hard"], soft=environment["soft"], folder=path)
    )


def read_slices(path: Path) -> Iterator[Slice]:
    """The slices in a folder in order of time; a last line that was cut off is left out."""
    file = path / SAMPLES
    if not file.exists():
        return
    adapter = _adapter(Slice)
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            if line.endswith("\n"):
                yield adapter.validate_json(line)


@functools.cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    """Reads JSON into one of our nouns; making one takes longer than using it."""
    return TypeAdapter(kind)


def write_json(path: Path, content: object) -> None:
    """Replaces a JSON file in one step."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def write_text(path: Path, content: str) -> None:
    """Replaces a file in one step: it is there whole, or as it was. Raises OSError."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        # A path that is no text (a byte of another encoding) is written as JSON escapes it.
        draft.write_text(content, encoding="utf-8", errors="backslashreplace")
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def read_json(path: Path) -> Any:
    """Content of a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))
