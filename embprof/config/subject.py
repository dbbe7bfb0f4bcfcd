"""What was run: its name in a sentence, and the words that ask for it again."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from embprof.config.folders import shipped
from embprof.config.references import flatten
from embprof.interface import nested

OWN = "embprof.workloads."
DEFAULT = "embedding"
"""The workload of a command that names none."""
SPOKEN = {"batch_size": "batch", "text_length": "length"}
LONGEST = 80
UNQUOTED = re.compile(r"[\w./:+@%-]+( [\w./:+@%-]+)*")
"""Text that Hydra takes for text without quotes, if it is not a number or a word of its own."""


def setting(config: Mapping[str, Any], *keys: str) -> str:
    """``batch 32, length 128`` of a workload of ours that has these keys, else its name."""
    workload = config.get("workload")
    if workload is not None and "function" in workload:
        return called(workload)
    is_ours = workload is None or option(config) is not None
    known = (config if workload is None else workload) if is_ours else {}
    spoken = [f"{SPOKEN[key]} {config.get(key)}" for key in keys if key in known]
    return ", ".join(spoken) or str((workload or {}).get("_target_", "")).rpartition(".")[2]


def said(config: Mapping[str, Any]) -> str:
    """What was run: its models, for an embedding; else the function, or the workload by name."""
    workload, names = config.get("workload") or {}, models(config)
    if not workload or option(config) == DEFAULT:
        return ", ".join(names)
    own = workload.get("function") or option(config)
    what = str(own or workload.get("_target_", ""))
    return f"{what} with {', '.join(names)}" if names else what


def models(config: Mapping[str, Any]) -> list[str]:
    """Names of the networks that the workload has."""
    workload = config.get("workload")
    every = config if workload is None else workload
    found = (str(node["name"]) for _, node in nested.find(every, nested.MODEL) if "name" in node)
    return list(dict.fromkeys(found))


def used(config: Mapping[str, Any], key: str) -> Any:
    """A key's value; None where it means nothing to the workload."""
    workload = config.get("workload")
    is_known = workload is None or any(
        name.rpartition(".")[2] == key for name in flatten(dict(workload))
    )
    return config.get(key) if is_known else None


def called(workload: Mapping[str, Any]) -> str:
    """A function of the user's own as it is called: ``answer(limit=10)``."""
    given = ", ".join(f"{key}={value}" for key, value in (workload["arguments"] or {}).items())
    said = f"{str(workload['function']).rpartition(':')[2]}({given})"
    return said if len(said) <= LONGEST else f"{said[: LONGEST - 2]}…)"


def option(config: Mapping[str, Any]) -> str | None:
    """The option that asks for the workload; None if it is another's, whose options differ."""
    target = str((config.get("workload") or {}).get("_target_", ""))
    return target.rpartition(".")[0].removeprefix(OWN) if target.startswith(OWN) else None


def overrides(config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Keys and values that make a workload of ours what it was, beyond the default one."""
    name = option(config)
    if name in (None, DEFAULT):
        return
    yield "workload", str(name)
    yield from _changed("workload", config["workload"], _shipped(str(name)))


def typed(value: object) -> str:
    """A value as it stands on a command line, before a shell's quotes."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {typed(one)}' for key, one in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(typed, value))}]"
    if not isinstance(value, str) or (UNQUOTED.fullmatch(value) and not _is_no_text(value)):
        return str(value)
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def items_of_a_call(config: Mapping[str, Any]) -> int | None:
    """Items that each call is handed; None where nothing in the configuration says it."""
    workload = config.get("workload") or {}
    if "function" in workload:
        return int(workload["batch"] or 1)
    each: int | None = used(config, "texts_per_call") or used(config, "batch_size")
    return each


def _is_no_text(word: str) -> bool:
    """Whether Hydra would take it for something else."""
    return not isinstance(yaml.safe_load(word), str)


def _changed(
    place: str, node: Mapping[str, Any], default: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Values that are not the option's own; those it refers to elsewhere are asked for there."""
    for key, value in node.items():
        usual = default.get(key)
        is_reference = isinstance(usual, str) and "${" in usual
        if key == "_target_" or key not in default or is_reference or value == usual:
            continue
        if isinstance(value, Mapping) and isinstance(usual, Mapping):
            yield from _changed(f"{place}.{key}", value, usual)
        else:
            yield f"{place}.{key}", typed(value)


@functools.cache
def _shipped(name: str) -> Mapping[str, Any]:
    file = shipped("conf") / "workload" / f"{name}.yaml"
    content: Mapping[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    inside: Mapping[str, Any] = content.get("workload", content)
    return inside
