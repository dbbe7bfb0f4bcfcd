"""What a configuration is about, in words."""

import shlex
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from embprof.config import subject
from embprof.config.compose import compose
from embprof.config.references import resolve

Configured = Callable[..., dict[str, Any]]
SEARCH = "experiment=heavy_search"
KEYS = ("batch_size", "text_length")


@pytest.fixture(scope="module")
def configured() -> Configured:
    def make(*overrides: str) -> dict[str, Any]:
        composition = compose(list(overrides))
        assert composition.problems == []
        return resolve(composition.jobs[0].config)

    return make


def again(config: dict[str, Any]) -> Sequence[str]:
    words = [f"{key}={value}" for key, value in subject.overrides(config)]
    return shlex.split(shlex.join(words))


def test_an_embedding_is_told_by_its_model_and_its_sizes(configured: Configured) -> None:
    config = configured()
    assert subject.label(config) == "sentence-transformers/all-MiniLM-L6-v2"
    assert subject.setting(config, *KEYS) == "batch 32, length 128"
    assert subject.setting(config, "batch_size") == "batch 32"
    assert subject.used(config, "batch_size") == 32
    assert list(subject.overrides(config)) == []


def test_a_function_is_told_as_it_is_called(configured: Configured) -> None:
    config = configured(SEARCH)
    assert subject.label(config) == "embprof.examples.heavy_search:HeavySearch"
    called = subject.setting(config, *KEYS)
    assert called.startswith("HeavySearch(vectors=1000")
    assert called.endswith("method=differences)")
    assert subject.models(config) == []
    assert subject.used(config, "batch_size") is None


def test_many_arguments_are_cut_short(configured: Configured) -> None:
    config = configured(SEARCH, f"workload.arguments.method={'x' * 200}")
    assert len(subject.setting(config)) <= 80


def test_a_workload_of_the_users_own_is_told_by_its_class(configured: Configured) -> None:
    config = configured("workload._target_=mine.Service")
    assert subject.setting(config, *KEYS) == "Service"
    assert subject.option(config) is None
    assert list(subject.overrides(config)) == []


def test_a_configuration_without_a_workload_says_what_it_has() -> None:
    assert subject.setting({"batch_size": 8}, "batch_size") == "batch 8"
    assert subject.used({"batch_size": 8}, "batch_size") == 8
    assert subject.label({"model": {"name": "a/b"}}) == "a/b"


@pytest.mark.parametrize(
    "arguments",
    [
        "{limit: 3, deep: {a: [1, 2.5, null, true], b: {}}}",
        "{text: 'a, b: {c}', number: '17', word: 'null', empty: '', quote: 'it\\'s'}",
        "{path: /tmp/some.file, ref: 'a=b'}",
    ],
)
def test_words_that_ask_again_ask_for_the_same(configured: Configured, arguments: str) -> None:
    config = configured(
        "workload=callable",
        "workload.function=a.b:f",
        f"workload.arguments={arguments}",
        "workload.inputs.values=[x,{y: 1}]",
        "workload.batch=4",
    )
    assert configured(*again(config))["workload"] == config["workload"]


def test_values_that_follow_another_key_are_asked_for_there(configured: Configured) -> None:
    config = configured("workload=callable", "workload.function=a.b:f", "text_length=77")
    assert again(config) == ["workload=callable", "workload.function=a.b:f"]
