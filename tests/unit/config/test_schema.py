"""The one schema: types, ranges and unknown keys, each told in the user's words."""

import copy
from typing import Any

import pytest

from embprof.config.checks import combination_problems, schema_problems
from embprof.config.key_roles import HOUSEKEEPING_KEYS, PROTOCOL_KEYS
from embprof.config.schema import MAX_BATCH_SIZE, MAX_TEXT_LENGTH, Scenario
from embprof.config.times import max_seconds
from embprof.interface.complaints import shown

Defaults = dict[str, Any]


def changed(defaults: Defaults, key: str, value: object) -> Defaults:
    config = copy.deepcopy(defaults)
    *parents, last = key.split(".")
    node = config
    for part in parents:
        node = node[part]
    node[last] = value
    return config


def problems(defaults: Defaults, key: str, value: object) -> list[str]:
    return list(schema_problems(changed(defaults, key, value)))


def test_the_defaults_are_valid(resolved_defaults: Defaults) -> None:
    assert list(schema_problems(resolved_defaults)) == []
    assert list(combination_problems(resolved_defaults)) == []


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("batch_size", (1, MAX_BATCH_SIZE)),
        ("text_length", (1, MAX_TEXT_LENGTH, "own", "lognormal:128:0.5", "lognormal:1:3")),
        ("texts_per_call", (None, 1, 10_000_000)),
        ("truncation", (None, 3, 1_000_000)),
        ("threads", (None, 1, 4096)),
        ("seed", (0, 2**32 - 1)),
        ("restarts", (1, 1000)),
        ("iterations", (None, 1, 10_000_000)),
        ("precision", (0.001, 0.99)),
        ("max_seconds", (None, 0.1, 86_400, 3)),
        ("slice_seconds", (0.01, 60)),
        ("time_limit", (0.1, 604_800)),
        ("memory_limit_mb", (None, 0.5, 64_000)),
        ("warmup.iterations", (0, 100_000)),
        ("warmup.seconds", (0, 3600)),
        ("warmup.max_seconds", (0.1, 3600)),
        ("device", ("cpu", "mps", "cuda", "cuda:0", "cuda:12")),
        ("wait_policy", ("passive", "active", "default")),
        ("allocator", ("retain", "default")),
        ("isolation", ("auto", "fork", "fresh")),
        ("backend.dtype", ("float32", "bfloat16", "float16")),
        ("model.weights", ("pretrained", "random")),
        ("model.sha256", (None, "0" * 64)),
        ("model.architecture", (None,)),
        ("question", (None, "How fast?")),
        ("resume", (None, "last")),
        ("baseline", (None, "release-2")),
        ("verdict.theta", (0, 0.99)),
        ("verdict.delta", (0.001, 0.99)),
        ("verdict.alpha", (0.0001, 0.2)),
        ("against.baseline", (None, "main")),
        ("against.a", (None, "threads=1 batch_size=8")),
        ("against.b_ref", (None, "HEAD~1")),
        ("against.a_python", (None, "../venv")),
        ("against.max_seconds", (None, 0.1, 86_400)),
        ("against.pairs", (8, 1000)),
    ],
)
def test_every_value_up_to_its_bounds_is_taken(
    resolved_defaults: Defaults, key: str, values: tuple[object, ...]
) -> None:
    assert [p for value in values for p in problems(resolved_defaults, key, value)] == []


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("batch_size", 0, "batch_size=0: must be at least 1"),
        (
            "batch_size",
            MAX_BATCH_SIZE + 1,
            f"batch_size={MAX_BATCH_SIZE + 1}: must be at most {MAX_BATCH_SIZE}",
        ),
        ("texts_per_call", 0, "texts_per_call=0: must be at least 1"),
        ("texts_per_call", 10_000_001, "texts_per_call=10000001: must be at most 10000000"),
        ("truncation", 2, "truncation=2: must be at least 3"),
        ("truncation", 1_000_001, "truncation=1000001: must be at most 1000000"),
        ("threads", 0, "threads=0: must be at least 1"),
        ("threads", 4097, "threads=4097: must be at most 4096"),
        ("seed", -1, "seed=-1: must be at least 0"),
        ("seed", 2**32, f"seed={2**32}: must be less than {2**32}"),
        ("restarts", 0, "restarts=0: must be at least 1"),
        ("restarts", 1001, "restarts=1001: must be at most 1000"),
        ("iterations", 0, "iterations=0: must be at least 1"),
        ("iterations", 10_000_001, "iterations=10000001: must be at most 10000000"),
        ("precision", 0, "precision=0: must be more than 0"),
        ("precision", 1, "precision=1: must be less than 1"),
        ("max_seconds", 0, "max_seconds=0: must be more than 0"),
        ("max_seconds", 86_401, "max_seconds=86401: must be at most 86400"),
        ("slice_seconds", 0.001, "slice_seconds=0.001: must be at least 0.01"),
        ("slice_seconds", 61, "slice_seconds=61: must be at most 60"),
        ("time_limit", 0, "time_limit=0: must be more than 0"),
        ("time_limit", 604_801, "time_limit=604801: must be at most 604800"),
        ("memory_limit_mb", 0, "memory_limit_mb=0: must be more than 0"),
        ("warmup.iterations", -1, "warmup.iterations=-1: must be at least 0"),
        ("warmup.iterations", 100_001, "warmup.iterations=100001: must be at most 100000"),
        ("warmup.seconds", -0.1, "warmup.seconds=-0.1: must be at least 0"),
        ("warmup.seconds", 3601, "warmup.seconds=3601: must be at most 3600"),
        ("warmup.max_seconds", 0, "warmup.max_seconds=0: must be more than 0"),
        ("warmup.max_seconds", 3601, "warmup.max_seconds=3601: must be at most 3600"),
        ("device", "gpu", "device=gpu: must be cpu, cuda, cuda:N or mps"),
        ("device", "cuda:", "device=cuda:: must be cpu, cuda, cuda:N or mps"),
        ("device", "cuda:x", "device=cuda:x: must be cpu, cuda, cuda:N or mps"),
        (
            "wait_policy",
            "spin",
            "wait_policy=spin: must be one of 'passive', 'active' or 'default'",
        ),
        ("allocator", "jemalloc", "allocator=jemalloc: must be one of 'retain' or 'default'"),
        ("verdict.theta", -0.1, "verdict.theta=-0.1: must be at least 0"),
        ("verdict.theta", 1, "verdict.theta=1: must be less than 1"),
        ("verdict.delta", 0, "verdict.delta=0: must be more than 0"),
        ("verdict.delta", 3, "verdict.delta=3: must be less than 1"),
        ("verdict.alpha", 0, "verdict.alpha=0: must be more than 0"),
        ("verdict.alpha", 0.3, "verdict.alpha=0.3: must be at most 0.2"),
        ("against.max_seconds", 0, "against.max_seconds=0: must be more than 0"),
        ("against.max_seconds", 86_401, "against.max_seconds=86401: must be at most 86400"),
        ("against.pairs", 7, "against.pairs=7: must be at least 8"),
        ("against.pairs", 1001, "against.pairs=1001: must be at most 1000"),
        ("isolation", "none", "isolation=none: must be one of 'auto', 'fork' or 'fresh'"),
        ("model.sha256", "abc", "model.sha256=abc: must match ^[0-9a-f]{64}$"),
        ("model.name", "", "model.name=: must not be empty"),
        ("tracking.experiment", "", "tracking.experiment=: must not be empty"),
        ("model.architecture.max_tokens", 2, "model.architecture.max_tokens=2: must be at least 3"),
    ],
)
def test_a_value_out_of_range_is_told_with_its_key_and_what_is_allowed(
    resolved_defaults: Defaults, key: str, value: object, said: str
) -> None:
    assert problems(resolved_defaults, key, value) == [said]


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("batch_size", "eight", "batch_size=eight: must be a whole number"),
        ("batch_size", "8", "batch_size=8: must be a whole number"),
        ("batch_size", 8.5, "batch_size=8.5: must be a whole number"),
        ("batch_size", None, "batch_size=null: must be a whole number"),
        ("iterations", 1.5, "iterations=1.5: must be a whole number"),
        ("normalize", "yes", "normalize=yes: must be true or false"),
        ("normalize", 1, "normalize=1: must be true or false"),
        ("strict", 0, "strict=0: must be true or false"),
        ("question", 7, "question=7: must be text"),
        ("baseline", 7, "baseline=7: must be text"),
        ("against.a", 7, "against.a=7: must be text"),
        ("against", "main", "against=main: must be a mapping"),
        ("against.pairs", 24.5, "against.pairs=24.5: must be a whole number"),
        ("resume", 7, "resume=7: must be text"),
        ("model.name", 7, "model.name=7: must be text"),
        ("precision", "fine", "precision=fine: must be a number"),
        ("precision", None, "precision=null: must be a number"),
        ("warmup", 5, "warmup=5: must be a mapping"),
        ("corpus", {"unit": "tokens"}, "corpus._target_: must be given"),
    ],
)
def test_a_value_of_the_wrong_type_is_told_with_the_type_it_must_have(
    resolved_defaults: Defaults, key: str, value: object, said: str
) -> None:
    assert problems(resolved_defaults, key, value) == [said]


