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
from collections.abc import Mapping
from typing import Any

from embprof.machine import git, resources
from embprof.machine.process_facts import version_of

PACKAGES = (
    "embprof",
    "torch",
    "sentence-transformers",
    "transformers",
    "tokenizers",
    "numpy",
    "hydra-core",
    "mlflow",
)


def hard(
    *,
    device: str,
    threads: int,
    wait_policy: str,
    allocator: str,
    dtype: str,
    batch_size: int,
    text_length: int | str,
    weights_sha256: str | None,
    tokenizer_sha256: str | None,
    corpus_sha256: str,
) -> dict[str, Any]:
    """The parts of the environment that figures depend on; JSON-ready."""
    return {
        "system": platform.system(),
        "architecture": platform.machine(),
        "cpu_model": resources.cpu_model(),
        "cpu_flags_sha256": resources.cpu_flags_sha256(),
        "cpus": len(resources.affinity() or ()) or None,
        "cgroup_cpu_quota": resources.cgroup_cpu_quota(),
        "accelerator": resources.accelerator(device),
        "threads": threads,
        "wait_policy": wait_policy,
        "allocator": allocator,
        "dtype": dtype,
        "batch_size": batch_size,
        "text_length": text_length,
        "weights_sha256": weights_sha256,
        "tokenizer_sha256": tokenizer_sha256,
        "corpus_sha256": corpus_sha256,
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
        "packages": {name: version_of(name) for name in PACKAGES},
        **git.state(),
    }


def soft() -> dict[str, Any]:
    """The parts that are shown beside a figure; JSON-ready."""
    return dict(_soft())


def digest(parts: Mapping[str, Any]) -> str:
    """Twelve hex digits that are equal when all parts are."""
    canonical = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]
