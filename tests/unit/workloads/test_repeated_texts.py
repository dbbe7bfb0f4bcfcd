"""A file of few texts, which a job measures again and again: told while planning, and once."""

from pathlib import Path

import pytest

from embprof.config.plan import plan


@pytest.fixture
def corpus(tmp_path: Path) -> list[str]:
    (tmp_path / "texts.txt").write_text("".join(f"text {number % 10}\n" for number in range(30)))
    return ["corpus=file", f"corpus.path={tmp_path / 'texts.txt'}"]


def notes(*overrides: str) -> list[str]:
    found = plan(overrides, multirun=True).notes
    return [note for note in found if "they repeat within a job" in note]


@pytest.mark.parametrize("workload", ["embedding", "http"])
def test_few_texts_are_told_once(corpus: list[str], workload: str) -> None:
    url = ["workload.url=http://127.0.0.1:1"] if workload == "http" else []
    (note,) = notes(f"workload={workload}", *url, *corpus, "batch_size=64", "iterations=2,null")[:1]
    assert "10 different texts, and 2 calls of 64 take 128" in note
    several = notes(f"workload={workload}", *url, *corpus, "batch_size=64", "text_length=own,40")
    assert len(several) == 1
    assert "100 calls of 64 take 6,400" in several[0]


def test_few_pairs_are_told_too(tmp_path: Path) -> None:
    (tmp_path / "pairs.csv").write_text("claim,evidence,label\na,b,supports\nc,d,refutes\n")
    (note,) = notes("workload=nli", f"workload.corpus.path={tmp_path / 'pairs.csv'}")
    assert note.startswith("workload.corpus.path=")
    assert "2 different pairs" in note


def test_as_many_texts_as_are_taken_and_texts_that_come_with_embprof_are_not(
    corpus: list[str],
) -> None:
    assert notes(*corpus, "batch_size=5", "iterations=2") == []
    assert notes("corpus=claims") == []
