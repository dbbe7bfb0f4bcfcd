"""What was run: its name in a sentence, and the words that ask for it again."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from embprof.config import options
from embprof.config.references import flatten
from embprof.interface import faults, nested
from embprof.interface.subjects import workload_of

SPOKEN = {"batch_size": "batch", "text_length": "length"}
UNQUOTED = re.compile(r"[\w./:+@%-]+( [\w./:+@%-]+)*")
"""Text that Hydra takes for text without quotes, if it is not a number or a word of its own."""


def setting(config: Mapping[str, Any], *keys: str) -> str:
    """``batch 32, length 128`` of a workload of ours that has these keys, else its name."""
    workload = config.get("workload")
    if workload is not None and (found := _of_account(config, "named", workload)) is not None:
        return str(found)
    is_ours = workload is None or option(config) is not None
    known = (config if workload is None else workload) if is_ours else {}
    spoken = [f"{SPOKEN[key]} {config.get(key)}" for key in keys if key in known]
    return ", ".join(spoken) or str((workload or {}).get("_target_", "")).rpartition(".")[2]


def label(config: Mapping[str, Any]) -> str:
    """What was run: its models, for an embedding; else the function, or the workload by name."""
    workload, names = config.get("workload") or {}, models(config)
    if not workload or option(config) == options.default("workload"):
        return ", ".join(names)
    found = _of_account(config, "reference", workload)
    what = workload_of(config).name if found is None else str(found)
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


def option(config: Mapping[str, Any]) -> str | None:
    """The option that asks for the workload; None if it is third-party, whose options differ."""
    found = workload_of(config)
    return found.name if found.is_own else None


def overrides(config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Keys and values that make a workload of ours what it was, beyond the default one."""
    name = option(config)
    if name in (None, options.default("workload")):
        return
    yield "workload", str(name)
    usual = options.shipped_node("workload", str(name))
    yield from _changed("workload", config["workload"], usual)


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
    if (found := _of_account(config, "items_of_a_call", config.get("workload") or {})) is not None:
        return int(found)
    each: int | None = used(config, "texts_per_call") or used(config, "batch_size")
    return each


def _of_account(config: Mapping[str, Any], entry: str, workload: Mapping[str, Any]) -> Any | None:
    """What a function of the workload's account says of it; None where there is none."""
    whose = workload_of(config)
    tell = getattr(whose.account, entry)
    part = f"{entry} of its account"
    return None if tell is None else faults.ask(whose.target, part, lambda: tell(workload), None)


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
