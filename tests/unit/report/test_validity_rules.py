"""Targets, noise, contradictions, what failed, and what nobody asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from embprof.interface.finding import Kind, Level
from embprof.model import Status
from embprof.report.rules import contradictions, failures, noise, targets, unmeasured

if TYPE_CHECKING:
    from tests.unit.conftest import MakeAnswer, MakeBatches, MakeStudy

WANTED = "+targets.throughput_texts_per_s=500"


def test_a_missed_target_is_a_fact(answer: MakeAnswer, study: MakeStudy) -> None:
    made = [answer(WANTED, rate=480.0), answer(WANTED, "batch_size=64", rate=900.0)]
    (finding,) = targets.find(study(made))
    assert finding.kind is Kind.FACT
    assert finding.title == (
        "A target is missed: throughput_texts_per_s 480, wanted at least 500, in 1 of 2 runs"
    )
    assert finding.evidence == ("#0: throughput_texts_per_s 480 ± 1.0 %, wanted at least 500",)


def test_several_missed_targets_are_one_finding(answer: MakeAnswer, study: MakeStudy) -> None:
    figures = {"total_load_s": (40.0, 0.1), "import_time_s": (37.0, 0.1), "model_init_s": 1.0}
    (finding,) = targets.find(study(answer("measurement=load_time", figures=figures)))
    assert finding.title == (
        "2 targets are missed: total_load_s 40.0, wanted at most 5.00; import_time_s 37.0, wanted "
        "at most 1.00"
    )


def test_noise_around_a_run_is_in_doubt_of_a_missed_time_and_not_of_missed_bytes(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    wanted = ("+targets.latency_p50_ms=10", "+targets.peak_rss_mb=10")
    figures = {"latency_p50_ms": (11.0, 0.01), "peak_rss_mb": (11.0, 0.01)}
    missed, unsure = targets.find(study(answer(*wanted, figures=figures, marks="B")))
    assert missed.title == "A target is missed: peak_rss_mb 11.0, wanted at most 10.0"
    assert unsure.kind is Kind.GAP


def test_a_busy_machine_does_not_disturb_bytes(answer: MakeAnswer, study: MakeStudy) -> None:
    assert list(noise.find(study(answer("measurement=memory", marks="BA")))) == []


def test_a_target_within_the_interval_cannot_be_told(answer: MakeAnswer, study: MakeStudy) -> None:
    (finding,) = targets.find(study(answer(WANTED, rate=490.0, half=0.05)))
    assert finding.kind is Kind.GAP
    assert finding.check is not None
    assert finding.check.endswith("restarts=5")


def test_a_limit_that_was_passed_is_severe(answer: MakeAnswer, study: MakeStudy) -> None:
    made = answer("+limits.peak_rss_mb=100", figures={"peak_rss_mb": 101.0})
    (finding,) = targets.find(study(made))
    assert finding.title == "A limit is passed: peak_rss_mb 101, wanted at most 100"
    assert finding.priority is Level.HIGH


def test_targets_that_are_met_say_nothing(answer: MakeAnswer, study: MakeStudy) -> None:
    assert list(targets.find(study(answer(WANTED, rate=501.0), answer(rate=1.0)))) == []


def test_a_noisy_machine_means_to_measure_again(batches: MakeBatches, study: MakeStudy) -> None:
    made = batches({8: 10, 16: 20, 32: 30}, marks=lambda size: "B" if size > 8 else "")
    (finding,) = noise.find(study(made))
    assert finding.title == (
        "2 of 3 runs were disturbed (busy machine): their figures may be far off"
    )
    assert finding.priority is Level.HIGH
    assert finding.check == "python -m embprof -m batch_size=16,32 restarts=5"
    assert "embprof doctor" in str(finding.advice)


def test_wide_intervals_are_a_gap(batches: MakeBatches, study: MakeStudy) -> None:
    made = batches({8: 10, 16: 20, 32: 30}, half={8: 0.01, 16: 0.1}.get)
    (finding,) = noise.find(study(made))
    assert finding.kind is Kind.GAP
    assert finding.title == (
        "Of 3 runs, 1 figure less precise than was asked and 1 without an interval: small "
        "differences between them cannot be told"
    )


def test_precise_figures_of_a_quiet_machine_say_nothing(
    batches: MakeBatches, study: MakeStudy
) -> None:
    assert list(noise.find(study(batches()))) == []
    assert list(noise.find(study(batches({8: 1}, "iterations=9", half=0.5)))) == []


def test_two_sweeps_with_another_best_batch_size_contradict(
    batches: MakeBatches, study: MakeStudy
) -> None:
    first = batches({8: 100, 32: 200, 64: 150}, sweep="20260101-000000-aaaa")
    second = batches({8: 100, 32: 150, 64: 200}, sweep="20260102-000000-bbbb")
    best = [one for one in contradictions.find(study(first, second)) if "best" in one.title]
    (finding,) = best
    assert finding.kind is Kind.CONTRADICTION
    assert finding.title == "Two sweeps name another best batch size: 32 and 64"
    assert finding.check == "python -m embprof -m batch_size=8,32,64 restarts=5"


def test_two_sweeps_that_may_agree_do_not_contradict(
    batches: MakeBatches, study: MakeStudy
) -> None:
    first = batches({8: 100, 32: 200, 64: 196}, sweep="20260101-000000-aaaa", half=0.05)
    second = batches({8: 100, 32: 196, 64: 200}, sweep="20260102-000000-bbbb", half=0.05)
    assert list(contradictions.find(study(first, second))) == []


def test_one_question_with_two_answers_contradicts(answer: MakeAnswer, study: MakeStudy) -> None:
    made = [answer(rate=100.0), answer(rate=180.0, sweep="20260102-000000-bbbb")]
    (finding,) = contradictions.find(study(made))
    assert finding.title == (
        "One question has two answers: 100 and 180, 80 % more (36 to 138 %): sessions "
        "differ by less"
    )
    near = [answer(rate=100.0), answer(rate=120.0, sweep="20260102-000000-bbbb")]
    assert list(contradictions.find(study(near))) == []


def test_failed_jobs_are_said_by_their_status(answer: MakeAnswer, study: MakeStudy) -> None:
    failed = [
        answer("batch_size=256", status=Status.OUT_OF_MEMORY, reason="killed at 4,000 MB"),
        answer("batch_size=128", status=Status.OUT_OF_MEMORY),
    ]
    (finding,) = failures.find(study(failed=failed))
    assert finding.title == (
        "2 jobs ended without an answer, out of memory: batch_size=256 and batch_size=128"
    )
    assert finding.evidence[0] == "#0: killed at 4,000 MB"


def test_what_nobody_asked_is_said_with_the_command(batches: MakeBatches, study: MakeStudy) -> None:
    found = list(unmeasured.find(study(batches({8: 10, 16: 20}, "device=cpu"))))
    assert [finding.kind for finding in found] == [Kind.GAP] * 5
    assert [finding.check for finding in found] == [
        "python -m embprof batch_size=16 device=cpu measurement=profile",
        "python -m embprof batch_size=16 device=cpu measurement=memory",
        "python -m embprof batch_size=16 device=cpu measurement=leak",
        "python -m embprof batch_size=16 device=cpu measurement=load_time texts_per_call=1",
        "python -m embprof -m batch_size=16 device=cpu text_length=10,50,100,256,512,1024",
    ]


def test_of_a_start_alone_throughput_is_what_is_unmeasured(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    found = list(unmeasured.find(study(answer("measurement=load_time"))))
    assert found[-1].check == "python -m embprof measurement=throughput"
    assert list(unmeasured.find(study())) == []
