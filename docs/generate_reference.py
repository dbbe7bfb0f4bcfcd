# ruff: noqa: INP001  (a script beside the pages, no package)
"""Writes docs/reference/configuration.md from the schema and from the files under conf/.

It writes the schemas of the JSON documents of reports too. Run it after a change to any of them:
``python docs/generate_reference.py``.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import annotated_types
import yaml
from pydantic import AfterValidator
from pydantic.fields import FieldInfo

from embprof.backends.finding import KEY, with_class
from embprof.config import options
from embprof.config.class_checks import adapters
from embprof.config.compose import compose
from embprof.config.folders import shipped
from embprof.config.key_roles import HOUSEKEEPING_KEYS, PROTOCOL_KEYS
from embprof.config.references import flatten
from embprof.config.schema import Scenario
from embprof.interface.classes import find_class
from embprof.interface.measurement import Needs
from embprof.interface.node import Node
from embprof.interface.subjects import subject
from embprof.report.documents import schemas

PAGE = Path(__file__).parent / "reference" / "configuration.md"
GROUPS = ("model", "cross_encoder", "corpus", "backend", "workload", "measurement")
INTRODUCTION = """\
# Configuration

<!-- Written by docs/generate_reference.py from the schema and conf/: change those, then run it. -->

Every key can be set on the command line (`batch_size=64`), swept with `-m`
(`batch_size=8,16,32`) or fixed in a scenario. An unknown key, a wrong type or a value out of range
is an error before the first job. [Commands](commands.md) take these keys,
[metrics](metrics.md) are what comes out.
"""
QUESTION = """\
## What is asked

These keys and the groups below make up the question: they decide `embprof.key`.
"""
PROTOCOL = """\
## How precisely it is answered

Two jobs that differ in these keys alone ask the same question.
[Measuring](../explanation/measuring.md) explains them.
"""
SWEEP = """\
## The sweep

These keys change neither the question nor the answer.
"""
TOGETHER = """\
## What works with what

`no` is refused before the first job: `truncation_loss` needs a workload that embeds texts, each cut
at a number of tokens, `parity` one whose answers can be held against those of its model on torch in
float32. *The client's*: what is measured is the process that asks, and the server
that does the work is another. Memory and starts of workloads that search in PostgreSQL are
likewise those of the worker, without the server's. A workload of yours works with all of them;
with `truncation_loss` if its class has the methods of the protocol `Cuts`, with `parity` if it has
those of `HasReference` (`embprof/interface/workload.py`).
"""
TABLE = "| key | default | takes | what it is |\n|---|---|---|---|"
KINDS = {int: "a whole number", float: "a number", str: "text", bool: "`true` or `false`"}
BOUNDS = {"ge": "from {}", "gt": "above {}", "le": "to {}", "lt": "below {}"}


def page() -> str:
    """The whole page."""
    default = compose([]).jobs[0].config
    fields = {name: field for name, field in Scenario.model_fields.items() if name not in GROUPS}
    asked = fields.keys() - PROTOCOL_KEYS - HOUSEKEEPING_KEYS
    parts = [INTRODUCTION]
    for heading, names in (
        (QUESTION, asked),
        (PROTOCOL, PROTOCOL_KEYS),
        (SWEEP, HOUSEKEEPING_KEYS),
    ):
        chosen = {name: field for name, field in fields.items() if name in names}
        parts.append("\n".join([heading, TABLE, *_rows(chosen, default), ""]))
    parts += ["## Groups\n\nA group is set by the name of an option: `model=minilm_l3`.\n"]
    parts += [_group(name, Scenario.model_fields[name], default) for name in GROUPS]
    parts += [_together(), _scenarios()]
    return "\n".join(parts)


def _group(name: str, field: FieldInfo, default: Mapping[str, Any]) -> str:
    lines = [f"### {name}", "", str(field.description), "", "| option | what it is | sets |"]
    lines += ["|---|---|---|"]
    for file in sorted((shipped("conf") / name).glob("*.yaml")):
        text = file.read_text(encoding="utf-8")
        lines.append(f"| `{file.stem}` | {_first_comment(text)} | {_sets(name, text)} |")
    lines.append("")
    if isinstance(field.annotation, type) and issubclass(field.annotation, Node):
        lines += [TABLE, *_rows({name: field}, default), ""]
        return "\n".join(lines)
    for file in sorted((shipped("conf") / name).glob("*.yaml")):
        lines += _parameters(name, file)
    return "\n".join(lines)


def _parameters(group: str, file: Path) -> list[str]:
    """The table of an option's own parameters, where its class says what they are."""
    option = yaml.safe_load(file.read_text(encoding="utf-8"))
    node = option.get(group, option)
    if group == KEY:
        node = with_class(node)  # backend=torch names no class, as stored jobs do
    cls = find_class(str(node.get("_target_")))
    if cls is None or not adapters(cls):
        return []
    hints = get_type_hints(cls, include_extras=True)
    fields = {name: FieldInfo.from_annotation(hints[name]) for name in adapters(cls)}
    described = {name: field for name, field in fields.items() if name in node}
    return [
        f"#### `{group}={file.stem}`",
        "",
        TABLE,
        *_rows(described, node, f"{group}."),
        "",
    ]


