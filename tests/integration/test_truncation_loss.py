"""The real model, its texts cut and whole: what is lost, what is refused, what is kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.saved_models import PROMPTED, save

if TYPE_CHECKING:
    from tests.integration.conftest import Desk, MakeDesk, Measured

CUT, WHOLE = 0, 1
"""Jobs: cut at 8 tokens, and at 64, which no claim has."""


@pytest.fixture(scope="module")
def lost(make_desk: MakeDesk) -> Measured:
    """The claims, cut and whole."""
    desk = make_desk("lost")
    measured = desk.measure(
        *("-m", "measurement=truncation_loss", "corpus=claims", "truncation=8,64"),
        *("threads=1", "wait_policy=passive"),
    )
    assert measured.done.code == 0, measured.done.text
    return measured


@pytest.fixture(scope="module")
def prompted(make_desk: MakeDesk) -> Measured:
    """The claims behind a prompt, which is cut with them."""
    desk = make_desk("prompted")
    save(desk.path / "prompted", PROMPTED)
    measured = desk.measure(
        *("measurement=truncation_loss", "corpus=claims", "truncation=48", "model=./prompted"),
        *("threads=1", "wait_policy=passive", "report=false"),
    )
    assert measured.done.code == 0, measured.done.text
    return measured


def _figures(answer: dict[str, Any]) -> dict[str, float]:
    found = {figure["name"]: figure["estimate"] for figure in answer["figures"]}
    return {name: estimate["value"] for name, estimate in found.items() if estimate}


def test_cutting_at_a_length_that_no_text_reaches_changes_nothing(lost: Measured) -> None:
    found = _figures(lost.answer(WHOLE))
    assert found["cosine_to_full"] == found["cosine_to_full_p05"] == 1
    assert found["neighbour_changed_percent"] == found["neighbour_changed_mixed_percent"] == 0
    assert found["top10_kept_percent"] == found["tokens_kept_percent"] == 100
    assert found["texts_cut_percent"] == 0


def test_cutting_at_eight_tokens_changes_much(lost: Measured) -> None:
    answer = lost.answer(CUT)
    found = _figures(answer)
    assert found["cosine_to_full"] < 0.8
    assert found["neighbour_changed_percent"] > 30
    assert found["top10_kept_percent"] < 70
    assert found["texts_cut_percent"] > 90
    assert 30 < found["tokens_kept_percent"] < 60
    for figure in answer["figures"]:
        estimate = figure["estimate"]
        assert estimate["low"] <= estimate["value"] <= estimate["high"]
        assert estimate["n"] == 104


def test_a_prompt_counts_as_the_model_reads_it(prompted: Measured) -> None:
    """Expected are 47 to 60 tokens a text, as encode() of sentence-transformers makes them."""
    found = _figures(prompted.answer(0))
    assert found["texts_cut_percent"] == pytest.approx(100 * 103 / 104)
    assert found["tokens_kept_percent"] == pytest.approx(88.258, abs=0.01)
    assert found["cosine_to_full"] == pytest.approx(0.95471, abs=1e-4)
    tokens = prompted.readings(0).values("text_tokens")
    assert (min(tokens), max(tokens)) == (47, 60)


def test_noise_of_batches_is_stated_and_far_below_the_loss(lost: Measured) -> None:
    description = lost.answer(CUT)["description"]
    assert description["texts"] == 104
    assert (description["cut_at_tokens"], description["full_at_tokens"]) == (8, 256)
    assert description["repeated_texts"] == 64
    assert description["repeated_cosine_min"] > 0.9999
    assert description["repeated_neighbours_changed"] == 0


def test_every_text_is_kept_as_a_reading_and_the_worst_as_texts(lost: Measured) -> None:
    job = CUT
    cosines = lost.readings(job).values("cosine_to_full")
    assert len(cosines) == 104
    run = lost.children[job]
    assert "truncation_loss.json" in lost.store.artifacts(run)
    document = json.loads(
        (lost.desk.sweep(lost.sweep_id) / str(job) / "truncation_loss.json").read_text()
    )
    assert document["lost_most"][0]["cosine_to_full"] == pytest.approx(min(cosines), abs=1e-6)
    assert len(document["lost_most"][0]["text"]) > 20


def test_mlflow_has_the_figures_with_their_bounds(lost: Measured) -> None:
    metrics = lost.children[CUT].data.metrics
    low, high = (metrics[f"neighbour_changed_percent_{end}"] for end in ("low", "high"))
    assert low < metrics["neighbour_changed_percent"] < high


def test_the_table_shows_loss_beside_what_was_cut(lost: Measured) -> None:
    assert "new nearest %" in lost.done.out
    assert "0.0 (0.0–3.6)" in lost.done.row(WHOLE)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("corpus=claims", "model.weights=random"), "embeddings of random weights have none"),
        (("text_length=100",), "random words have none"),
    ],
    ids=["weights", "texts"],
)
def test_what_means_nothing_is_refused_before_the_first_job(
    desk: Desk, words: tuple[str, ...], said: str
) -> None:
    done = desk.run("measurement=truncation_loss", "truncation=8", *words)
    assert done.code == 2
    assert said in done.text
    assert not desk.mlruns.exists()
