"""What a check of answers finds of a made-up encoder beside one that is right."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray

from embprof.interface.finding import Kind
from embprof.measurements.parity import Parity
from embprof.measurements.parity.columns import columns
from embprof.measurements.parity.findings.named_faults import find
from embprof.measurements.parity.measurement import FAULTS
from embprof.report.study import Answer
from embprof.testing import FakeClock
from tests.unit.parity.toy import Toy

if TYPE_CHECKING:
    from tests.unit.conftest import MakeAnswer, MakeStudy

WORDS = ("cat", "sea", "hill")


@dataclass
class Service:
    """A toy as a workload, whose reference is another toy."""

    toy: Toy
    right: Toy = dataclasses.field(default_factory=Toy)
    raises_on: str | None = None
    items: str = "texts"
    is_loaded: bool = False

    def load(self) -> None:
        self.is_loaded = True

    def step(self) -> int:
        return 1

    def close(self) -> None:
        self.is_loaded = False

    def reference(self) -> Service:
        return Service(self.right)

    def limits(self) -> tuple[int, int]:
        return self.toy.limit, self.toy.limit

    def sample(self, count: int) -> Sequence[str]:
        return [f"the {word} of text {at}" for at, word in enumerate(WORDS[:count])]

    def tokens(self, texts: Sequence[str]) -> Sequence[int]:
        return self.toy.tokens(texts)

    def embed(self, texts: Sequence[str], limit: int) -> NDArray[np.float32]:
        del limit
        return self.vectors(texts, batch_size=8)

    def vectors(self, texts: Sequence[str], *, batch_size: int) -> NDArray[np.float32]:
        if self.raises_on is not None and self.raises_on in texts:
            raise IndexError("a runtime of its own kind")
        return self.toy.encode(texts, batch_size=batch_size)


def checked(service: Service) -> tuple[Parity, dict[str, float]]:
    measurement = Parity(batch_size=8, clock=FakeClock())
    measurement.open(service)
    found = {one.name: one.values[-1] for one in measurement.observe(1)}
    return measurement, found


def test_what_answers_as_the_reference_has_no_fault() -> None:
    measurement, found = checked(Service(Toy()))
    assert found == {"check_time": 0.0, FAULTS: 0.0}
    assert measurement.description() == {"differs_in": "none"}


def test_a_fault_has_its_name_and_says_what_this_row_does() -> None:
    measurement, found = checked(Service(Toy(leaks=True)))
    assert found[FAULTS] == 1
    told = measurement.description()
    assert told["differs_in"] == "padding"
    assert "another vector in this row" in str(told["difference_1"])
    (file,) = measurement.close()
    (fault,) = json.loads(file.read_text())["faults"]
    assert (fault["name"], fault["is_structural"]) == ("padding", True)
    file.unlink()


def test_fewer_bits_are_told_and_no_fault_of_structure() -> None:
    measurement, found = checked(Service(Toy(bits=16)))
    assert found[FAULTS] == 0
    assert measurement.description()["differs_in"] == "precision"


def test_whatever_a_runtime_raises_of_an_odd_text_is_a_refusal() -> None:
    measurement, found = checked(Service(Toy(), raises_on=""))
    assert found[FAULTS] == 0
    assert measurement.description()["differs_in"] == "empty"


def test_a_workload_without_a_reference_is_refused() -> None:
    class Sleep:
        items = "naps"

        def load(self) -> None: ...

        def step(self) -> int:
            return 1

        def close(self) -> None: ...

    with pytest.raises(TypeError, match="Sleep has no reference"):
        Parity(batch_size=1).open(Sleep())


def row(answer: MakeAnswer, *words: str, names: str, faults: float, top: float = 99.0) -> Answer:
    figures = {FAULTS: faults, "nearest_kept_percent": top, "top10_kept_percent": top}
    description = {"differs_in": names, "difference_1": f"{names}: so"}
    return answer("measurement=parity", *words, figures=figures, description=description)


def test_findings_say_which_rows_answer_otherwise(answer: MakeAnswer, study: MakeStudy) -> None:
    rows = (
        row(answer, "backend.dtype=float32", names="none", faults=0),
        row(answer, "backend.dtype=bfloat16", names="precision", faults=0),
        row(answer, "backend.dtype=int8", names="company", faults=1, top=80.0),
    )
    of_all, rounding, company = find(study(*rows))
    numbers = [one.run.number for one in rows]
    assert of_all.title == (
        f"#{numbers[0]} torch float32 and #{numbers[1]} torch bfloat16 answer as torch in float32 "
        f"does but for rounding; #{numbers[2]} torch int8 does not (company; "
        "top10_kept_percent 80.0, wanted at least 90.0)"
    )
    assert "backend.dtype" in of_all.axes
    alone, *_ = find(study(rows[-1]))
    assert alone.title.startswith(
        f"#{numbers[2]} torch int8 does not answer as torch in float32 does (company; "
    )
    assert (rounding.kind, company.kind) == (Kind.FACT, Kind.ADVICE)
    assert company.evidence == ("company: so",)


def test_rows_are_named_by_what_was_swept_and_searches_stand_beside_them(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    rows = [
        answer(
            *("measurement=parity", f"prompt={prompt}"),
            figures={FAULTS: 0.0, "ndcg10": ndcg},
            description={"differs_in": "none"},
        )
        for prompt, ndcg in (("null", 0.9782), ("'query: '", 0.9757))
    ]
    (of_all,) = find(study(rows))
    first, second = (one.label for one in rows)
    assert of_all.title == (
        f"{first} torch float32 prompt=null and {second} torch float32 prompt='query: ' "
        "answer as torch in float32 does but for rounding; nDCG@10 of the labelled queries: "
        f"0.9782 of {first} and 0.9757 of {second}"
    )


def test_cells_name_the_faults(answer: MakeAnswer) -> None:
    names = "company, tokeniser, limit"
    run = row(answer, "backend.dtype=int8", names=names, faults=3).run
    (column,) = columns([run])
    assert column.cell(run) == "company, tokeniser +1"
    assert columns([answer("batch_size=8", rate=1.0).run]) == []
