"""Which runs of a study stand in one series, and which beside one another."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.unit.conftest import MakeAnswer, MakeStudy


def test_a_series_differs_in_one_key_and_ascends(answer: MakeAnswer, study: MakeStudy) -> None:
    made = [answer(f"batch_size={size}", f"text_length={n}") for size in (64, 8) for n in (10, 99)]
    found = study(made).series("batch_size")
    assert [series.values for series in found] == [(8, 64), (8, 64)]
    assert [series.title for series in found] == ["text_length=10", "text_length=99"]


def test_of_a_question_answered_twice_the_newest_counts(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    old, other, new = answer(rate=1.0), answer("batch_size=8", rate=2.0), answer(rate=3.0)
    (series,) = study(new, other, old).series("batch_size")
    assert series.answers == (other, new)


def test_machines_make_series_of_their_own(answer: MakeAnswer, study: MakeStudy) -> None:
    made = [answer("batch_size=8"), answer("batch_size=64", hard={"cpu_model": "two"})]
    assert study(made).series("batch_size") == []
    gpus = [answer(f"device={n}", hard={"accelerator": n}) for n in ("cpu", "cuda")]
    assert len(study(gpus).series("device")) == 1
    assert study(gpus).series("batch_size") == []


def test_equal_series_of_two_studies_ask_one_question(answer: MakeAnswer, study: MakeStudy) -> None:
    a, b, c = (
        study([answer(f"batch_size={size}", f"text_length={n}") for size in (8, 64)])
        for n in (10, 10, 99)
    )
    (first,), (second,), (third,) = (one.series("batch_size") for one in (a, b, c))
    assert first.question == second.question != third.question


def test_another_measurement_of_the_same_question_stands_beside(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    rate, memory = answer("batch_size=8"), answer("batch_size=8", "measurement=memory")
    other = answer("batch_size=9", "measurement=memory")
    made = study(rate, memory, other)
    assert made.companion(rate, "memory") is memory
    assert made.companion(rate, "profile") is None
    assert made.companion(other, "throughput") is None


def test_what_is_the_same_in_all_series_does_not_tell_them_apart(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    made = [answer(f"batch_size={size}", "wait_policy=passive") for size in (8, 64)]
    made.append(answer("wait_policy=active", "seed=3"))
    (series,) = study(made).series("batch_size")
    assert series.title == ""
