"""What a job or a run asks, and what differs between several: derived here, for whoever needs it.

Of jobs it is told by what was typed (:func:`typed`, :func:`axes`), which is how people know them.
Of stored runs, which may have been asked for in different words, by their whole configuration and
the machine (:func:`question`, :func:`environment`): what must be equal for figures to stand in one
series, or side by side.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from embprof.config import override
from embprof.config.key_roles import (
    HOUSEKEEPING_KEYS,
    LATER_KEYS,
    LATER_PARAMETERS,
    PROTOCOL_KEYS,
    THROUGH_WORKLOAD_KEYS,
)
from embprof.config.references import flatten
from embprof.interface import nested
from embprof.machine.fingerprint import MODEL_FILES
from embprof.model import Job, Run, Stored

NOT_ASKED = PROTOCOL_KEYS | HOUSEKEEPING_KEYS | {"experiment"}
"""Keys that say how precisely, where to and for which scenario: no part of the question."""
WHOLE_REQUESTS = ("experiment", "resume")
"""Keys whose value stands for others."""
BESIDE = frozenset({"measurement", "allocator", "wait_policy"})
"""What may differ between measurements that look at one and the same question."""
SAID_OTHERWISE = (
    "measurement.",
    *("model.architecture.", "model.sha256"),
    *("cross_encoder.architecture.", "cross_encoder.sha256"),
    "backend._target_",
)
"""Keys that change only along with others."""
ARGUMENTS = f"workload.{nested.ARGUMENTS}."
"""Before the names of what a function of the user's own is given, which speak for themselves."""
CHANGED_BY = {
    "accelerator": ("device",),
    "threads": ("threads", "device"),
    "wait_policy": ("wait_policy",),
    "allocator": ("allocator",),
    "dtype": ("backend", "backend.dtype"),
    "backend": ("backend",),
    "batch_size": ("batch_size",),
    "text_length": ("text_length", "corpus"),
    "weights_sha256": ("model", "cross_encoder"),
    "tokenizer_sha256": ("model", "cross_encoder"),
    MODEL_FILES: ("model", "cross_encoder"),
    "trust_remote_code": ("model", "cross_encoder"),
    "corpus_sha256": ("corpus", "text_length", "seed"),
}
"""Parts of the environment that a key of the configuration changes; the rest is the machine's."""
CHANGED_BY_WORKLOAD = ("corpus_sha256",)
"""Parts that parameters of a workload may change, whatever they are called: files of statements."""


def typed(job: Job | Run) -> dict[str, str]:
    """Key and value of each override of a job, as it was meant."""
    given = override.by_key(job.overrides)
    return {key: one.meant for key, one in given.items() if key not in WHOLE_REQUESTS}


def axes(jobs: Iterable[Job | Run]) -> list[str]:
    """The keys of which these jobs were given different values, in the order they were typed."""
    return _varying(map(typed, jobs))


def without_protocol(overrides: Iterable[str]) -> list[str]:
    """The overrides that say what is asked, without those that say how precisely."""
    return [line for line in overrides if override.parse(line).root not in NOT_ASKED]


def protocol(run: Run) -> dict[str, Any]:
    """How precisely a run answers, flattened: the rest of its configuration."""
    return flatten({key: value for key, value in run.config.items() if key in PROTOCOL_KEYS})


def question(run: Run) -> dict[str, Any]:
    """The configuration that makes up a run's question, flattened."""
    config = {key: value for key, value in run.config.items() if key not in NOT_ASKED}
    config = dict.fromkeys(LATER_KEYS) | config
    # What the workload's node repeats would change along with the key that it repeats.
    workload = _own(config.get("workload", {}), config)
    unused = THROUGH_WORKLOAD_KEYS - set(_repeated(config.get("workload", {}), config))
    config = {key: value for key, value in config.items() if key not in unused}
    return {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in flatten({**config, "workload": workload}).items()
        if not (value is None and key.startswith("workload.") and _came_later(key))
    }


def _came_later(key: str) -> bool:
    return key.rpartition(".")[2] in LATER_PARAMETERS


def _own(node: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    """The node without what repeats a key of the configuration, at any depth."""
    found: dict[str, Any] = {}
    for key, value in node.items():
        if _repeats(key, value, config) is not None:
            continue
        kept = _own(value, config) if isinstance(value, Mapping) else value
        if kept != {} or value == {}:
            found[key] = kept
    return found


def _repeated(node: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[str]:
    """Keys of the configuration that the node repeats somewhere."""
    for key, value in node.items():
        if (repeated := _repeats(key, value, config)) is not None:
            yield repeated
        elif isinstance(value, Mapping):
            yield from _repeated(value, config)


def _repeats(key: str, value: Any, config: Mapping[str, Any]) -> str | None:
    """The key of the configuration that this is a reference to; None where it is none.

    A mapping may stand under another name (``model: ${cross_encoder}``).
    """
    if key in config and config[key] == value:
        return key
    if not isinstance(value, Mapping) or not value:
        return None
    return next((name for name, one in config.items() if one == value), None)


def arguments(answers: Iterable[Any]) -> list[str]:
    """Keys of what functions of the user's own are given, among the questions of these answers."""
    keys = (key for answer in answers for key in question(answer.run))
    return [key for key in dict.fromkeys(keys) if key.startswith(ARGUMENTS)]


def without(config: Mapping[str, Any], axes: Collection[str]) -> dict[str, Any]:
    """What is asked apart from these keys and groups."""
    prefixes = tuple(f"{axis}." for axis in axes)
    return {
        key: value
        for key, value in config.items()
        if key not in axes and not key.startswith(prefixes)
    }


def environment(stored: Stored, axes: Collection[str]) -> dict[str, Any]:
    """The hard environment apart from what these keys change."""
    changed = {part for part, keys in CHANGED_BY.items() if set(axes).intersection(keys)}
    if any(axis.startswith("workload.") for axis in axes):
        changed.update(CHANGED_BY_WORKLOAD)
    return {part: value for part, value in stored.hard.items() if part not in changed}


def differing(configs: Iterable[Mapping[str, Any]]) -> list[str]:
    """Keys of which these have several values, but for those that change only along with others.

    What only some options of a group have changes along with the option.
    """
    known = list(configs)
    varying = _varying(known)
    return [
        key
        for key in varying
        if not key.startswith(SAID_OTHERWISE)
        and (f"{key.partition('.')[0]}.name" not in varying or _varies_where_it_is(key, known))
    ]


def _varies_where_it_is(key: str, configs: Sequence[Mapping[str, Any]]) -> bool:
    """Whether it has several values among those that have it."""
    return len({repr(config[key]) for config in configs if key in config}) > 1


def _varying(configs: Iterable[Mapping[str, Any]]) -> list[str]:
    known = list(configs)
    seen: dict[str, set[str]] = {}
    for config in known:
        for key, value in config.items():
            seen.setdefault(key, set()).add(repr(value))
    for key in filter(_came_later, seen):  # which are left out where they are null
        seen[key].update(repr(None) for config in known if key not in config)
    return [key for key, values in seen.items() if len(values) > 1]
