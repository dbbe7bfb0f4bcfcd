"""What a run asks, and on which machine: what must be equal for figures to stand in one series."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from embprof.config.references import flatten
from embprof.config.schema import HOUSEKEEPING_KEYS, PROTOCOL_KEYS
from embprof.model import Run, Stored

BESIDE = frozenset({"measurement", "allocator", "wait_policy"})
"""What may differ between measurements that look at one and the same question."""
SAID_OTHERWISE = ("measurement.", "workload.", "model.architecture.", "model.sha256")
"""Keys that change only along with others."""
CHANGED_BY = {
    "accelerator": ("device",),
    "threads": ("threads", "device"),
    "wait_policy": ("wait_policy",),
    "allocator": ("allocator",),
    "dtype": ("backend", "backend.dtype"),
    "batch_size": ("batch_size",),
    "text_length": ("text_length", "corpus"),
    "weights_sha256": ("model",),
    "tokenizer_sha256": ("model",),
    "corpus_sha256": ("corpus", "text_length", "seed"),
}
"""Parts of the environment that a key of the configuration changes; the rest is the machine's."""


def question(run: Run) -> dict[str, Any]:
    """The configuration that makes up a run's question, flattened."""
    left_out = PROTOCOL_KEYS | HOUSEKEEPING_KEYS
    asked = {key: value for key, value in run.config.items() if key not in left_out}
    # What the workload's node repeats would change along with the key that it repeats.
    workload = {
        key: value
        for key, value in asked.get("workload", {}).items()
        if key not in asked or asked[key] != value
    }
    return {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in flatten({**asked, "workload": workload}).items()
    }


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
    return {
        part: value
        for part, value in stored.hard.items()
        if not set(axes).intersection(CHANGED_BY.get(part, ()))
    }


def differing(configs: Iterable[Mapping[str, Any]]) -> list[str]:
    """Keys of which these have several values, but for those that change only along with others."""
    seen: dict[str, set[str]] = {}
    for config in configs:
        for key, value in config.items():
            seen.setdefault(key, set()).add(repr(value))
    return [
        key
        for key, values in seen.items()
        if len(values) > 1 and not key.startswith(SAID_OTHERWISE)
    ]
