"""What must be equal for two figures to be compared, and what should be known beside it.

Hard parts decide the hash ``embprof.environment``: figures with different hashes are
*incomparable*. Soft parts are stored and shown. Versions are read from package metadata, so nothing
heavy is imported.
"""

import functools
import hashlib
import json
import platform
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from embprof.machine import git, resources
from embprof.machine.process_facts import installed_version

PACKAGES = (
    *("embprof", "torch", "sentence-transformers", "transformers", "tokenizers"),
    *("numpy", "hydra-core", "mlflow"),
)

MODEL_FILES = "model_files"
"""The hard part that holds the hash of each file which models are read from, beside the weights."""


def hard(*, device: str, **setting: str | int | None) -> dict[str, Any]:
    """The parts of the environment that figures depend on; JSON-ready.

    ``setting`` is what a job sets: threads, types, sizes, and the hashes of all that is read.
    """
    return {
        "system": platform.system(),
        "architecture": platform.machine(),
        "cpu_model": resources.cpu_model(),
        "cpu_flags_sha256": resources.cpu_flags_sha256(),
        "cpus": len(resources.affinity() or ()) or None,
        "cgroup_cpu_quota": resources.cgroup_cpu_quota(),
        "accelerator": resources.accelerator(device),
        **setting,
    }


def model_files(
    models: Iterable[tuple[Sequence[str], Mapping[str, str]]],
) -> dict[str, str]:
    """The hash of each file of each model; JSON-ready.

    ``models``: the place of each in its workload, its own key last, and name and hash of its files.
    """
    return {
        "/".join((*place[:-1], name)): sha256
        for place, files in models
        for name, sha256 in files.items()
    }


@functools.cache
def _soft() -> dict[str, Any]:
    import psutil

    return {
        "hostname": platform.node(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "executable": sys.executable,
        "governor": resources.governor(),
        "memory_mb": round(psutil.virtual_memory().total / 1e6),
        "packages": {name: installed_version(name) for name in PACKAGES},
        **git.state(),
    }


def soft() -> dict[str, Any]:
    """The parts that are shown beside a figure; JSON-ready."""
    return dict(_soft())


def digest(content: Mapping[str, Any]) -> str:
    """Twelve hex digits that are equal when the content is."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]
