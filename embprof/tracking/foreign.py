"""Figures that others measured, as runs that are shown beside ours and never judged.

A layout in YAML, given with ``--mapping``, says where in their JSON document the figures stand:

    entries:
      - each: results              # path of a list, or of a mapping by name; else: the document
        match:                     # what a job of ours must have to stand beside the figures
          device: cpu
          batch_size: ${batch}     # a value of theirs, by its path; ${each}: its name in a mapping
        figures:                   # our metric: path of theirs, or path and factor
          throughput_texts_per_s: texts_per_second
          latency_p50_ms: {path: seconds_per_batch, factor: 1000}

A path is names and positions with dots between them. Nothing is known of the machine and the noise
behind such figures, so they carry neither interval nor environment.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from embprof.config.schema import Scenario
from embprof.errors import RequestError
from embprof.interface.node import Node
from embprof.model import Estimate, Figure, Run, Status, Stored
from embprof.units import unit_of, utc_now

SHIPPED = Path(__file__).parent / "mappings"
REFERENCE = re.compile(r"\$\{([^}]+)\}")
NAME_OF_ENTRY = "each"
BASIS = "a figure of others"
RATE = "/s"
"""How units of rates end, of which more is better; of everything else less, unless the layout says
otherwise."""
Metric = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Place(_Strict):
    """Where a figure stands, what to multiply it by for our unit, and which way is better."""

    path: str
    factor: float = 1.0
    better: Literal["lower", "higher"] | None = None


class Entry(_Strict):
    """One kind of figures in a document, and the jobs of ours that they are about."""

    each: str | None = None
    match: dict[str, Any] = {}
    figures: dict[Metric, str | Place] = Field(min_length=1)


class Layout(_Strict):
    """Where the figures of a document stand."""

    entries: tuple[Entry, ...] = Field(min_length=1)


class _NothingThereError(Exception):
    """The path leads nowhere; the message says at which part."""


def matches(stored: Stored, config: Mapping[str, Any]) -> bool:
    """Whether figures of others are about jobs of this configuration."""
    from embprof.config.references import flatten

    known = flatten(dict(config))
    return all(key in known and known[key] == value for key, value in stored.run.config.items())


def shipped() -> dict[str, Path]:
    """The layouts that come with embprof, by name."""
    return {file.stem: file for file in sorted(SHIPPED.glob("*.yaml"))}


def layout(name: str) -> Layout:
    """The layout in a file, or the one that comes with embprof; raises RequestError."""
    file = Path(name) if Path(name).is_file() else shipped().get(name)
    if file is None:
        known = ", ".join(shipped())
        raise RequestError(
            [f"--mapping {name}: neither a file nor one that comes with embprof ({known})"]
        )
    try:
        found = Layout.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise RequestError([f"--mapping {name}: cannot be read ({reason})"]) from None
    except ValidationError as error:
        details = ((".".join(map(str, one["loc"])), one["msg"]) for one in error.errors())
        raise RequestError(
            [f"--mapping {name}: {where or 'the file'}: {message}" for where, message in details]
        ) from None
    unknown = [key for entry in found.entries for key in entry.match if not _is_key(key)]
    if unknown:
        raise RequestError([f"--mapping {name}: match: there is no key {key}" for key in unknown])
    return found


def figures_of_others(document: Any, layout: Layout, source: str) -> tuple[Stored, ...]:
    """Every entry that the layout finds, as runs; raises RequestError with all that is missing."""
    problems: list[str] = []
    runs: list[Stored] = []
    for entry in layout.entries:
        try:
            found = list(_each(document, entry.each))
        except _NothingThereError as error:
            problems.append(f"{source}: {error}")
            continue
        for name, content in found:
            try:
                runs.append(_run(len(runs), entry, content, name, source))
            except _NothingThereError as error:
                at = "" if entry.each is None else f"{entry.each}.{name}: "
                problems.append(f"{source}: {at}{error}")
    if problems or not runs:
        raise RequestError(problems or [f"{source}: the mapping finds no figures in it"])
    return tuple(runs)


def _run(number: int, entry: Entry, content: Any, name: str, source: str) -> Stored:
    match = {key: _filled(value, content, name) for key, value in entry.match.items()}
    now = utc_now()
    run = Run(
        run_id=f"{source}/{number}",
        sweep_id=source,
        number=number,
        overrides=tuple(f"{key}={_typed(value)}" for key, value in match.items()),
        config=match,
        key="",
        environment="",
        status=Status.OK,
        reason=None,
        started=now,
        ended=now,
        seconds={},
        figures=tuple(_figure(metric, place, content) for metric, place in entry.figures.items()),
        stamps=(),
        stop=None,
        steady=None,
        description={"source": source},
    )
    return Stored(run=run, hard={}, soft={})


def _figure(metric: str, place: str | Place, content: Any) -> Figure:
    where = place if isinstance(place, Place) else Place(path=place)
    value = _at(content, where.path)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _NothingThereError(f"{where.path}: {json.dumps(value)[:40]} is not a number")
    unit = unit_of(metric)
    better = where.better or ("higher" if unit.endswith(RATE) else "lower")
    estimate = Estimate(value=value * where.factor, low=None, high=None, n=1, basis=BASIS)
    return Figure(name=metric, better=better, estimate=estimate, unit=unit)


def _typed(value: Any) -> str:
    """A value as it stands on a command line."""
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _each(document: Any, path: str | None) -> Iterator[tuple[str, Any]]:
    """The entries at a path with their names; a list's are its positions."""
    found = [document] if path is None else _at(document, path)
    if not isinstance(found, Mapping | list):
        raise _NothingThereError(f"{path}: neither a list nor a mapping")
    entries = found.items() if isinstance(found, Mapping) else enumerate(found)
    yield from ((str(name), content) for name, content in entries)


def _filled(value: Any, content: Any, name: str) -> Any:
    """A value to match: as the layout has it, or theirs."""
    reference = REFERENCE.fullmatch(value) if isinstance(value, str) else None
    if reference is None:
        return value
    return yaml.safe_load(name) if reference[1] == NAME_OF_ENTRY else _at(content, reference[1])


def _at(document: Any, path: str) -> Any:
    here = document
    for part in path.split("."):
        if isinstance(here, Mapping) and part in here:
            here = here[part]
        elif isinstance(here, list) and part.isdecimal() and int(part) < len(here):
            here = here[int(part)]
        else:
            raise _NothingThereError(f"{path}: there is nothing of that name")
    return here


def _is_key(key: str) -> bool:
    """Whether our configuration can have such a key, as far as its schema says."""
    first, _, rest = key.partition(".")
    field = Scenario.model_fields.get(first)
    if field is None:
        return False
    kind = field.annotation
    if isinstance(kind, type) and issubclass(kind, Node):
        return rest.partition(".")[0] in kind.model_fields
    return True
