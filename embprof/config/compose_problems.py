"""Problems of composing, in the words of whoever typed the request."""

import shlex
from collections.abc import Sequence

from hydra.core.override_parser.types import Override
from yaml import YAMLError

from embprof.config import quoting
from embprof.config.key_hints import key_hint

PLUGINS = frozenset({"workload", "measurement", "corpus"})
"""Groups whose keys are parameters of some class; of the other nodes the schema knows all keys."""
OURS = ("hydra.run.dir", "hydra.sweep.dir", "hydra.sweep.subdir", "hydra.output_subdir")
"""Hydra's settings of where output lies: decided here, so that a run is found again."""
REFUSED = {
    "launcher": "embprof starts its own workers, one job at a time, since jobs that run side by "
    "side slow each other; only the basic launcher does that",
    "sweeper": "embprof checks every job before the first one runs, so all values must be known: "
    "a,b or range(1,9), or hydra.sweeper.params in a scenario; only the basic sweeper does that",
}
"""Why other plug-ins of Hydra's than the basic ones are not taken."""
PACKAGE_LINE = "a scenario's first line must be: # @package _global_"


def unreadable(line: str, better: str | None) -> str:
    """An override that Hydra cannot read, with the one that was meant where that is known."""
    if better is None:
        return f"{line}: cannot be read; overrides look like key=value or key=a,b"
    return f"{line}: needs quotes: {shlex.quote(better)}"


def several_values(line: str) -> str:
    """Several values where one is wanted, which may be the name of one file."""
    problem = f"{line}: several values are a sweep: add -m"
    if not quoting.may_be_a_file(line):
        return problem
    return f"{problem}, or {shlex.quote(quoting.one_value(line))} for one value"


def objection(override: Override) -> str | None:
    """Why an override is not taken; None where it is."""
    key = override.key_or_group
    if override.is_add() and key == "experiment":
        return f"write experiment={override.value()} (without the +)"
    if key in OURS:
        return "runs lie below ./mlruns, in folders that embprof names"
    for kind, why in REFUSED.items():
        is_other = key == f"hydra/{kind}" and override.value() != "basic"
        if is_other or key == f"hydra.{kind}._target_":
            return why
    if override.is_hydra_override() and override.is_sweep_override():
        return "Hydra's own settings hold for every job; give one value"
    return None


def unknown_key(override: Override, known: Sequence[str]) -> str:
    """A key that the configuration does not have, with the one that was probably meant."""
    key = override.key_or_group
    line = str(override.input_line)
    hint = key_hint(line, key, known)
    parent, is_nested = f"{key.rpartition('.')[0]}.", key.count(".") > 1
    is_in_nothing = is_nested and not any(one.startswith(parent) for one in known)
    if (not hint or is_in_nothing) and key.partition(".")[0] in PLUGINS:
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
