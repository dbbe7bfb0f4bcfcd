import json
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from embprof.corpora.builtin import rows
from embprof.parity.comparison import Parity, Verdict, compare
from embprof.parity.page import as_json, lines
from tests.unit.parity.toy import Repooling, Toy

TEXTS = [row["text"] for row in rows("claims")][:60]


def found(b: Toy, least_kept: float = 0.95) -> Parity:
    return compare(Repooling(), b, TEXTS, batch_sizes=(16, 16), least_kept=least_kept)


def test_equal_services_give_the_same_answers() -> None:
    same = found(Toy(noise=1e-7))
    said = list(lines(same))
    assert same.verdict == Verdict.SAME
    assert said[0] == f"60 texts and {same.probes} probes"
    assert said[-1] == "same answers"
    assert any(
        line.split() == ["nearest", "kept", "%", "100.00", *line.split()[4:]] for line in said
    )


def test_a_loss_of_precision_is_rounding() -> None:
    rounded = found(Toy(bits=16), least_kept=0.5)
    assert rounded.verdict == Verdict.ROUNDING
    assert list(lines(rounded))[-1] == "same but for rounding"


def test_a_loss_that_costs_neighbours_is_a_difference() -> None:
    assert found(Toy(bits=16), least_kept=1.0).verdict == Verdict.DIFFERENT


def test_a_fault_of_structure_is_a_difference_even_where_neighbours_stay() -> None:
    other = found(Toy(normalises=False))
    assert other.verdict == Verdict.DIFFERENT
    assert any(line.startswith("1. not normalised: lengths of") for line in lines(other))


def test_texts_without_an_answer_are_left_out_and_counted() -> None:
    class Silent(Toy):
        def encode(self, texts: Sequence[str], *, batch_size: int) -> NDArray[np.float32]:
            found = super().encode(texts, batch_size=batch_size)
            found[[text == TEXTS[3] for text in texts]] = np.nan
            return found

    left_out = compare(Silent(), Toy(), TEXTS, batch_sizes=(16, 16), least_kept=0.9)
    assert (left_out.texts, left_out.left_out) == (59, 1)
    assert next(lines(left_out)).endswith("1 other without an answer")


def test_refused_texts_are_left_out_one_by_one() -> None:
    texts = [*TEXTS, "word " * 200]
    other = compare(Toy(), Toy(refuses=100), texts, batch_sizes=(16, 16), least_kept=0.9)
    assert (other.texts, other.left_out) == (60, 1)
    assert [fault.name for fault in other.faults] == ["refusal"]


def test_json_has_it_all() -> None:
    said = json.loads(json.dumps(as_json(found(Toy(kept=40)), a="x", b="y", exit_code=3)))
    assert said["verdict"] == "different answers"
    assert [one["name"] for one in said["faults"]] == ["dimensions"]
    cosine = said["figures"][0]
    assert (cosine["name"], cosine["value"], cosine["basis"]) == (
        *("cosine_mean", None),
        "n/a (other dimensions)",
    )
    assert said["figures"][4]["value"] == pytest.approx(60, abs=40)
