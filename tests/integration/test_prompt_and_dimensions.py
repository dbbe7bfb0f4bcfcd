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
NAMED, TEXT = 0, 2
"""Rows of whole vectors; the row behind each is cut."""


@pytest.fixture(scope="module")
def desk(make_desk: MakeDesk) -> Desk:
    desk = make_desk("prompts")
    desk.environment["EMBPROF_CACHE_DIR"] = str(desk.path / "cache")
    saved = layouts.save(desk.path / "model", layouts.word_pieces(), prompted=True)
    saved.rename(desk.path / "prompted")
    return desk


@pytest.fixture(scope="module")
def swept(desk: Desk) -> Measured:
    measured = desk.measure(
        *("-m", "model=./prompted", f'prompt=query,"{PROMPT}"', "truncate_dim=null,8"), *SHORT
    )
    assert measured.done.code == 0, measured.done.text
    return measured


def figures(measured: Measured, row: int) -> dict[str, float]:
    found = {one["name"]: one["estimate"] for one in measured.answer(row)["figures"]}
    return {name: one["value"] for name, one in found.items() if one}


def test_the_prompt_and_its_tokens_are_kept_and_counted(swept: Measured) -> None:
    facts = [swept.answer(row)["description"] for row in (NAMED, TEXT)]
    assert [one["prompt"] for one in facts] == [layouts.PROMPT, PROMPT]
    assert [one["prompt_tokens"] for one in facts] == [5, 6]
    rates = [figures(swept, row) for row in (NAMED, TEXT)]
    tokens = [one["tokens_per_s"] / one["throughput_texts_per_s"] for one in rates]
    assert 0.5 < tokens[1] - tokens[0] < 1.5


def test_a_cut_row_is_compared_with_the_whole_vectors(swept: Measured) -> None:
    assert swept.done.out.count("comparing the answers of torch float32 of") == 2
    for row in (NAMED, TEXT):
        whole, cut = figures(swept, row), figures(swept, row + 1)
        assert "top10_kept_percent" not in whole
        assert 5 < cut["top10_kept_percent"] < 100
        assert "cosine_mean" not in cut
        dimensions = [swept.answer(one)["description"]["dimensions"] for one in (row, row + 1)]
        assert dimensions == [LENGTH, 8]


def test_keys_tell_what_was_asked(swept: Measured) -> None:
    config = swept.answer(TEXT + 1)["config"]
    assert (config["prompt"], config["truncate_dim"]) == (PROMPT, 8)
    assert len({swept.answer(row)["key"] for row in range(4)}) == 4


def test_files_of_a_backend_are_made_once_for_all_of_them(desk: Desk) -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx")
    measured = desk.measure(
        *("-m", "model=./prompted", "backend=onnx", "prompt=null,query,", "truncate_dim=8,null"),
        *(*SHORT, "parity.texts=0", "iterations=4"),
    )
    assert measured.done.code == 0, measured.done.text
    assert measured.done.out.count("making onnx") == 1
    facts = [measured.answer(row)["description"] for row in range(6)]
    assert [one.get("prompt_tokens", 0) for one in facts] == [5, 5, 5, 5, 0, 0]
    assert [one["dimensions"] for one in facts] == [8, LENGTH] * 3


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
