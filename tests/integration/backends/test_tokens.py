"""Token ids are those of sentence-transformers, whatever the texts, the prompt and the limit."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from embprof.backends.exported import card as cards
from embprof.backends.exported import export
from embprof.backends.exported.batches import Batch, padded
from embprof.backends.exported.card import TOKENIZER
from embprof.backends.exported.tokens import Tokens
from embprof.interface.backend import Truncate
from embprof.interface.workload import UNLIMITED
from tests.integration.backends import layouts
from tests.integration.backends.workshop import Workshop

PIECES = (
    *("a", "naïve", "Straße", "東京都に住む", "한국어", "😀", "\U0001f469\u200d\U0001f467"),
    *("\u200b", "[SEP]", "[MASK]", "<end>", "\n\n", "\t", "don't", "3.14159", "Ω", "e\u0301"),
    *("supercalifragilisticexpialidocious", "  "),
)
LIMITS = (3, 5, 17, 40, UNLIMITED)


def _texts(seed: int, count: int = 40) -> list[str]:
    """Drawn ones: empty, short and long, of many scripts."""
    draw = random.Random(seed)
    lengths = [0, 1, *(draw.choice((2, 5, 30, 120)) for _ in range(count - 2))]
    return [" ".join(draw.choices(PIECES, k=length)) for length in lengths]


@pytest.fixture(
    scope="module", params=["packaged", "packaged, prompted", "decoder", "decoder, prompted"]
)
def both(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    workshop: Workshop,
    mixed_texts: Sequence[str],
) -> tuple[Any, Tokens, Any]:
    """A model of sentence-transformers, its exported tokeniser, its card."""
    kind, _, prompted = str(request.param).partition(", ")
    folder = tmp_path_factory.mktemp("tokens")
    is_decoder = kind == "decoder"
    tokenizer = layouts.byte_pairs(mixed_texts) if is_decoder else layouts.word_pieces()
    network = "qwen2" if is_decoder else "bert"
    saved = layouts.save(folder, tokenizer, kind=network, prompted=bool(prompted))
    model = export.load(workshop.network(saved))
    return model, *_exported(model, folder)


def _exported(model: Any, folder: Path) -> tuple[Tokens, Any]:
    card = export._card(model)
    model.tokenizer.backend_tokenizer.save(str(folder / TOKENIZER))
    return Tokens(folder, card), card


@pytest.mark.parametrize("limit", LIMITS)
def test_texts_have_the_ids_and_the_padding_of_the_original(
    both: tuple[Any, Tokens, Any], limit: int
) -> None:
    model, tokens, card = both
    model.limit = tokens.limit = limit
    for seed in range(3):
        texts = _texts(seed)
        assert tokens.count(texts) == model.tokens(texts)
        wanted = model.preprocess(texts, model.prompt)
        found = padded(Batch(rows=None, encodings=tokens.encode(texts)), card)  # type: ignore[arg-type]
        assert set(found) == set(card.inputs)
        for name, array in found.items():
            assert array.tolist() == wanted[name].tolist()


@pytest.mark.parametrize("which", ["longest_first", "first", "second"])
@pytest.mark.parametrize("limit", [150, 200, UNLIMITED, 13])
def test_pairs_are_cut_where_the_original_cuts_them(
    which: Truncate,
    limit: int,
    tmp_path: Path,
    judge_model: Any,
) -> None:
    tokens, card = _exported(judge_model, tmp_path)
    draw = random.Random(5)
    words = 1 if limit == 13 else 10
    kept = [" ".join(draw.choices(["a", "Ω", "😀"], k=words)) for _ in range(40)]
    both = (kept, _texts(1)) if which == "second" else (_texts(1), kept)
    pairs = list(zip(*both, strict=True))
    judge_model.truncate(which, limit)
    tokens.truncate(which, limit)
    assert tokens.count(pairs) == judge_model.tokens(pairs)
    wanted = judge_model.preprocess(pairs, "")
    found = padded(Batch(rows=None, encodings=tokens.encode(pairs)), card)  # type: ignore[arg-type]
    for name, array in found.items():
        assert array.tolist() == wanted[name].tolist()


@pytest.fixture(scope="module")
def judge_model(workshop: Workshop) -> Any:
    return export.load(workshop.network(task="judge", weights="random"))


def test_a_card_is_read_as_it_was_written(tmp_path: Path, judge_model: Any) -> None:
    card = export._card(judge_model)
    cards.write(card, tmp_path)
    assert cards.read(tmp_path) == card
