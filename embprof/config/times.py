"""How long a job measures and may take: what several keys of a configuration say together."""

import math
from collections.abc import Mapping
from typing import Any

from embprof.units import seconds

DEFAULT_MAX_SECONDS = 20.0


def duration(config: Mapping[str, Any]) -> float | None:
    """Seconds for which the measurement wants to go on, however precise it is by then.

    None where it has no ``duration``. Raises ValueError where that is no time.
    """
    wanted = config["measurement"].get("duration")
    return None if wanted is None else seconds(wanted)


def max_seconds(config: Mapping[str, Any]) -> float:
    """Seconds of measuring at most; infinite where a number of iterations was asked for."""
    if (whole := duration(config)) is not None:
        return whole
    wanted = config["max_seconds"]
    if wanted is not None:
        return float(wanted)
    return DEFAULT_MAX_SECONDS if config["iterations"] is None else math.inf


def more_seconds(config: Mapping[str, Any]) -> float:
    """Seconds of measuring up to which iterations may be added for a figure that is wanted.

    None are added where each restart is to make twice the calls of the one before.
    """
    wanted = config["max_seconds"]
    if config["doubling"]:
        return 0.0
    return DEFAULT_MAX_SECONDS if wanted is None else float(wanted)


def time_limit(config: Mapping[str, Any]) -> float:
    """Seconds a job may take: what was asked, and what its measurement goes on for beside that."""
    return float(config["time_limit"]) + (duration(config) or 0.0)
