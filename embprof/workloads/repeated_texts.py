"""Whether a user's file holds fewer texts than a job takes, which then measures them again."""

import functools
from collections.abc import Iterator, Mapping
from typing import Any

from embprof.corpora import preview
from embprof.corpora.pairs import Pairs
from embprof.statistics.stopping import MIN_READINGS_TO_STOP


def repeated(config: Mapping[str, Any], items: str, place: str = "corpus") -> Iterator[str]:
    """What is to be said of the corpus of a job whose calls take so many of its ``items``.

    ``place`` is where a user finds the corpus.

    A job makes as many calls as an interval needs at the least, unless it is told how many.
    """
    workload = config["workload"]
    per_call = workload["texts_per_call"] or workload["batch_size"]
    calls = config["iterations"] or MIN_READINGS_TO_STOP
    there = preview.ask(_count, workload["corpus"])
    if there is not None and there < per_call * calls:
        yield (
            f"{place}.path={workload['corpus']['path']}: {there:,} different {items}, and "
            f"{calls:,} calls of {per_call:,} take {per_call * calls:,}: they repeat within a job"
        )


@functools.lru_cache(maxsize=64)
def _count(key: str) -> int | None:
    """How many different ones a user's file holds; None for any other corpus."""
    (corpus,) = preview.instances(key)
    if not isinstance(corpus, preview.OwnFile) or corpus.path is None:
        return None
    if isinstance(corpus, Pairs):
        return len(set(corpus.pairs()))
    return len(set(corpus.texts())) if isinstance(corpus, preview.Finite) else None
