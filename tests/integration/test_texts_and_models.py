"""The real model on texts of every kind, with every setting that changes what is computed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.saved_models import PROMPTED, save, save_old, save_static

if TYPE_CHECKING:
    from tests.integration.conftest import MakeDesk, Measured, Readings

SMALL = (
    *("batch_size=8", "threads=1", "wait_policy=passive", "iterations=4", "slice_seconds=0.05"),
    *("warmup.iterations=1", "warmup.seconds=0", "warmup.max_seconds=0.05"),
)
CORPORA = ("tokens", "claims", "words")
TRUNCATIONS = ("null", "16")


@pytest.fixture(scope="module")
def texts(make_desk: MakeDesk) -> Measured:
    """Three corpora, each whole and truncated, in one sweep."""
    desk = make_desk("texts")
    (desk.path / "words.csv").write_text('id,greeting\n1,hello\n2,"hello"\n3,\n4,hello\n')
    corpus = desk.path / "conf" / "corpus"
    corpus.mkdir(parents=True)
    (corpus / "tokens.yaml").write_text(
        "# @package _global_\ntext_length: 32\n"
        "corpus: {_target_: embprof.corpora.synthetic.Synthetic, unit: tokens}\n"
    )
    (corpus / "words.yaml").write_text(
        "# @package _global_\ntext_length: own\n"
        "corpus: {_target_: embprof.corpora.file.File, path: words.csv, column: greeting}\n"
    )
    measured = desk.measure(
        *("-m", f"corpus={','.join(CORPORA)}", f"truncation={','.join(TRUNCATIONS)}"), *SMALL
    )
    assert measured.done.code == 0, measured.done.text
    return measured


@pytest.fixture(scope="module")
def isolated(make_desk: MakeDesk) -> Measured:
    """The same question in a forked worker and in an interpreter of its own."""
    desk = make_desk("isolated")
    measured = desk.measure(
        "-m", "isolation=fork,fresh", "corpus.unit=tokens", "text_length=32", *SMALL
    )
    assert measured.done.code == 0, measured.done.text
    return measured


@pytest.fixture(scope="module")
def restarted(make_desk: MakeDesk) -> Measured:
    """A smaller network with random weights, in two processes one after the other."""
    desk = make_desk("restarted")
    measured = desk.measure("model=minilm_l3", "model.weights=random", "restarts=2", *SMALL)
    assert measured.done.code == 0, measured.done.text
    return measured


@pytest.fixture(scope="module")
def prompted(make_desk: MakeDesk) -> Measured:
    """Texts of a number of tokens for models that are saved in different ways.

    One puts a prompt before each text, one lies in folders as they were called once, and one is a
    table of vectors without a network.
    """
    desk = make_desk("prompted_texts")
    save(desk.path / "minilm_l6", PROMPTED)
    save_old(desk.path / "old")
    save_static(desk.path / "static", dimensions=16)
    measured = desk.measure(
        *("-m", "model=./minilm_l6,minilm_l6,./old,./static"),
        *("corpus.unit=tokens", "text_length=64", *SMALL),
    )
    assert measured.done.code == 0, measured.done.text
    return measured


def _job(corpus: str, truncation: str = "null") -> int:
    return CORPORA.index(corpus) * len(TRUNCATIONS) + TRUNCATIONS.index(truncation)


def _tokens_per_text(readings: Readings) -> float:
    return readings.total("tokens") / sum(readings.items())


def _figures(answer: dict[str, Any]) -> dict[str, float]:
    found = {figure["name"]: figure["estimate"] for figure in answer["figures"]}
    return {name: estimate["value"] for name, estimate in found.items() if estimate}


def test_texts_of_a_number_of_tokens_have_exactly_that_many(texts: Measured) -> None:
    for piece in texts.desk.slices(texts.sweep_id, _job("tokens")):
        samples = {one["name"]: one for one in piece["samples"]}
        assert samples["tokens"]["values"] == [32.0 * sum(samples["call_time"]["items"])]


def test_a_prompt_is_part_of_the_tokens_that_were_asked_for(prompted: Measured) -> None:
    for job in range(4):
        assert _tokens_per_text(prompted.readings(job)) == 64
        assert _figures(prompted.answer(job))["padding_percent"] == 0


def test_a_model_is_the_same_in_the_folders_that_were_usual_once(prompted: Measured) -> None:
    built_in, old = (prompted.answer(job)["description"] for job in (1, 2))
    assert old["weights_source"] == "local path"
    for fact in ("weights_sha256", "dimensions", "max_tokens", "parameters"):
        assert old[fact] == built_in[fact]


def test_a_table_of_vectors_is_measured_like_a_network(prompted: Measured) -> None:
    answer = prompted.answer(3)
    assert (answer["status"], answer["description"]["dimensions"]) == ("ok", 16)
    assert answer["description"]["parameters"] == 30522 * 16
    assert _figures(answer)["throughput_texts_per_s"] > 1


def test_a_folder_that_is_called_like_an_option_is_what_its_path_says(prompted: Measured) -> None:
    own, built_in = (prompted.answer(job)["description"] for job in (0, 1))
    assert (own["weights_source"], built_in["weights_source"]) == ("local path", "package")
    assert own["weights_sha256"] == built_in["weights_sha256"]


def test_models_that_differ_in_a_prompt_are_told_apart_by_the_file_that_has_it(
    prompted: Measured,
) -> None:
    desk = prompted.desk
    done = desk.run("compare", f"{prompted.sweep_id}/0", f"{prompted.sweep_id}/1")
    assert "incomparable: model_files.config_sentence_transformers.json: " in done.text


def test_texts_of_one_length_need_no_padding(texts: Measured) -> None:
    assert _figures(texts.answer(_job("tokens")))["padding_percent"] == 0


def test_claims_have_lengths_of_their_own_and_need_padding(texts: Measured) -> None:
    assert texts.answer(_job("claims"))["config"]["text_length"] == "own"
    assert _figures(texts.answer(_job("claims")))["padding_percent"] > 0
    assert 5 < _tokens_per_text(texts.readings(_job("claims"))) < 100


def test_texts_of_a_csv_file_come_from_the_column_that_was_named(texts: Measured) -> None:
    assert _tokens_per_text(texts.readings(_job("words"))) == 3, "[CLS] hello [SEP]"


def test_each_corpus_makes_an_environment_of_its_own(texts: Measured) -> None:
    environments = [texts.answer(_job(corpus))["environment"] for corpus in CORPORA]
    assert len(set(environments)) == 3


def test_truncation_lowers_the_tokens_of_longer_texts_alone(texts: Measured) -> None:
    cut = {corpus: _tokens_per_text(texts.readings(_job(corpus, "16"))) for corpus in CORPORA}
    assert cut["tokens"] == 16
    assert cut["words"] == 3
    assert cut["claims"] < _tokens_per_text(texts.readings(_job("claims")))
    assert texts.answer(_job("tokens", "16"))["description"]["max_tokens"] == 16


def test_the_number_of_threads_is_recorded_and_kept(texts: Measured) -> None:
    for job, run in enumerate(texts.children):
        answer = texts.answer(job)
        assert answer["description"]["threads"] == 1
        assert run.data.params["threads"] == "1"
        assert _figures(answer)["cpu_percent"] < 150, "one thread, whatever the machine has"


def test_the_model_describes_itself(texts: Measured) -> None:
    description = texts.answer(0)["description"]
    assert (description["dimensions"], description["max_tokens"]) == (384, 256)
    assert description["parameters"] == pytest.approx(22.7e6, rel=0.01)


@pytest.mark.parametrize("job", [0, 1], ids=["fork", "fresh"])
def test_both_kinds_of_worker_do_the_same_work(isolated: Measured, job: int) -> None:
    readings, figures = isolated.readings(job), _figures(isolated.answer(job))
    assert readings.items() == [8, 8, 8, 8]
    assert readings.total("tokens") == readings.total("padded_tokens") == 4 * 8 * 32
    assert figures["forward_passes"] == 4
    assert all(math.isfinite(value) for value in figures.values())
    assert figures["throughput_texts_per_s"] > 1
    assert figures["peak_rss_mb"] > 100, "torch and the weights"


def test_isolation_is_no_part_of_the_question(isolated: Measured) -> None:
    fork, fresh = (isolated.answer(job) for job in (0, 1))
    assert fork["key"] == fresh["key"]
    assert fork["config"]["isolation"] != fresh["config"]["isolation"]


def test_random_weights_build_the_architecture_that_was_asked_for(restarted: Measured) -> None:
    assert "  paraphrase-MiniLM-L3-v2: weights from random\n" in restarted.done.out
    description = restarted.answer(0)["description"]
    assert (description["dimensions"], description["max_tokens"]) == (384, 128)
    assert description["parameters"] == pytest.approx(17.4e6, rel=0.01)
    (run,) = restarted.children
    assert run.data.params["model.weights"] == "random"


def test_every_restart_is_measured_in_full(restarted: Measured) -> None:
    slices = restarted.desk.slices(restarted.sweep_id, 0)
    for restart in (0, 1):
        calls = [
            len(piece["samples"][0]["values"]) for piece in slices if piece["restart"] == restart
        ]
        assert sum(calls) == 4


def test_the_interval_over_restarts_counts_restarts(restarted: Measured) -> None:
    figures = {figure["name"]: figure["estimate"] for figure in restarted.answer(0)["figures"]}
    throughput, readings = figures["throughput_texts_per_s"], restarted.readings(0)
    assert (throughput["n"], throughput["basis"]) == (2, "2 restarts")
    assert throughput["low"] < throughput["value"] < throughput["high"]
    assert throughput["value"] == pytest.approx(sum(readings.items()) / readings.total("call_time"))
    assert figures["calls"]["value"] == 8