@pytest.mark.parametrize(
    "key",
    [
        *("batch_size", "text_length", "texts_per_call", "truncation", "threads", "seed"),
        *("restarts", "iterations", "warmup.iterations", "model.architecture.hidden_size"),
    ],
)
def test_a_boolean_is_not_a_whole_number(resolved_defaults: Defaults, key: str) -> None:
    assert len(problems(resolved_defaults, key, True)) == 1


@pytest.mark.parametrize(
    "key",
    [
        *("precision", "max_seconds", "slice_seconds", "time_limit", "memory_limit_mb"),
        *("warmup.seconds", "warmup.max_seconds", "verdict.delta", "against.max_seconds"),
    ],
)
@pytest.mark.parametrize("value", [True, "0.5"])
def test_a_boolean_or_a_text_is_not_a_number(
    resolved_defaults: Defaults, key: str, value: object
) -> None:
    assert problems(resolved_defaults, key, value) == [f"{key}={shown(value)}: must be a number"]


@pytest.mark.parametrize(
    "key", ["precision", "max_seconds", "slice_seconds", "time_limit", "memory_limit_mb"]
)
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_must_be_finite(resolved_defaults: Defaults, key: str, value: float) -> None:
    assert len(problems(resolved_defaults, key, value)) == 1


@pytest.mark.parametrize("value", [0, MAX_TEXT_LENGTH + 1, "long", "lognormal:128", 1.5, True])
def test_a_wrong_text_length_is_told_once(resolved_defaults: Defaults, value: object) -> None:
    (said,) = problems(resolved_defaults, "text_length", value)
    assert said.startswith(f"text_length={shown(value)}: must be ")


