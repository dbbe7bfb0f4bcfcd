"""What runs of a cross-encoder are found to say of predictions, cuts, order and padding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

from embprof.interface.finding import Finding, Kind, Level
from embprof.measurements.findings import truncation
from embprof.measurements.throughput.findings import (
    alternatives,
    best_batch_size,
    padding,
    text_length,
)
from embprof.report.findings import findings
from embprof.workloads.nli.findings import agreement, pair_order, pairs_cut

if TYPE_CHECKING:
    from embprof.report.study import Answer
    from tests.unit.conftest import MakeAnswer, MakeStudy

TRAINED = "cross_encoder=minilm_l6_mnli"
DOCUMENT = {
    "pairs": 420,
    "agreed": 400,
    "changed_near_ties": 17,
    "by_label": [{"label": "supports", "pairs": 220, "agreed": 200}],
    "by_margin": [{"margin_from": 0.1, "margin_to": 0.2, "pairs": 420, "agreed": 400}],
}
NOTHING: Mapping[str, Any] = {}


@pytest.fixture
def judged(answer: MakeAnswer) -> MakeAnswer:
    """A run of pairs: its rate, the word of its predictions and other figures."""

    def make(
        *overrides: str,
        rate: float = 50.0,
        word: str | None = None,
        figures: Mapping[str, float | tuple[float, float | None]] = NOTHING,
        document: Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> Answer:
        return answer(
            "workload=nli",
            *overrides,
            figures={"throughput_pairs_per_s": (rate, 0.01), **figures},
            description={"items": "pairs", "max_tokens": 512},
            outcomes={} if word is None else {"predictions": word},
            documents={} if document is None else {"agreement.json": document},
            **changes,
        )

    return make


def of(rule: Any, found: list[Finding]) -> list[Finding]:
    return [one for one in found if one.rule == rule.RULE.name]


def test_predictions_that_change_are_urgent_and_told_with_where_they_lie(
    judged: MakeAnswer, study: MakeStudy
) -> None:
    one = judged(
        TRAINED,
        "backend.dtype=bfloat16",
        word="changed",
        figures={"agreement_percent": (95.2, 0.01), "max_logit_difference": 0.3},
        document=DOCUMENT,
    )
    (finding,) = agreement.find(study(one))
    assert finding.title == (
        "bfloat16 (batch 32) changes 4.80 % (3.8 to 5.8 %) of predictions, more than the "
        "1 % that may be lost"
    )
    assert (finding.kind, finding.priority) == (Kind.ADVICE, Level.HIGH)
    assert any("20 of 220 pairs of supports" in line for line in finding.evidence)
    assert any("20 pairs, 17 with a margin no larger" in line for line in finding.evidence)
    assert any("20 of 420 pairs at margins of 0.100 to 0.200" in line for line in finding.evidence)
    assert "float32,bfloat16" in str(finding.check)


def test_batches_that_change_predictions_are_named_as_the_cause(
    judged: MakeAnswer, study: MakeStudy
) -> None:
    figures = {"agreement_percent": (90.0, 0.01)}
    one = judged(TRAINED, "batch_size=8", word="changed", figures=figures)
    (finding,) = agreement.find(study(one))
    assert finding.title.startswith("Batches of 8 change 10.0 % (9.1 to 10.9 %) of predictions")
    assert "batch_size=1,8" in str(finding.check)


def test_runs_of_one_word_and_type_are_one_finding(judged: MakeAnswer, study: MakeStudy) -> None:
    answers = [
        judged(
            TRAINED,
            f"batch_size={size}",
            word="unchanged",
            figures={"agreement_percent": (100.0, 0.005)},
        )
        for size in (1, 32)
    ]
    (finding,) = agreement.find(study(answers))
    assert finding.title == (
        "Predictions are unchanged at batches of 1 and 32 in float32: at most 0.5 % are lost"
    )
    assert finding.kind is Kind.FACT


def test_random_weights_are_a_gap_that_trained_ones_would_fill(
    judged: MakeAnswer, study: MakeStudy
) -> None:
    one = judged("backend.dtype=bfloat16", word="ties", figures={"agreement_percent": (95, 0.01)})
    (finding,) = agreement.find(study(one))
    assert finding.kind is Kind.GAP
    assert "cannot be told with random weights" in finding.title
    assert "cross_encoder=minilm_l6_mnli" in str(finding.check)


def test_too_few_pairs_are_a_gap_that_more_would_fill(judged: MakeAnswer, study: MakeStudy) -> None:
    one = judged(TRAINED, word="too_few_to_tell", figures={"agreement_percent": (100, 0.03)})
    (finding,) = agreement.find(study(one))
    assert finding.kind is Kind.GAP
    assert "workload.agreement_pairs=420" in str(finding.check)


def test_a_faster_type_says_what_it_costs_in_predictions(
    judged: MakeAnswer, study: MakeStudy
) -> None:
    figures = {
        "agreement_percent": (99.5, 0.004),
        "accuracy_percent": (88.1, 0.03),
        "reference_accuracy_percent": 88.3,
    }
    answers = [
        judged(TRAINED, rate=50, word="unchanged", figures=figures),
        judged(TRAINED, "backend.dtype=bfloat16", rate=100, word="unchanged", figures=figures),
    ]
    (finding,) = [one for one in alternatives.find(study(answers)) if one.kind is Kind.ADVICE]
    assert "99.5 % (99.1 to 99.9 %) of 100 predictions are those of the reference" in str(
        finding.cost
    )
    assert "of the reference 88.3 %" in str(finding.cost)
    assert finding.risk is None


def test_other_cross_encoders_are_compared_under_the_key_that_names_them(
    judged: MakeAnswer, study: MakeStudy
) -> None:
    answers = [judged(rate=50), judged("cross_encoder=nli_minilm2_l6", rate=20)]
    (finding,) = [one for one in alternatives.find(study(answers)) if one.kind is Kind.ADVICE]
    assert finding.title.startswith(
        "nli-minilm-l6 is 2.50 times (2.46 to 2.54) as fast as nli-MiniLM2-L6-H768"
    )
    assert "cross_encoder=nli_minilm2_l6,nli_minilm_l6" in str(finding.check)
    assert "accuracy on your own pairs" in str(finding.cost)


def test_nothing_said_of_pairs_speaks_of_encoding_or_embeddings(
    judged: MakeAnswer, study: MakeStudy
) -> None:
    rates = {1: 20.0, 8: 60.0, 32: 90.0}
    more = {"padding_percent": 45.0, "tokens_per_s": 9000.0, "peak_rss_mb": 500.0}
    answers = [
        *(judged(f"batch_size={size}", rate=rate, figures=more) for size, rate in rates.items()),
        judged("measurement=profile", figures={"stage_forward_percent": (95.0, 0.01)}),
        judged("truncation=64", rate=200.0),
    ]
    found = findings(study(answers))
    assert {best_batch_size.RULE.name, padding.RULE.name, "small_batches", "stages"} <= {
        one.rule for one in found
    }
    for one in found:
        said = " ".join(
            [one.title, one.advice or "", one.risk or "", one.cost or "", *one.evidence]
        )
        for word in ("encode", "Encode", "mbedding", "texts", "neighbour"):
            assert word not in said, one


def test_padding_of_pairs_is_told_though_no_length_of_texts_was_asked(
    judged: MakeAnswer, study: MakeStudy
) -> None:
    (finding,) = padding.find(study(judged("batch_size=8", figures={"padding_percent": 45.0})))
    assert "sorting pairs by length would give up to" in finding.title
    assert "predict()" in str(finding.advice)


def test_a_cut_that_keeps_predictions_is_advised(judged: MakeAnswer, study: MakeStudy) -> None:
    kept = {"uncut_agreement_percent": (99.8, 0.002), "pairs_cut_percent": 3.0}
    answers = [
        judged(TRAINED, "truncation=null", rate=50),
        judged(TRAINED, "truncation=128", rate=80, figures=kept),
        judged(TRAINED, "truncation=32", rate=200, figures={"uncut_agreement_percent": (70, 0.05)}),
    ]
    (finding,) = pairs_cut.find(study(answers))
    assert finding.kind is Kind.ADVICE
    assert finding.title.startswith("Cutting pairs at 128 tokens gives 60 %")
    assert finding.advice == "Set truncation=128 (max_seq_length of the model)."
    assert list(truncation.find(study(answers))) == []


def test_a_cut_that_costs_predictions_is_a_fact(judged: MakeAnswer, study: MakeStudy) -> None:
    answers = [
        judged(TRAINED, "truncation=null", rate=50),
        judged(TRAINED, "truncation=32", rate=200, figures={"uncut_agreement_percent": (70, 0.05)}),
    ]
    (finding,) = pairs_cut.find(study(answers))
    assert (finding.kind, finding.improvement) == (Kind.FACT, None)
    assert "70.0 % (66.5 to 73.5 %) of predictions are those of whole pairs" in finding.title


def test_what_a_cut_costs_with_random_weights_is_a_gap(
    judged: MakeAnswer, study: MakeStudy
) -> None:
    answers = [judged("truncation=null", rate=50), judged("truncation=32", rate=200)]
    (finding,) = pairs_cut.find(study(answers))
    assert finding.kind is Kind.GAP
    assert "cross_encoder=minilm_l6_mnli" in str(finding.check)


def test_pairs_beyond_what_the_model_takes_are_told(judged: MakeAnswer, study: MakeStudy) -> None:
    (finding,) = pairs_cut.find(study(judged(figures={"pairs_cut_percent": (12.0, 0.1)})))
    assert finding.title == (
        "12.0 % (10.8 to 13.2 %) of pairs are longer than the 512 tokens that the model takes: "
        "the rest of them is not read"
    )
    assert list(pairs_cut.find(study(judged(figures={"pairs_cut_percent": 0.0})))) == []


@pytest.mark.parametrize(("other", "kind"), [(70.0, Kind.ADVICE), (85.0, Kind.FACT)])
def test_the_order_that_is_more_accurate_is_advised_where_it_can_be_told(
    judged: MakeAnswer, study: MakeStudy, other: float, kind: Kind
) -> None:
    answers = [
        judged(TRAINED, f"workload.format={order}", figures={"accuracy_percent": (value, 0.04)})
        for order, value in (("evidence_first", 88.0), ("claim_first", other))
    ]
    (finding,) = pair_order.find(study(answers))
    assert finding.kind is kind
    assert (finding.advice == "Give the model evidence first.") == (kind is Kind.ADVICE)


def test_longer_evidence_is_found_to_cost_throughput(judged: MakeAnswer, study: MakeStudy) -> None:
    answers = [
        judged(f"workload.evidence_length={length}", rate=9000 / length)
        for length in (50, 200, 800)
    ]
    (finding,) = text_length.find(study(answers))
    assert finding.title.startswith("Longer evidence costs throughput: 11.2 pairs/s at 800")
