"""Both halves of a comparison, with a workload that remembers what it was asked."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from embprof.models import prompts
from embprof.models.prompts import Prompts
from embprof.parity import checking
from tests.unit.parity.toy import drawn

TARGET = f"{__name__}.Service"
MODEL = {
    **dict.fromkeys(("revision", "path", "sha256", "architecture")),
    "name": "toy",
    "weights": "pretrained",
}
QUERY, DOCUMENT = "q: ", "p: "


class Service:
    """A vector drawn for each text with what stands before it."""

    asked: ClassVar[list[tuple[str, str]]] = []
    items = "texts"

    def __init__(self, **settings: Any) -> None:
        self._prompt = settings["prompt"] or ""

    def load(self) -> None: ...
    def close(self) -> None: ...
    def step(self) -> int:
        return 1

    def limits(self) -> tuple[int, int]:
        return 16, 16

    def sample(self, count: int) -> Sequence[str]:
        return [f"text {number}" for number in range(count)]

    def tokens(self, texts: Sequence[str]) -> Sequence[int]:
        return [1 for _ in texts]

    def embed(self, texts: Sequence[str], limit: int) -> NDArray[np.float32]:
        del limit
        return self.vectors(texts, batch_size=1)

    def vectors(self, texts: Sequence[str], *, batch_size: int) -> NDArray[np.float32]:
        del batch_size
        self.asked.extend((self._prompt, text) for text in texts)
        rows = [drawn(self._prompt + text).normal(size=16) for text in texts]
        return np.asarray(rows, np.float32)

    @contextlib.contextmanager
    def prompted(self, prompt: str) -> Iterator[None]:
        before, self._prompt = self._prompt, prompt
        yield
        self._prompt = before


@pytest.fixture
def labelled(tmp_path: Path) -> str:
    folder = tmp_path / "mine"
    (folder / "qrels").mkdir(parents=True)
    documents = [{"_id": f"d{at}", "text": f"text {at}"} for at in range(4)]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, documents)))
    (folder / "queries.jsonl").write_text(json.dumps({"_id": "q", "text": "text 0"}))
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\td0\t1\n")
    return str(folder)


@pytest.fixture
def _prompts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompts, "of", lambda _: Prompts(named={"passage": DOCUMENT}))


def compared(folder: Path, labelled: str, prompt: str | None) -> set[tuple[str, str]]:
    """What the labelled texts were asked with, of both halves alike."""
    known, own = folder / "known", folder / "own"
    owner = {"_target_": TARGET, "model": MODEL, "prompt": prompt, "seed": 0}
    asked = []
    for place, half, more in (
        (known, checking.reference, {"count": 30}),
        (own, checking.readings, {"reference": str(known)}),
    ):
        place.mkdir()
        Service.asked.clear()
        half({"folder": str(place), "owner": owner, "labelled": labelled, **more}, lambda _: None)
        asked.append({one for one in Service.asked if one[1] in {f"text {at}" for at in range(4)}})
    assert asked[0] == asked[1]
    return asked[0]


@pytest.mark.usefixtures("_prompts")
def test_a_prompt_stands_before_queries_and_the_models_own_before_what_is_searched(
    labelled: str, tmp_path: Path
) -> None:
    asked = compared(tmp_path, labelled, QUERY)
    assert {(DOCUMENT, f"text {at}") for at in range(4)} <= asked
    assert (QUERY, "text 0") in asked
    readings = json.loads((tmp_path / "own" / checking.READINGS).read_text())
    values = {one["name"]: one["values"] for one in readings}
    assert values["cosine"] == pytest.approx([1.0] * 30)


@pytest.mark.usefixtures("_prompts")
def test_without_a_prompt_both_sides_are_embedded_as_the_model_does_by_itself(
    labelled: str, tmp_path: Path
) -> None:
    assert {prompt for prompt, _ in compared(tmp_path, labelled, None)} == {""}