@pytest.mark.parametrize(
    "value", ["lognormal:0:0.5", "lognormal:128:0", "lognormal:128:3.1", "lognormal:a:b"]
)
def test_a_lognormal_length_needs_a_median_and_a_sigma_in_range(
    resolved_defaults: Defaults, value: str
) -> None:
    (said,) = problems(resolved_defaults, "text_length", value)
    assert "lognormal:MEDIAN:SIGMA" in said


@pytest.mark.parametrize(
    ("key", "right"),
    [
        ("bach_size", "batch_size"),
        ("warmup.iteration", "warmup.iterations"),
        ("verdict.thetta", "verdict.theta"),
        ("against.b_pyton", "against.b_python"),
        ("model.weight", "model.weights"),
        ("model.architecture.hiden_size", "model.architecture.hidden_size"),
    ],
)
def test_a_typo_in_a_key_names_the_nearest_right_one(
    resolved_defaults: Defaults, key: str, right: str
) -> None:
    assert problems(resolved_defaults, key, 1) == [
        f"{key}: there is no key {key}, did you mean {right}?"
    ]


def test_a_key_like_no_other_is_told_without_a_guess(resolved_defaults: Defaults) -> None:
    assert problems(resolved_defaults, "zzz", 1) == ["zzz: there is no key zzz"]


def test_a_key_that_is_not_there_must_be_given(resolved_defaults: Defaults) -> None:
    without = {key: value for key, value in resolved_defaults.items() if key != "seed"}
    assert list(schema_problems(without)) == ["seed: must be given"]


def test_every_problem_of_a_configuration_is_told_at_once(resolved_defaults: Defaults) -> None:
    wrong = {**resolved_defaults, "batch_size": 0, "device": "gpu", "normalize": "x", "sead": 1}
    told = {line.partition("=")[0].partition(":")[0] for line in schema_problems(wrong)}
    assert told == {"batch_size", "device", "normalize", "sead"}


@pytest.mark.parametrize("target", ["", "Synthetic", "a b.C", "embprof..Synthetic", "1a.B"])
def test_an_import_path_must_look_like_one(resolved_defaults: Defaults, target: str) -> None:
    (said,) = problems(resolved_defaults, "corpus", {"_target_": target})
    assert said.startswith("corpus._target_=")


def test_a_plug_in_takes_parameters_that_the_schema_does_not_know(
    resolved_defaults: Defaults,
) -> None:
    workload = {"_target_": "mine.Workload", "anything": [1, 2]}
    assert problems(resolved_defaults, "workload", workload) == []


def test_protocol_and_housekeeping_are_keys_of_the_schema_and_apart() -> None:
    assert set(Scenario.model_fields) >= PROTOCOL_KEYS | HOUSEKEEPING_KEYS
    assert not PROTOCOL_KEYS & HOUSEKEEPING_KEYS


def test_every_key_is_described() -> None:
    assert [name for name, field in Scenario.model_fields.items() if not field.description] == []


@pytest.mark.parametrize(
    ("asked", "iterations", "seconds"),
    [(None, None, 20.0), (None, 5, float("inf")), (3, None, 3.0), (3, 5, 3.0)],
)
def test_measuring_is_bounded_unless_a_number_of_iterations_bounds_it(
    asked: float | None, iterations: int | None, seconds: float
) -> None:
    config: dict[str, Any] = {"max_seconds": asked, "iterations": iterations, "measurement": {}}
    assert max_seconds(config) == seconds
    config["measurement"] = {"duration": "1min"}
    assert max_seconds(config) == 60.0


@pytest.mark.parametrize(
    ("key", "value", "hint"),
    [
        ("max_seconds", [1, 2], "must be a number; several values are a sweep"),
        ("batch_size", "8,16", "must be a whole number; several values are a sweep"),
        ("model", "minilm", "choose it in the scenario's defaults: - override /model: minilm"),
    ],
)
def test_what_a_scenario_must_write_elsewhere_is_told(
    resolved_defaults: Defaults, key: str, value: object, hint: str
) -> None:
    (said,) = problems(resolved_defaults, key, value)
    assert hint in said
