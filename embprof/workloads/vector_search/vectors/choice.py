"""Which texts are searched, and which are asked for: never the same."""

import functools
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from embprof.corpora import Corpus, preview
from embprof.corpora.distinct import distinct
from embprof.corpora.lengths import Lengths
from embprof.corpora.preview import Finite
from embprof.errors import RequestError

HELD_OUT = 8
"""Where queries are not given, one text in so many is one, and is not searched."""
STREAMED = 1024
"""Texts that are taken of a corpus without end where no number is given, as of queries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """How many texts there are to search among, and queries; None where nobody can tell."""

    texts: int
    queries: int | None


@functools.lru_cache(maxsize=64)
def supply(key: str, *, size: int | None, seed: int) -> Supply | None:
    """What :func:`choose` will find, of a corpus and queries for :func:`preview.ask`.

    None for a corpus without an end. Raises as :func:`choose` does.
    """
    found: list[Any] = preview.instances(key)
    if not isinstance(found[0], Finite):
        return None
    corpus, queries = cast("list[Corpus | None]", found)
    assert corpus is not None
    is_known = queries is None or isinstance(queries, Finite)
    texts, asked = choose(corpus, queries if is_known else None, size, seed)
    return Supply(texts=len(texts), queries=len(asked) if is_known else None)


def choose(
    corpus: Corpus, queries: Corpus | None, size: int | None, seed: int
) -> tuple[list[str], list[str]]:
    """The texts to search among and the queries, each once.

    A corpus that has an end is taken from its beginning, all of it where ``size`` is None; without
    ``queries``, some of its texts are held out. Raises RequestError where there are too few texts.
    """
    if queries is not None:
        texts = _first(_texts(corpus, size, seed), size)
        questions = _texts(queries, STREAMED, seed)
    else:
        wanted = None if size is None else HELD_OUT * (size // (HELD_OUT - 1) + 1)
        every = _texts(corpus, wanted, seed)
        texts = _first((text for at, text in enumerate(every) if at % HELD_OUT), size)
        questions = every[::HELD_OUT]
    known = set(texts)
    return texts, [text for text in questions if text not in known]


def _texts(corpus: Corpus, count: int | None, seed: int) -> list[str]:
    """All distinct texts of a corpus that has an end; else as many as are wanted of its stream."""
    if isinstance(corpus, Finite):
        return list(dict.fromkeys(corpus.texts()))
    return distinct(corpus.stream(Lengths(median=None), seed, _count_words), count or STREAMED)


def _first(texts: Iterable[str], size: int | None) -> list[str]:
    found = list(itertools.islice(texts, size))
    if len(found) < (size or 1):
        problem = (
            f"workload.corpus_size={size}: the corpus has {len(found):,} distinct texts; take "
            "fewer (null: all), a larger corpus, or workload.vectors=synthetic"
        )
        raise RequestError([problem])
    return found


def _count_words(text: str) -> int:
    """Stands in for tokens, which matter to texts of a given length alone."""
    return len(text.split())
