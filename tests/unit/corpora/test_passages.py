"""A list of texts as an endless, seeded stream."""

import itertools

import pytest

from embprof.corpora import passages
from embprof.corpora.builtin import Builtin
from embprof.corpora.lengths import Lengths

TEXTS = [f"Text number {n} of many." for n in range(10)]


def words(text: str) -> int:
    return 2 + len(text.split())


def drawn(text_length: int | str, count: int, *, seed: int = 0) -> list[str]:
    stream = passages.stream(TEXTS, "characters", Lengths.parse(text_length), seed, words)
    return list(itertools.islice(stream, count))


def test_every_round_holds_every_text_once_in_another_order() -> None:
    texts = drawn("own", 20)
    assert sorted(texts[:10]) == sorted(texts[10:]) == sorted(TEXTS)
    assert texts[:10] != texts[10:]


def test_the_order_follows_the_seed() -> None:
    assert drawn("own", 20, seed=1) == drawn("own", 20, seed=1)
    assert drawn("own", 20, seed=1) != drawn("own", 20, seed=2)


def test_a_length_is_exact_in_the_unit_asked_for() -> None:
    assert {len(text) for text in drawn(100, 20)} == {100}
    stream = passages.stream(TEXTS, "tokens", Lengths.parse(9), 0, words)
    assert {words(text) for text in itertools.islice(stream, 20)} == {9}


def test_the_list_itself_is_left_in_its_order() -> None:
    drawn("own", 20)
    assert sorted(TEXTS, key=lambda text: int(text.split()[2])) == TEXTS


def test_the_fingerprint_tells_where_one_text_ends_and_the_next_begins() -> None:
    assert passages.fingerprint(["ab", "c"]) != passages.fingerprint(["a", "bc"])
    assert passages.fingerprint(["a", "b"]) != passages.fingerprint(["b", "a"])


@pytest.mark.parametrize("name", ["claims", "evidence"])
def test_the_built_in_texts_stream_in_their_own_lengths(name: str) -> None:
    corpus = Builtin(name="claims" if name == "claims" else "evidence")
    drawn = list(itertools.islice(corpus.stream(Lengths.parse("own"), 0, words), 50))
    assert set(drawn) <= set(corpus.texts())
    assert len(set(drawn)) == 50


def test_the_built_in_texts_have_different_fingerprints() -> None:
    assert Builtin(name="claims").fingerprint() != Builtin(name="evidence").fingerprint()
