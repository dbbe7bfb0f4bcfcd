"""Prompts and dimensions swept: what is counted, compared, marked and shared."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.integration.backends import layouts

if TYPE_CHECKING:
    from tests.integration.conftest import Desk, MakeDesk, Measured

LENGTH = 32
PROMPT = "please find what answers this: "
SHORT = (
    *("corpus=claims", "text_length=own", "batch_size=16", "threads=1", "wait_policy=passive"),
    *("iterations=30", "warmup.iterations=2", "warmup.seconds=0", "warmup.max_seconds=5"),
    "parity.texts=40",
)
WHOLE, CUT = range(2)


@pytest.fixture(scope="module")
def desk(make_desk: MakeDesk) -> Desk:
    desk = make_desk("prompts")
    desk.environment["EMBPROF_CACHE_DIR"] = str(desk.path / "cache")
    saved = layouts.save(desk.path / "model", layouts.word_pieces(), prompted=True)
    saved.rename(desk.path / "prompted")
    return desk


@pytest.fixture(scope="module")
def swept(desk: Desk) -> Measured:
    """The model's own prompt by its name, with whole vectors and with cut ones."""
    measured = desk.measure("-m", "model=./prompted", "prompt=query", "truncate_dim=null,8", *SHORT)
    assert measured.done.code == 0, measured.done.text
    return measured


@pytest.fixture(scope="module")
def prompted(desk: Desk) -> Measured:
    """Four prompts on a backend that runs files, with whole vectors and with cut ones."""
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx")
    prompts = f'prompt=null,query,"{PROMPT}",""'
    measured = desk.measure(
        *("-m", "model=./prompted", "backend=onnx", prompts, "truncate_dim=null,8"),
        *(*SHORT, "parity.texts=0"),
    )
    assert measured.done.code == 0, measured.done.text
    return measured


def figures(measured: Measured, row: int) -> dict[str, float]:
    found = {one["name"]: one["estimate"] for one in measured.answer(row)["figures"]}
    return {name: one["value"] for name, one in found.items() if one}


def test_a_cut_row_is_compared_with_the_whole_vectors(swept: Measured) -> None:
    assert swept.done.out.count("comparing the answers of torch float32 of") == 1
    assert "in 8 numbers with the reference" in swept.done.out
    whole, cut = (figures(swept, row) for row in (WHOLE, CUT))
    assert "top10_kept_percent" not in whole
    assert 5 < cut["top10_kept_percent"] < 100
    assert "cosine_mean" not in cut
    facts = [swept.answer(row)["description"] for row in (WHOLE, CUT)]
    assert [one["dimensions"] for one in facts] == [LENGTH, 8]
    assert [one["prompt"] for one in facts] == [layouts.PROMPT] * 2
    assert [one["prompt_tokens"] for one in facts] == [5] * 2


def test_keys_tell_what_was_asked(swept: Measured) -> None:
    answers = [swept.answer(row) for row in (WHOLE, CUT)]
    assert [one["config"]["truncate_dim"] for one in answers] == [None, 8]
    assert {one["config"]["prompt"] for one in answers} == {"query"}
    assert answers[WHOLE]["key"] != answers[CUT]["key"]


def test_files_of_a_backend_are_made_once_for_all_prompts_and_dimensions(
    prompted: Measured,
) -> None:
    assert prompted.done.out.count("making onnx") == 1
    facts = [prompted.answer(row)["description"] for row in range(8)]
    assert [one["dimensions"] for one in facts] == [LENGTH, 8] * 4
    assert [one.get("prompt_tokens", 0) for one in facts[::2]] == [5, 5, 6, 0]


def test_the_tokens_of_a_prompt_are_counted(prompted: Measured) -> None:
    rates = [figures(prompted, row) for row in (0, 4, 6)]
    tokens = [one["tokens_per_s"] / one["throughput_texts_per_s"] for one in rates]
    assert tokens[0] - tokens[2] == pytest.approx(5, abs=0.5)
    assert tokens[1] - tokens[2] == pytest.approx(6, abs=0.5)


def test_a_prompt_that_the_model_has_not_is_told_before_the_sweep(desk: Desk) -> None:
    done = desk.run("-m", "model=./prompted", "prompt=query,passage")
    assert done.code == 2
    assert "prompt=passage: ./prompted has the prompts" in done.err
    assert "none is called passage" in done.err


def test_parity_names_a_prompt_that_is_missing_and_vectors_that_are_cut(desk: Desk) -> None:
    done = desk.run(
        "parity", "prompt=", "prompt=query truncate_dim=8", "model=./prompted", "--texts", "30",
        "--json",
    )  # fmt: skip
    assert done.code == 3, done.text
    found = json.loads(done.out)
    names = {one["name"] for one in found["faults"]}
    assert names == {"prompt", "dimensions"}
