"""Odd texts beside the reference's: every kind is asked for, and what has no answer counts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from embprof.interface.workload import UNLIMITED
from embprof.parity import odd_texts, probes
from embprof.parity.names import ODD_LEAST, OF_ODD
from tests.unit.parity.toy import Toy


@dataclass(frozen=True)
class Service:
    """A toy as a workload that embeds."""

    toy: Toy

    def vectors(self, texts: Sequence[str], *, batch_size: int) -> NDArray[np.float32]:
        return self.toy.encode(texts, batch_size=batch_size)


def least(reference: Toy, own: Toy, limit: int = 64) -> dict[str, float]:
    """The least cosine of each kind, as figures have it."""
    kinds = odd_texts.texts(limit)
    right = {kind: Service(reference).vectors(of, batch_size=1) for kind, of in kinds.items()}
    answers = odd_texts.answers(Service(own), kinds, batch_size=32)
    found = [odd_texts.samples(kind, right[kind], rows) for kind, rows in answers]
    figures = odd_texts.figures({one.name: one.values for one in found})
    return {
        one.name.removeprefix(OF_ODD).removesuffix("_cosine_min"): one.estimate.value
        for one in figures
        if one.estimate is not None
    }


def test_the_same_service_differs_in_nothing() -> None:
    found = least(Toy(), Toy())
    assert set(found) == {*odd_texts.NAMES, "cosine_min"}
    assert list(found.values()) == pytest.approx([1] * len(found), abs=1e-9)


@pytest.mark.parametrize(
    ("own", "differing"),
    [
        (Toy(leaks=True), "padding"),
        (Toy(lowers=True), "case"),
        (Toy(strips_accents=True), "accents"),
        (Toy(joins_blanks=True), "white_space"),
        (Toy(splits_numbers=True), "numbers"),
        (Toy(limit=40), "long"),
    ],
)
def test_a_fault_shows_in_its_kind(own: Toy, differing: str) -> None:
    found = least(Toy(), own)
    assert found[differing] < 0.99
    assert found["cosine_min"] == min(found.values())
    assert found["one_token"] == pytest.approx(1, abs=1e-6)


def test_a_text_that_one_side_alone_answers_has_nothing_in_common() -> None:
    fine, broken = np.ones((3, 4)), np.ones((3, 4))
    broken[0], broken[1] = np.nan, 0.0
    assert odd_texts.samples("empty", fine, broken).values == (0.0, 0.0, 1.0)
    assert odd_texts.samples("empty", broken, broken).values == (1.0, 1.0, 1.0)


def test_other_dimensions_have_no_cosine() -> None:
    one = odd_texts.samples("empty", np.ones((3, 4)), np.ones((3, 8)))
    assert one.values == ()
    first, *_ = odd_texts.figures({one.name: one.values})
    assert (first.name, first.note) == (ODD_LEAST, "n/a (other dimensions)")


def test_long_texts_are_longer_than_the_limit_as_far_as_that_is_looked_for() -> None:
    def words(limit: int) -> list[int]:
        return [len(text.split()) for text in odd_texts.texts(limit)[odd_texts.LONG]]

    assert words(128) == [129, 256, 256]
    assert max(words(UNLIMITED)) == 2 * probes.LONGEST


def test_without_readings_there_is_no_figure() -> None:
    assert odd_texts.figures({"cosine": (1.0,)}) == []
