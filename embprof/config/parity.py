"""Which jobs' answers are compared with the reference, and what may be lost."""

from collections.abc import Mapping
from typing import Any

from embprof.backends.finding import KEY, is_reference
from embprof.config import plugins
from embprof.models import fitness

MINIMA = ("min_nearest_kept", "min_top10_kept")
"""Keys that say how much must be kept, as shares; the figures are percent."""


def is_compared(config: Mapping[str, Any]) -> bool:
    """Whether a job embeds on a backend, in a type or in fewer numbers, so that answers change."""
    workload = config["workload"]
    backend = workload.get(KEY)
    if not isinstance(backend, Mapping) or not (config.get("parity") or {}).get("texts"):
        return False
    is_whole = workload.get("truncate_dim") is None
    if is_whole and is_reference(backend.get("name"), backend.get("dtype")):
        return False
    return plugins.task(workload, (KEY,)) == fitness.EMBED


def minima(config: Mapping[str, Any]) -> dict[str, float]:
    """The figures that such a job is held to, and the least of each."""
    if not is_compared(config):
        return {}
    wanted = {key: config["parity"].get(key) for key in MINIMA}
    return {
        f"{key.removeprefix('min_')}_percent": 100 * float(share)
        for key, share in wanted.items()
        if share is not None
    }
