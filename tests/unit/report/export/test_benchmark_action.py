"""B's figures for github-action-benchmark."""

import json
from collections.abc import Callable

import pytest

from embprof.comparison.sets import Compared, compare
from embprof.errors import RequestError
from embprof.model import Stored, StoredRuns
from embprof.report.export.benchmark_action import text, tool

MakeStored = Callable[..., Stored]
MakeCompared = Callable[..., Compared]


def test_every_row_with_a_value_has_an_entry(compared: MakeCompared) -> None:
    entries = json.loads(text(compared()))
    assert [entry["name"] for entry in entries] == [
        f"throughput_texts_per_s batch_size={size}" for size in (8, 16, 32, 64, 256)
    ]
    first = entries[0]
    assert (first["unit"], first["value"], first["range"]) == ("texts/s", 80.0, "± 1.0 %")
    assert first["extra"] == "slower\nchange of the cost +25 %"
    assert all(set(e) <= {"name", "unit", "value", "range", "extra"} for e in entries)


def test_of_a_throughput_more_is_better_and_of_a_latency_less(
    compared: MakeCompared, stored: MakeStored
) -> None:
    assert tool(compared()) == "customBiggerIsBetter"
    latency = {"figure": "latency_p50_ms", "better": "lower", "half": None}
    sides = [StoredRuns(name=n, sessions=((stored(2.0, session=n, **latency),),)) for n in "ab"]
    found = compare(*sides)
    assert tool(found) == "customSmallerIsBetter"
    (entry,) = json.loads(text(found))
    assert (entry["name"], entry["unit"]) == ("latency_p50_ms", "ms")
    assert "range" not in entry


def test_figures_of_both_kinds_are_refused(stored: MakeStored) -> None:
    def side(name: str) -> StoredRuns:
        latency = stored(3.0, number=1, session=name, figure="latency_p50_ms", better="lower")
        return StoredRuns(name=name, sessions=((stored(session=name), latency),))

    with pytest.raises(RequestError, match="choose with --figure"):
        text(compare(side("a"), side("b")))


def test_names_are_never_the_same(stored: MakeStored) -> None:
    config = {"batch_size": 8}
    sides = [
        StoredRuns(
            name=n,
            sessions=(
                tuple(stored(number=at, session=n, key=f"q{at}", config=config) for at in (0, 1)),
            ),
        )
        for n in "ab"
    ]
    names = [entry["name"] for entry in json.loads(text(compare(*sides)))]
    assert names == ["throughput_texts_per_s b/0", "throughput_texts_per_s b/1"]
