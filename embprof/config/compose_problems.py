"""Problems of composing, in the words of whoever typed the request."""

from collections.abc import Sequence

from hydra.core.override_parser.types import Override
from yaml import YAMLError

from embprof.config.hints import did_you_mean

PLUGINS = frozenset({"workload", "measurement", "corpus"})
"""Groups whose keys are parameters of some class; of the other nodes the schema knows all keys."""
PACKAGE_LINE = "a scenario's first line must be: # @package _global_"


def unknown_key(override: Override, known: Sequence[str]) -> str:
    """A key that the configuration does not have, with the one that was probably meant."""
    key = override.key_or_group
    line, hint = str(override.input_line), did_you_mean(key, list(dict.fromkeys(known)))
    if not hint and key.partition(".")[0] in PLUGINS:
        hint = f"; a parameter that its YAML leaves out is added with +{line}"
    return f"{line}: there is no key {key}{hint}"


def in_a_line(error: Exception) -> str:
    """The message in one line, causes included; Hydra's without the search path it appends."""
    if isinstance(error, YAMLError):
        return f"not valid YAML: {' '.join(str(error).split())}"
    if "@experiment." in str(error):
        return f"{str(error).splitlines()[0]} ({PACKAGE_LINE})"
    cause = f" ({str(error.__cause__).splitlines()[0]})" if error.__cause__ else ""
    lines = [line for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__) + cause
