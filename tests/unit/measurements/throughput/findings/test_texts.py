"""How throughput goes with the length of texts, and what padding costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from embprof.interface.finding import Effort, Kind
from embprof.measurements.throughput.findings import padding, text_length

if TYPE_CHECKING:
    from embprof.report.study import Answer
    from tests.unit.conftest import MakeAnswer, MakeStudy

REFERENCE = {10: 1219, 50: 1000, 100: 800, 256: 450, 512: 250, 1024: 132}


def _lengths(answer: MakeAnswer, rates: dict[int, int], **changes: Any) -> list[Answer]:
    return [answer(f"text_length={size}", rate=rate, **changes) for size, rate in rates.items()]


def test_correlation_and_elasticity_are_said(answer: MakeAnswer, study: MakeStudy) -> None:
    falls, best = text_length.find(study(_lengths(answer, REFERENCE)))
    assert falls.title == (
        "Longer texts cost throughput: 132 texts/s at 1024 characters, 1,219 at 10 (r = -0.87)"
    )
    assert any(line.startswith("elasticity -0.4") for line in falls.evidence)
    assert best.title == (
        "Text is embedded fastest in pieces of 1024 characters: 135,168 characters/s; in "
        "pieces of 10 at 9.0 % (8.9 to 9.1 %) of that"
    )


def test_texts_that_are_cut_are_left_out_of_the_curve(answer: MakeAnswer, study: MakeStudy) -> None:
    made = _lengths(answer, {100: 400, 400: 200, 1600: 100})
    made.append(answer("text_length=9999", rate=100.0, figures={"tokens_per_s": 25_600.0}))
    falls, best = text_length.find(study(made))
    assert any(line.startswith("elasticity -0.50 (-0.50 to -0.50)") for line in falls.evidence)
    assert any("texts that are cut left out" in line for line in falls.evidence)
    assert "in pieces of 1600 characters" in best.title
    assert any("texts of 9999 characters are cut at 256 tokens" in line for line in best.evidence)


def test_lengths_that_cannot_be_told_apart_are_a_gap(answer: MakeAnswer, study: MakeStudy) -> None:
    made = _lengths(answer, {10: 110, 50: 105, 99: 100}, half=0.2)
    found, _ = text_length.find(study(made))
    assert found.kind is Kind.GAP
    assert found.check == "python -m embprof -m text_length=10,50,99 restarts=5"


def test_two_lengths_are_too_few(answer: MakeAnswer, study: MakeStudy) -> None:
    assert list(text_length.find(study(_lengths(answer, {10: 110, 50: 10})))) == []


def test_padding_is_said_with_what_sorting_could_gain(answer: MakeAnswer, study: MakeStudy) -> None:
    made = answer("corpus=claims", "batch_size=64", rate=100.0, figures={"padding_percent": 25.0})
    (finding,) = padding.find(study(made))
    assert finding.title == (
        "25 % of what the network computes is padding in batches of 64: sorting texts by length "
        "would give up to 10 % more throughput"
    )
    assert finding.check == (
        "python -m embprof -m corpus=claims batch_size=64 texts_per_call=64,512 restarts=5"
    )
    assert finding.improvement is not None
    assert finding.improvement.low is None


def test_where_characters_tell_little_of_tokens_sorting_by_tokens_is_advised(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    (finding,) = padding.find(
        study(answer("corpus=claims", rate=100.0, figures={"padding_percent": 20.0}))
    )
    assert finding.effort is Effort.MEDIUM
    assert finding.title.endswith("would give up to 19 % more throughput")


def test_calls_of_many_batches_are_sorted_already(answer: MakeAnswer, study: MakeStudy) -> None:
    given = "corpus=claims", "batch_size=10", "texts_per_call=80"
    made = answer(*given, rate=100.0, figures={"padding_percent": 20.0})
    assert list(padding.find(study(made))) == []


def test_texts_of_one_length_cannot_be_sorted(answer: MakeAnswer, study: MakeStudy) -> None:
    made = answer("text_length=128", rate=100.0, figures={"padding_percent": 25.0})
    assert list(padding.find(study(made))) == []


def test_a_gain_of_larger_calls_that_was_measured_counts(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    made = [
        answer("corpus=claims", rate=100.0, figures={"padding_percent": 25.0}),
        answer("corpus=claims", "texts_per_call=256", rate=125.0, figures={"padding_percent": 4.0}),
    ]
    (finding,) = padding.find(study(made))
    assert finding.kind is Kind.ADVICE
    assert finding.title == (
        "256 texts a call instead of 32 lower padding from 25 % to 4.0 % and give 25 % "
        "(23 to 27 %) more throughput"
    )
    assert finding.improvement is not None
    assert finding.improvement.low is not None
    assert finding.improvement.low > 0.2


def test_larger_calls_whose_gain_cannot_be_told_are_no_advice(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    made = [
        answer("corpus=claims", rate=100.0, half=0.1, figures={"padding_percent": 25.0}),
        answer("corpus=claims", "texts_per_call=256", rate=105.0, half=0.1),
    ]
    (finding,) = padding.find(study(made))
    assert finding.kind is Kind.FACT
    assert finding.improvement is None


def test_little_padding_says_nothing(answer: MakeAnswer, study: MakeStudy) -> None:
    made = answer("corpus=claims", rate=100.0, figures={"padding_percent": 8.0})
    assert list(padding.find(study(made))) == []
