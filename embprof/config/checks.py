"""What the schema alone cannot see: values that do not go together, and those of no use.

Each check takes a resolved configuration and yields problems in the user's words.
"""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import ValidationError

from embprof.config import options, override, times
from embprof.config.compose_problems import PACKAGE_LINE
from embprof.config.composition import ComposedJob
from embprof.config.folders import shipped
from embprof.config.hints import did_you_mean
from embprof.config.references import flatten
from embprof.config.schema import LOGNORMAL, Scenario, validate
from embprof.config.times import max_seconds
from embprof.interface.complaints import complaint, shown

INPUT_KEYS = frozenset(
    {
        "batch_size",
        "text_length",
        "texts_per_call",
        "normalize",
        "truncation",
        "model",
        "cross_encoder",
        "corpus",
        "backend",
        "database",
    }
)
"""Keys that reach a measurement only through the workload's YAML."""
HEEDED = {
    "prompt": "puts no prompt before texts: what it asks or runs has its own, if any",
    "truncate_dim": "has no vectors of its own that could be cut",
}
"""Keys that are refused where they reach nothing, and why."""
MIN_TOKENS = 3
"""Two special tokens of BERT-like models and one of text."""


def unused(composed: ComposedJob) -> Iterator[str]:
    """Notes on values given for this job that its workload and measurement do not refer to."""
    used = json.dumps([composed.config["workload"], composed.config["measurement"]])
    target = composed.config["workload"]["_target_"].rpartition(".")[2]
    for key in [override.parse(line).root for line in composed.overrides]:
        if key in INPUT_KEYS and f"${{{key}" not in used:
            yield f"note: {key} changes nothing here, the workload {target} does not use it"


def unheeded(composed: ComposedJob) -> Iterator[str]:
    """Values that would be taken for the cause of figures, and that the workload does not heed."""
    config = composed.config
    given = {key: value for key in HEEDED if (value := config.get(key)) is not None}
    if not given:
        return
    used = json.dumps(config["workload"])
    target = str(config["workload"].get("_target_"))
    name = options.name_of("workload", target) or target
    for key, value in given.items():
        if f"${{{key}}}" not in used:
            yield f"{key}={shown(value)}: workload={name} {HEEDED[key]}; leave {key} out"


def schema_problems(config: dict[str, Any]) -> Iterator[str]:
    """Types, ranges and unknown keys, as the schema has them."""
    try:
        validate(config)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            yield _in_words(detail, config)


def combination_problems(config: Mapping[str, Any]) -> Iterator[str]:
    """Values that are fine alone and make no sense together."""
    text_length, corpus = config["text_length"], config["corpus"]
    is_synthetic = corpus["_target_"].endswith(".Synthetic")
    if text_length == "own" and is_synthetic:
        yield "text_length=own: synthetic text has no length of its own; give a number"
    unit = corpus.get("unit", "characters")
    if unit not in ("characters", "tokens"):
        yield f"corpus.unit={unit}: must be characters or tokens"
    shortest = text_length
    if isinstance(text_length, str) and (lognormal := LOGNORMAL.fullmatch(text_length)):
        shortest = int(lognormal["median"])
    if unit == "tokens" and isinstance(shortest, int) and shortest < MIN_TOKENS:
        yield (
            f"text_length={text_length}: must be at least {MIN_TOKENS} with corpus.unit=tokens "
            "(special tokens count)"
        )


def bounds_problems(bounds: Mapping[str, float]) -> Iterator[str]:
    """Bounds of a verdict that leave no room between what counts and what passes."""
    if bounds["delta"] < bounds["theta"]:
        yield (
            f"verdict.delta={bounds['delta']:g} (--bound): what passes for the same cannot end "
            f"below verdict.theta={bounds['theta']:g}, from which on a change counts"
        )


def time_problems(config: Mapping[str, Any]) -> Iterator[str]:
    """A protocol that its own time limit would cut off."""
    try:
        duration = times.duration(config)
    except ValueError as error:
        yield f"measurement.duration={config['measurement']['duration']}: {error}"
        return
    measuring = max_seconds(config) if duration is None else 0.0
    longest = measuring + config["warmup"]["max_seconds"]
    if math.isfinite(longest) and longest >= config["time_limit"]:
        yield (
            f"time_limit={config['time_limit']:g}: must be more than max_seconds and "
            f"warmup.max_seconds together ({longest:g} s)"
        )


def _in_words(detail: Any, config: dict[str, Any]) -> str:
    """A pydantic error as ``key=value: what is allowed``."""
    place = [str(part) for part in detail["loc"] if not str(part).startswith(("function-", "lax"))]
    known = flatten(config)
    # Unions add the name of the member to the place; the key itself is the longest known prefix.
    while len(place) > 1 and ".".join(place) not in known and detail["type"] != "missing":
        if detail["type"] == "extra_forbidden":
            break
        place.pop()
    key = ".".join(place)
    kind = detail["type"]
    if kind == "extra_forbidden":
        prefix = key.removesuffix(place[-1])
        hint = did_you_mean(place[-1], _known_keys(place[:-1]), prefix)
        if key == "experiment":
            hint = f"; {PACKAGE_LINE}"
        return f"{key}: there is no key {key}{hint}"
    if kind == "missing":
        return f"{key}: must be given"
    problem = complaint(detail)
    given = detail["input"]
    is_group = (shipped("conf") / key).is_dir()
    if kind == "model_type" and is_group and isinstance(given, str):
        problem = f"choose it in the scenario's defaults: - override /{key}: {given}"
    elif isinstance(given, list) or (isinstance(given, str) and "," in given):
        problem += "; several values are a sweep: a,b with -m, or under hydra.sweeper.params"
    return f"{key}={shown(given)}: {problem}"


def _known_keys(place: list[str]) -> list[str]:
    model: Any = Scenario
    for part in place:
        annotation = model.model_fields[part].annotation
        # An optional node is a union; the node is its only member with fields of its own.
        members = (annotation, *get_args(annotation))
        model = next(member for member in members if hasattr(member, "model_fields"))
    return list(model.model_fields)
