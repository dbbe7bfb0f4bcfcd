import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from embprof.corpora.builtin import rows
from embprof.parity.answers import Answers
from embprof.parity.fault import Fault
from embprof.parity.faults import faults
from tests.unit.parity.toy import Repooling, Toy

TEXTS = [row["text"] for row in rows("claims")][:60]
PLANTED: dict[str, dict[str, Any]] = {
    "normalisation": {"normalises": False},
    "prompt": {"prompt": "query: "},
    "pooling": {"pooling": "cls"},
    "limit": {"limit": 32},
    "case": {"lowers": True},
    "accents": {"strips_accents": True},
    "white_space": {"joins_blanks": True},
    "tokeniser": {"splits_numbers": True},
    "other_model": {"seed": 5},
    "other_revision": {"revision": 0.2},
    "precision": {"bits": 16},
    "padding": {"leaks": True},
    "company": {"company": 0.2},
    "order": {"sorts": True},
    "dimensions": {"kept": 40},
    "one_for_all": {"remembers": 30},
    "unsteady": {"alternates": True},
}
FOLLOWS = {"company": {"precision"}}
"""What else is rightly said of a fault."""


class Uncounted:
    """A toy that does nothing but answer, as a server."""

    name = "server"

    def __init__(self, toy: Toy) -> None:
        self._toy = toy

    def encode(self, texts: Sequence[str], *, batch_size: int) -> NDArray[np.float32]:
        return self._toy.encode(texts, batch_size=batch_size)


def named(a: Answers, b: Answers) -> list[Fault]:
    return faults(a, b, texts=TEXTS, batch_size=16)


def names(a: Answers, b: Answers) -> set[str]:
    return {fault.name for fault in named(a, b)}


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_named_and_no_other(fault: str) -> None:
    assert names(Repooling(), Toy(**PLANTED[fault])) == {fault} | FOLLOWS.get(fault, set())


@pytest.mark.parametrize("fault", PLANTED)
def test_a_fault_of_the_first_side_is_named_as_well(fault: str) -> None:
    assert names(Repooling(**PLANTED[fault]), Toy()) == {fault} | FOLLOWS.get(fault, set())


@pytest.mark.parametrize("fault", PLANTED)
def test_a_fault_between_two_models_in_process_is_named(fault: str) -> None:
    """Both show every pooling, so that what is done to either may explain the other exactly."""
    found = names(Repooling(), Repooling(**PLANTED[fault]))
    assert found == {fault} | FOLLOWS.get(fault, set())


HIDES = {
    "unsteady": set(PLANTED),
    "other_model": {"pooling", "prompt", "other_revision", "precision", "tokeniser", "dimensions"},
    "one_for_all": {"case", "accents", "white_space", "limit", "padding", "company"},
    "pooling": {"padding"},  # that of the first token, which no padding reaches
    "precision": {"company", "other_revision"},
    "other_revision": {"company"},
}
"""What cannot be seen beside a fault, or is one with it."""
TOGETHER = [
    (one, other)
    for one, other in itertools.combinations(PLANTED, 2)
    if other not in HIDES.get(one, ()) and one not in HIDES.get(other, ())
]


SOME = TOGETHER[:: len(TOGETHER) // 12]


@pytest.mark.parametrize(
    ("one", "other"),
    [pytest.param(*pair, marks=() if pair in SOME else pytest.mark.proof) for pair in TOGETHER],
)
def test_two_faults_are_both_named(one: str, other: str) -> None:
    rightly = {one, other} | FOLLOWS.get(one, set()) | FOLLOWS.get(other, set())
    if {"other_revision", "other_model"} & {one, other}:
        rightly -= {"precision"}
    assert names(Repooling(), Toy(**PLANTED[one], **PLANTED[other])) == rightly


ALIKE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "the same": ({}, {}),
    "float noise": ({"noise": 1e-6}, {"noise": 1e-6}),
    "a limit and a prompt": ({"limit": 40, "prompt": "query: "},) * 2,
    "lower-case": ({"lowers": True, "strips_accents": True},) * 2,
    "lengths other than 1": ({"normalises": False},) * 2,
    "16 bits": ({"bits": 16},) * 2,
    "no limit in reach": ({"limit": 5000}, {"limit": 9000}),
}


@pytest.mark.parametrize("alike", ALIKE)
def test_equal_services_differ_by_nothing(alike: str) -> None:
    a, b = ALIKE[alike]
    assert named(Repooling(**a), Toy(**b)) == []


@pytest.mark.parametrize("batch_size", [1, 7, 64])
def test_another_batch_size_is_no_fault(batch_size: int) -> None:
    found = faults(Toy(), Toy(noise=1e-6), texts=TEXTS, batch_size=batch_size)
    assert found == []


def test_no_text_of_the_user_is_needed() -> None:
    assert faults(Toy(), Toy(), texts=[], batch_size=8) == []


def test_16_bits_are_a_loss_and_no_fault_of_structure() -> None:
    (found,) = named(Repooling(), Toy(bits=16))
    assert not found.is_structural
    assert "B gives bfloat16 numbers" in found.words
    assert found.evidence["distance"] == pytest.approx(0.01, rel=0.5)


def test_a_cut_is_told_in_tokens() -> None:
    (found,) = named(Toy(limit=64), Toy(limit=32))
    assert found.words == "cut at another length: 64 tokens in A, 32 tokens in B"


def test_a_cut_is_told_in_words_where_a_side_counts_no_tokens() -> None:
    (found,) = named(Toy(limit=64), Uncounted(Toy(limit=32)))
    assert found.words == "cut at another length: 62 words in A, 30 words in B"


def test_a_side_without_a_limit_in_reach_is_told_so() -> None:
    (found,) = named(Toy(limit=5000), Toy(limit=100))
    assert found.words == "cut at another length: more than 1,024 words in A, 100 tokens in B"


def test_a_prompt_of_the_models_files_is_tried() -> None:
    a, b = Repooling(), Toy(prompt="please embed this: ")
    a.prompts = ("please embed this: ",)
    (found,) = named(a, b)
    assert found.words.startswith("prompt missing in A: B puts 'please embed this: '")


def test_a_prompt_that_nobody_knows_is_a_cause_that_was_not_found() -> None:
    (found,) = named(Repooling(), Toy(prompt="an unheard of beginning of texts "))
    assert found.name == "other_revision"
    assert "a cause that was not found" in found.words


def test_both_poolings_are_told() -> None:
    (found,) = named(Repooling(), Toy(pooling="max"))
    assert found.words == "pooling differs: mean in A, max in B"


def test_a_pooling_that_no_side_can_show_is_a_cause_that_was_not_found() -> None:
    (found,) = named(Toy(), Toy(pooling="cls"))
    assert found.name in ("other_revision", "other_model")


def test_texts_that_are_refused_for_length_are_told() -> None:
    (found,) = named(Toy(limit=500), Toy(limit=500, refuses=100))
    assert (found.name, "B refuses" in found.words) == ("refusal", True)


def test_the_gravest_comes_first_and_losses_last() -> None:
    found = named(Repooling(), Toy(bits=16, sorts=True, joins_blanks=True))
    assert [one.name for one in found] == ["order", "white_space", "precision"]
    assert found[0].effect > found[1].effect
