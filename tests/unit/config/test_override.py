"""Overrides taken apart as Hydra's parser takes them, without waiting for Hydra."""

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from embprof.config import override

LINES = [
    *("batch_size=8", "batch_size=8,16", "question='a = b'", "question=a\\=b", "model=a/b"),
    *("+corpus.extra={a: 1}", "++limits.p99_ms=5", "~truncation", "~truncation=null", "seed="),
    *("corpus@workload.corpus=claims", "+corpus@workload.corpus=claims", "hydra/launcher=basic"),
    *("workload.x=${batch_size}", "hydra.job.env_set={A: b}", "text_length=range(1,5)"),
]


@pytest.mark.parametrize("line", LINES)
def test_sign_key_and_text_are_those_that_hydra_reads(line: str) -> None:
    ours, theirs = override.parse(line), OverridesParser.create().parse_override(line)
    assert ours.signed_key == theirs.get_key_element()
    assert ours.key.partition("@")[0] == theirs.key_or_group
    assert ours.text == (theirs.get_value_string() if "=" in line else "")


@pytest.mark.parametrize(
    "line",
    ["question='why, oh why'", 'question="so"', "question=hi\\ there", "model=a/b", "x='a\\'b'"],
)
def test_a_value_is_meant_as_hydra_means_it(line: str) -> None:
    assert override.parse(line).meant == OverridesParser.create().parse_override(line).value()


def test_the_root_is_the_first_part_of_the_key() -> None:
    assert override.parse("+model.weights=random").root == "model"


def test_of_a_key_that_is_given_twice_the_last_counts() -> None:
    given = override.by_key(["seed=1", "+seed=2", "device=cpu"])
    assert {key: one.text for key, one in given.items()} == {"seed": "2", "device": "cpu"}


@pytest.mark.parametrize("line", ["", "seed", "=", "batch_size=[8", "+~+x=1"])
def test_what_cannot_be_read_is_no_error_here(line: str) -> None:
    assert override.parse(line).signed_key + override.parse(line).text == line.replace("=", "", 1)
