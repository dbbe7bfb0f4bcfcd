"""References between keys: looked up here where plain, by OmegaConf where rich."""

from typing import Any

import pytest
from omegaconf import OmegaConf

from embprof.config.references import UnresolvedError, flatten, missing, resolve


def by_omegaconf(config: dict[str, Any]) -> Any:
    return OmegaConf.to_container(OmegaConf.create(config), resolve=True)


def test_a_reference_is_replaced_by_its_value_with_the_type_kept() -> None:
    assert resolve({"size": 8, "workload": {"size": "${size}"}}) == {
        "size": 8,
        "workload": {"size": 8},
    }


def test_a_reference_may_name_a_whole_mapping() -> None:
    config = {"model": {"name": "m", "layers": [1, 2]}, "workload": {"model": "${model}"}}
    assert resolve(config)["workload"]["model"] == {"name": "m", "layers": [1, 2]}


def test_a_reference_may_lead_to_another_reference() -> None:
    assert resolve({"a": "${b}", "b": "${c.d}", "c": {"d": "end"}})["a"] == "end"


def test_references_inside_lists_are_replaced() -> None:
    assert resolve({"a": 1, "list": ["${a}", {"b": "${a}"}]})["list"] == [1, {"b": 1}]


def test_resolving_leaves_its_argument_as_it_was() -> None:
    config = {"a": 1, "b": {"c": "${a}"}}
    resolve(config)
    assert config == {"a": 1, "b": {"c": "${a}"}}


@pytest.mark.parametrize(
    "config",
    [
        {"a": "${a}"},
        {"a": "${b}", "b": "${a}"},
        {"a": {"b": "${a}"}},
    ],
)
def test_a_circle_of_references_is_an_error(config: dict[str, Any]) -> None:
    with pytest.raises(UnresolvedError, match="refers to itself"):
        resolve(config)


@pytest.mark.parametrize("reference", ["${nowhere}", "${a.b}", "${model.nowhere}"])
def test_a_reference_that_leads_nowhere_is_an_error_that_names_it(reference: str) -> None:
    with pytest.raises(UnresolvedError) as caught:
        resolve({"a": 1, "model": {"name": "m"}, "x": reference})
    assert reference in str(caught.value)


@pytest.mark.parametrize(
    "rich",
    [
        "${a} and ${b.c}",
        "length ${a}",
        "${oc.select:b.c}",
        "${oc.select:nowhere,7}",
        "${b.list[1]}",
        "\\${a}",
    ],
)
def test_what_is_richer_than_a_plain_reference_resolves_as_omegaconf_has_it(rich: str) -> None:
    config = {"a": 5, "b": {"c": "x", "list": [1, 2]}, "plain": "${a}", "rich": rich}
    assert resolve(config) == by_omegaconf(config)


def test_a_rich_reference_to_an_environment_variable_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EMBPROF_TEST_PATH", "/data/texts.txt")
    assert resolve({"path": "${oc.env:EMBPROF_TEST_PATH}"}) == {"path": "/data/texts.txt"}


def test_a_rich_reference_that_cannot_be_resolved_is_an_error_of_one_line() -> None:
    with pytest.raises(UnresolvedError) as caught:
        resolve({"a": "length ${nowhere}"})
    assert "nowhere" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_plain_references_resolve_as_omegaconf_has_them() -> None:
    config = {
        "text_length": "own",
        "seed": 0,
        "corpus": {"unit": "tokens", "seed": "${seed}"},
        "workload": {"corpus": "${corpus}", "length": "${text_length}", "none": None},
    }
    assert resolve(config) == by_omegaconf(config)


def test_flattening_joins_names_with_dots_and_keeps_lists_and_empty_mappings() -> None:
    config = {"a": {"b": {"c": 1}, "empty": {}}, "list": [{"x": 1}], "none": None}
    assert flatten(config) == {"a.b.c": 1, "a.empty": {}, "list": [{"x": 1}], "none": None}


def test_values_still_to_be_given_are_listed_by_their_full_names() -> None:
    assert missing({"model": {"name": "???", "path": None}, "seed": "???", "x": "?"}) == [
        "model.name",
        "seed",
    ]
