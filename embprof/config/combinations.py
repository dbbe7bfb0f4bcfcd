"""The points of a sweep: every combination of the values that its keys were given."""

import itertools
from collections.abc import Iterable

from hydra.core.override_parser.types import Override
from hydra.errors import HydraException


def combinations(overrides: Iterable[Override]) -> list[tuple[str, ...]]:
    """Every combination of values, in the order of Hydra's sweeper: the last key changes fastest.

    Of a key that is given twice the last counts. Raises HydraException for values that cannot be
    listed.
    """
    lines: dict[str, list[str]] = {}
    for override in overrides:
        key = override.get_key_element()
        if override.is_interval_sweep():
            line = override.input_line
            raise HydraException(f"{line}: an interval lists no values; write a,b or range(a,b)")
        values: Iterable[str]
        if override.is_sweep_override():
            values = override.sweep_string_iterator()
        else:
            values = [override.get_value_element_as_str()]
        lines[key] = [f"{key}={value}" for value in values]
    return list(itertools.product(*lines.values()))
