"""Which batch size to use: the knee, what intervals can tell, and what is lost below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from embprof.interface.finding import Kind, Level
from embprof.measurements.throughput.findings import best_batch_size, saturation, small_batches

if TYPE_CHECKING:
    from tests.unit.conftest import MakeAnswer, MakeBatches, MakeStudy


def test_the_smallest_batch_within_five_percent_of_the_best_is_advised(
    batches: MakeBatches, study: MakeStudy
) -> None:
    (finding,) = best_batch_size.find(study(batches()))
    assert finding.title == (
        "Batches of 128 give 1,478 texts/s ± 1.0 %, 1.45 times (1.43 to 1.48) those of "
        "32; larger ones gain 2.9 % at most"
    )
    assert finding.kind is Kind.ADVICE
    assert finding.priority is Level.HIGH
    assert finding.improvement is not None
    assert finding.improvement.low is not None
    assert 0.40 < finding.improvement.low < finding.improvement.share < 0.46
    assert finding.check == "python -m embprof -m batch_size=32,128 restarts=5"
    assert "highest value: 256; not told from 128 (95 % over 5 comparisons)" in finding.evidence


def test_without_the_default_the_smallest_batch_is_what_is_compared_with(
    batches: MakeBatches, study: MakeStudy
) -> None:
    (finding,) = best_batch_size.find(study(batches({8: 527, 64: 1341, 128: 1345})))
    assert finding.title == (
        "Batches of 64 give 1,341 texts/s ± 1.0 %, 2.54 times (2.50 to 2.59) those of 8; "
        "larger ones gain 1.9 % at most"
    )


def test_no_batch_size_is_named_that_intervals_do_not_separate(
    batches: MakeBatches, study: MakeStudy
) -> None:
    (finding,) = best_batch_size.find(study(batches({8: 95, 32: 100, 64: 107}, half=0.1)))
    assert finding.kind is Kind.GAP
    assert finding.improvement is None
    assert finding.check == "python -m embprof -m batch_size=8,32,64 restarts=5 max_seconds=60"
    assert finding.title == (
        "No batch size from 8 to 64 can be told from the others: 107 texts/s ± 10 % is "
        "the highest value"
    )


def test_batch_sizes_that_are_truly_alike_are_a_fact(
    batches: MakeBatches, study: MakeStudy
) -> None:
    (finding,) = best_batch_size.find(study(batches({8: 99, 32: 100, 64: 100.5})))
    assert finding.kind is Kind.FACT
    assert finding.title.startswith("No batch size from 8 to 64 can be told from the others")


def test_a_best_one_without_an_interval_is_a_gap(batches: MakeBatches, study: MakeStudy) -> None:
    made = batches({8: 10, 32: 20}, half=lambda size: None if size == 32 else 0.01)
    (finding,) = best_batch_size.find(study(made))
    assert finding.kind is Kind.GAP
    assert finding.advice is None
    assert finding.check == "python -m embprof -m batch_size=8,32 restarts=5 max_seconds=60"


def test_large_enough_batches_are_said_to_be_so(batches: MakeBatches, study: MakeStudy) -> None:
    (finding,) = best_batch_size.find(study(batches({8: 50, 32: 100, 64: 70})))
    assert finding.kind is Kind.FACT
    assert (
        finding.title
        == "Batches of 32 are large enough: 100 texts/s ± 1.0 %; larger ones are slower"
    )


def test_a_disturbed_machine_takes_the_advice_away(batches: MakeBatches, study: MakeStudy) -> None:
    quiet = batches({32: 100, 64: 125})
    busy = batches({32: 100, 64: 125}, marks="B", sweep="20260102-000000-bbbb")
    (sure,) = best_batch_size.find(study(quiet))
    (unsure,) = best_batch_size.find(study(busy))
    assert (sure.kind, unsure.kind) == (Kind.ADVICE, Kind.GAP)
    assert "cannot be told" in unsure.title or "No batch size" in unsure.title


def test_memory_and_latency_are_its_cost(batches: MakeBatches, study: MakeStudy) -> None:
    made = batches(
        {32: 100, 64: 200},
        figures=lambda size: {"latency_p50_ms": size / 2, "peak_rss_mb": 10.0 * size},
    )
    (finding,) = best_batch_size.find(study(made))
    assert finding.cost == (
        "a call takes 32.0 ms (p50) instead of 16.0; peak memory 640 MB instead of 320"
    )


def test_each_series_of_a_study_has_its_own(batches: MakeBatches, study: MakeStudy) -> None:
    both = batches({8: 10, 64: 20}, "text_length=10"), batches({8: 5, 64: 10}, "text_length=99")
    found = list(best_batch_size.find(study(*both)))
    assert [finding.title.rpartition(" (")[2] for finding in found] == [
        "text_length=10)",
        "text_length=99)",
    ]


def test_one_batch_size_says_nothing(answer: MakeAnswer, study: MakeStudy) -> None:
    for rule in (best_batch_size, saturation, small_batches):
        assert list(rule.find(study())) == []
        assert list(rule.find(study(answer(rate=10.0)))) == []
        assert list(rule.find(study(answer("batch_size=8"), answer("batch_size=16")))) == []


def test_throughput_that_still_rises_asks_for_larger_batches(
    batches: MakeBatches, study: MakeStudy
) -> None:
    (finding,) = saturation.find(study(batches({8: 100, 16: 150, 32: 200})))
    assert finding.kind is Kind.GAP
    assert finding.title == (
        "Throughput still rises at the largest batch measured: 32 gives 33 % more (31 to "
        "36 %) than 16"
    )
    assert finding.check == "python -m embprof -m batch_size=32,64,128"


def test_throughput_that_rises_no_more_is_saturated(batches: MakeBatches, study: MakeStudy) -> None:
    (finding,) = saturation.find(study(batches()))
    assert finding.kind is Kind.FACT
    assert finding.title.startswith("Throughput saturates at batches of 128 with 1,478 texts/s")


def test_saturation_is_not_claimed_where_intervals_are_wide(
    batches: MakeBatches, study: MakeStudy
) -> None:
    assert list(saturation.find(study(batches(half=0.15)))) == []


def test_single_texts_lose_most(batches: MakeBatches, study: MakeStudy) -> None:
    made = batches({1: 150, 64: 1341}, figures=lambda size: {"latency_p50_ms": 6.66 + 0.6 * size})
    (finding,) = small_batches.find(study(made))
    assert finding.title == (
        "Single texts get 11 % (11.0 to 11.3 %) of the throughput of batches of 64: 150 "
        "against 1,341 texts/s"
    )
    assert finding.kind is Kind.ADVICE
    assert finding.cost is not None


def test_small_batches_that_lose_little_are_fine(batches: MakeBatches, study: MakeStudy) -> None:
    assert list(small_batches.find(study(batches({8: 90, 64: 100})))) == []
    assert list(small_batches.find(study(batches({16: 10, 64: 100})))) == []