def _together() -> str:
    """Which measurements can observe which workloads, as their classes and accounts say."""
    workloads, measurements = (_classes(group) for group in ("workload", "measurement"))
    lines = [TOGETHER, f"| | {' | '.join(f'`{name}`' for name in workloads)} |"]
    lines.append(f"|---|{'---|' * len(workloads)}")
    for name, measurement in measurements.items():
        cells = (_cell(measurement, workload) for workload in workloads.values())
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def _classes(group: str) -> Mapping[str, type[Any]]:
    targets = {name: str(options.target(group, name)) for name in options.names(group)}
    return {name: cls for name, target in targets.items() if (cls := find_class(target))}


def _cell(measurement: type[Any], workload: type[Any]) -> str:
    if isinstance(measurement, Needs) and not issubclass(workload, measurement.needs):
        return "no"
    gap = subject(f"{measurement.__module__}.{measurement.__qualname__}").account.gap
    asks = subject(f"{workload.__module__}.{workload.__qualname__}").account.asks_others
    return "the client's" if asks and gap is not None and gap.of_process else "yes"


def _scenarios() -> str:
    lines = [
        "## Scenarios",
        "",
        "`experiment=NAME` runs `./experiments/NAME.yaml`, else the one that comes with embprof.",
        "",
        "| scenario | question |",
        "|---|---|",
    ]
    for file in sorted(shipped("experiments").glob("*.yaml")):
        question = yaml.safe_load(file.read_text(encoding="utf-8"))["question"]
        lines.append(f"| `{file.stem}` | {question} |")
    return "\n".join([*lines, ""])


def _rows(
    fields: Mapping[str, FieldInfo], default: Mapping[str, Any], prefix: str = ""
) -> Iterator[str]:
    """A row a key; a mapping is replaced by the keys inside it."""
    for name, field in fields.items():
        inner = next(filter(_is_node, _members(field.annotation)), None)
        value = default.get(name)
        if inner is not None:
            yield from _rows(inner.model_fields, value or {}, f"{prefix}{name}.")
            continue
        takes = _takes(field)
        yield f"| `{prefix}{name}` | `{_shown(value)}` | {takes} | {field.description} |"


def _takes(field: FieldInfo) -> str:
    """Type and range in words; what a validator of ours allows is said in its own."""
    members = _members(field.annotation)
    if any(get_origin(member) is dict for member in members):
        return "a mapping"
    validators = [part for part in field.metadata if isinstance(part, AfterValidator)]
    if validators:
        return _complaint(validators[0], 0 if int in members else "")
    literals = [value for member in members for value in get_args(member)]
    kinds = [f"`{value}`" for value in literals] + [KINDS[m] for m in members if m in KINDS]
    if types.NoneType in members:
        kinds.append("`null`")
    return " or ".join([" ".join([kinds[0], *_bounds(field.metadata)]), *kinds[1:]])


def _bounds(metadata: Iterable[Any]) -> Iterator[str]:
    for part in metadata:
        for name, words in BOUNDS.items():
            if hasattr(part, name):
                yield words.format(f"{getattr(part, name):,}")
        if isinstance(part, annotated_types.MinLen):
            yield "that is not empty"
        if getattr(part, "pattern", None):
            yield f"that matches `{part.pattern}`"


def _complaint(validator: AfterValidator, wrong: object) -> str:
    try:
        validator.func(wrong)  # type: ignore[call-arg]
    except ValueError as error:
        return str(error).removeprefix("must be ")
    raise AssertionError(f"{validator.func} takes {wrong!r}")


def _members(annotation: Any) -> list[Any]:
    """The types of a union, without what is annotated to them."""
    if get_origin(annotation) is Annotated:
        return _members(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return [member for part in get_args(annotation) for member in _members(part)]
    return [annotation]


def _is_node(member: Any) -> bool:
    return isinstance(member, type) and issubclass(member, Node)


def _shown(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return str(value)


def _sets(group: str, text: str) -> str:
    """The keys that an option gives values of its own, or asks for (``???``)."""
    option = yaml.safe_load(text)
    values = flatten({**option, **option.get(group, {})})
    own = {key: value for key, value in values.items() if not str(value).startswith("${")}
    shown = {k: v for k, v in own.items() if v is not None and "." not in k and k != "sha256"}
    return " ".join(f"`{key}={_shown(value)}`" for key, value in shown.items())


def _first_comment(text: str) -> str:
    comments = [line[2:] for line in text.splitlines() if line.startswith("# ")]
    return next(comment for comment in comments if not comment.startswith("@"))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    for name, model in schemas.models().items():
        (schemas.FOLDER / name).write_text(schemas.text(model), encoding="utf-8")
