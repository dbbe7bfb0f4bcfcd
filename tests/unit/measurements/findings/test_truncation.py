"""Cutting is advised by its gain and its loss together, never by one of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pytest

from embprof.interface.finding import Kind, Level
from embprof.measurements.findings import truncation
from embprof.model import Estimate, Figure

if TYPE_CHECKING:
    from embprof.report.study import Answer
    from tests.unit.conftest import MakeAnswer, MakeStudy

CORPUS = "corpus=evidence"
BOTH = "measurement=throughput,truncation_loss"
Cuts = Mapping[int | None, float]
MakeRuns = Callable[..., list["Answer"]]


@pytest.fixture
def speeds(answer: MakeAnswer) -> MakeRuns:
    def make(rates: Cuts, *more: str, half: float = 0.01) -> list[Answer]:
        return [
            answer(CORPUS, f"truncation={_said(cut)}", *more, rate=rate, half=half)
            for cut, rate in rates.items()
        ]

    return make


@pytest.fixture
def losses(answer: MakeAnswer) -> MakeRuns:
    def make(changed: Cuts, *more: str, corpus: str = CORPUS) -> list[Answer]:
        return [
            _judged(
                answer("measurement=truncation_loss", corpus, f"truncation={_said(cut)}", *more),
                share,
            )
            for cut, share in changed.items()
        ]

    return make


def _said(cut: int | None) -> str:
    return "null" if cut is None else str(cut)


def _judged(loss: Answer, changed: float) -> Answer:
    def figure(name: str, value: float, low: float, high: float) -> Figure:
        estimate = Estimate(value=value, low=low, high=high, n=420, basis="420 texts")
        return Figure(name=name, better="lower", estimate=estimate)

    figures = (
        figure("cosine_to_full", 0.98, 0.975, 0.985),
        figure("cosine_to_full_p05", 0.9, 0.88, 0.92),
        figure("neighbour_changed_percent", changed, 0.8 * changed, 1.2 * changed),
        figure("texts_cut_percent", 20.0, 17.0, 24.0),
        figure("tokens_kept_percent", 91.0, 90.0, 92.0),
    )
    run = dataclasses.replace(loss.run, figures=figures)
    return dataclasses.replace(loss, stored=dataclasses.replace(loss.stored, run=run))


def test_the_fastest_cut_that_keeps_neighbours_is_advised_with_gain_and_loss(
    speeds: MakeRuns, losses: MakeRuns, study: MakeStudy
) -> None:
    runs = speeds({32: 300, 64: 200, 128: 120, None: 100})
    judged = losses({32: 28.0, 64: 3.0, 128: 0.5})
    (finding,) = truncation.find(study(runs, judged))
    assert finding.kind is Kind.ADVICE
    assert finding.title.startswith("Cutting texts at 64 tokens gives 100 % (")
    assert finding.title.endswith(
        "more throughput than no cut, and 3.0 % (2.4 to 3.6 %) of texts get another nearest "
        "neighbour"
    )
    assert finding.priority is Level.HIGH
    assert finding.improvement is not None
    assert finding.improvement.low is not None
    assert 0.9 < finding.improvement.low < 1.0
    assert finding.cost is not None
    assert "cosine to the full embedding 0.9800 (0.9750 to 0.9850), p05 0.900" in finding.cost
    assert finding.check == (
        "python -m embprof -m corpus=evidence measurement=throughput,truncation_loss "
        "truncation=64,null"
    )
    assert set(finding.runs) == {one.run.run_id for one in (*runs, *judged)}
    (line,) = [line for line in finding.evidence if line.startswith("32 ")]
    assert "another nearest neighbour for 28 % (22.4 to 33.6 %) of 420 texts" in line


def test_a_gain_that_costs_many_neighbours_is_a_fact_and_no_advice(
    speeds: MakeRuns, losses: MakeRuns, study: MakeStudy
) -> None:
    (finding,) = truncation.find(study(speeds({32: 300, None: 100}), losses({32: 28.0})))
    assert finding.kind is Kind.FACT
    assert finding.advice is None
    assert "but 28 % (22.4 to 33.6 %) of texts get another nearest neighbour" in finding.title
    assert finding.evidence[-1] == truncation.BOUND


def test_the_upper_bound_of_the_loss_is_what_must_be_small(
    speeds: MakeRuns, losses: MakeRuns, study: MakeStudy
) -> None:
    (finding,) = truncation.find(study(speeds({32: 300, None: 100}), losses({32: 4.5})))
    assert finding.kind is Kind.FACT, "4.5 %, but it may be 5.4 %"


def test_a_gain_without_the_loss_is_a_gap_with_the_command(
    speeds: MakeRuns, study: MakeStudy
) -> None:
    (finding,) = truncation.find(study(speeds({32: 300, 64: 200, None: 100})))
    assert finding.kind is Kind.GAP
    assert "what it costs in meaning was not measured" in finding.title
    assert finding.check == (
        "python -m embprof -m corpus=evidence measurement=truncation_loss truncation=32,64"
    )


def test_a_gain_that_noise_can_explain_is_no_gain(
    speeds: MakeRuns, losses: MakeRuns, study: MakeStudy
) -> None:
    runs = speeds({32: 103, None: 100}, half=0.05)
    (finding,) = truncation.find(study(runs, losses({32: 0.0})))
    assert finding.kind is Kind.FACT
    assert finding.improvement is None
    assert finding.title == (
        "That cutting texts at 32 tokens is faster than no cut cannot be told: 3.0 % "
        "more (-4 to 11 %) at 32"
    )
    assert finding.check == (
        "python -m embprof -m corpus=evidence measurement=throughput truncation=32,null restarts=5"
    )


def test_a_gain_without_an_interval_is_a_gap(
    speeds: MakeRuns, losses: MakeRuns, study: MakeStudy
) -> None:
    runs = speeds({32: 300, None: 100}, half=None)
    (finding,) = truncation.find(study(runs, losses({32: 0.0})))
    assert finding.kind is Kind.GAP
    assert finding.check is not None


def test_losses_of_other_texts_or_another_model_do_not_count(
    speeds: MakeRuns, losses: MakeRuns, study: MakeStudy
) -> None:
    runs = speeds({32: 300, None: 100})
    others = [
        *losses({32: 0.0}, corpus="corpus=claims"),
        *losses({32: 0.0}, "model=minilm_l3"),
        *losses({32: 0.0}, "backend.dtype=bfloat16"),
        *losses({64: 0.0}),
    ]
    (finding,) = truncation.find(study(runs, others))
    assert finding.kind is Kind.GAP


def test_a_loss_holds_for_every_batch_size_and_machine(
    speeds: MakeRuns, losses: MakeRuns, study: MakeStudy
) -> None:
    runs = speeds({32: 300, None: 100}, "batch_size=64")
    (finding,) = truncation.find(study(runs, losses({32: 0.0}, "batch_size=8", "threads=1")))
    assert finding.kind is Kind.ADVICE


def test_a_loss_without_the_gain_is_a_gap_with_the_command(
    losses: MakeRuns, study: MakeStudy
) -> None:
    (finding,) = truncation.find(study(losses({32: 28.0, 64: 3.0, None: 0.0})))
    assert finding.kind is Kind.GAP
    assert finding.check == (
        "python -m embprof -m corpus=evidence measurement=throughput truncation=32,64,null"
    )


@pytest.mark.parametrize(
    ("more", "asked"),
    [
        (
            ("text_length=512",),
            f"{BOTH} truncation=32,null corpus=evidence text_length=own",
        ),
        (
            (CORPUS, "model.weights=random"),
            f"corpus=evidence {BOTH} truncation=32,null model.weights=pretrained",
        ),
    ],
)
def test_what_means_nothing_is_asked_again_of_something_that_does(
    answer: MakeAnswer, study: MakeStudy, more: tuple[str, ...], asked: str
) -> None:
    runs = [
        answer(*more, f"truncation={cut}", rate=rate) for cut, rate in (("32", 300), ("null", 100))
    ]
    (finding,) = truncation.find(study(runs))
    assert finding.kind is Kind.GAP
    assert finding.check == f"python -m embprof -m {asked}"
    assert truncation.MEANS_NOTHING in finding.evidence


def test_without_an_uncut_run_the_longest_cut_is_compared_with(
    speeds: MakeRuns, losses: MakeRuns, study: MakeStudy
) -> None:
    (finding,) = truncation.find(study(speeds({32: 300, 128: 100}), losses({32: 1.0})))
    assert "more throughput than a cut at 128" in finding.title


def test_long_texts_that_nobody_asked_about_are_a_gap(answer: MakeAnswer, study: MakeStudy) -> None:
    runs = [
        answer(f"text_length={length}", rate=100, figures={"tokens_per_s": 100.0 * tokens})
        for length, tokens in ((50, 12), (512, 110))
    ]
    (finding,) = truncation.find(study(runs))
    assert finding.kind is Kind.GAP
    assert (
        finding.title == "Texts have up to 110 tokens; whether cutting them pays was not measured"
    )
    assert finding.check == (
        "python -m embprof -m measurement=throughput,truncation_loss truncation=32,64,null "
        "corpus=evidence text_length=own"
    )
    assert list(truncation.find(study(runs[:1]))) == []
    assert list(truncation.find(study())) == []
