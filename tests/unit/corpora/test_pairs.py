"""Pairs: built in or of a file, in their own lengths or in one that was asked for."""

import csv
import itertools
import json
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from embprof.corpora.pairs import Pair, Pairs

ROWS = [
    {"claim": "Ice floats.", "evidence": "Ice is lighter than water.", "label": "entailment"},
    {"claim": "Ice floats.", "evidence": "Ice sinks.", "label": "REFUTES"},
    {"claim": "Ice floats.", "evidence": "Ice is cold, \nsays he.", "label": ""},
]
READ = [
    Pair(claim="Ice floats.", evidence="Ice is lighter than water.", label="supports"),
    Pair(claim="Ice floats.", evidence="Ice sinks.", label="refutes"),
    Pair(claim="Ice floats.", evidence="Ice is cold, \nsays he.", label=None),
]


def write(file: Path, rows: list[dict[str, str]]) -> str:
    if file.suffix == ".csv":
        with file.open("w", newline="") as content:
            writer = csv.DictWriter(content, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    elif file.suffix == ".jsonl":
        file.write_text("\n".join(map(json.dumps, rows)))
    else:
        parquet.write_table(pa.Table.from_pylist(rows), file)
    return str(file)


def taken(pairs: Pairs, count: int, *, length: int | None = None, seed: int = 0) -> list[Pair]:
    return list(itertools.islice(pairs.stream(length, seed), count))


def test_the_built_in_pairs_are_labelled_passages_with_their_claims() -> None:
    pairs = Pairs().pairs()
    assert Counter(pair.label for pair in pairs) == {
        "supports": 105,
        "refutes": 110,
        "neutral": 205,
    }
    assert len(set(pairs)) == 420
    assert "Venus" in pairs[0].claim
    assert "Venus" in pairs[0].evidence


def test_a_round_has_every_pair_once_and_the_next_another_order() -> None:
    rounds = taken(Pairs(), 840)
    assert set(rounds[:420]) == set(rounds[420:]) == set(Pairs().pairs())
    assert rounds[:420] != rounds[420:]


def test_the_seed_decides_the_order() -> None:
    assert taken(Pairs(), 30, seed=1) == taken(Pairs(), 30, seed=1)
    assert taken(Pairs(), 30, seed=1) != taken(Pairs(), 30, seed=2)


@pytest.mark.parametrize("length", [1, 40, 5000])
def test_evidence_gets_exactly_the_length_asked_for_and_no_label(length: int) -> None:
    pairs = taken(Pairs(), 50, length=length)
    assert {len(pair.evidence) for pair in pairs} == {length}
    assert {pair.label for pair in pairs} == {None}
    assert [pair.claim for pair in pairs] == [pair.claim for pair in taken(Pairs(), 50)]


def test_evidence_that_is_made_longer_begins_with_its_own() -> None:
    own, longer = taken(Pairs(), 20), taken(Pairs(), 20, length=1000)
    for before, after in zip(own, longer, strict=True):
        assert after.evidence.startswith(before.evidence)


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_a_file_of_each_kind_is_read(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"pairs.{suffix}", ROWS)
    assert Pairs(path=path).pairs() == READ


def test_columns_may_have_other_names_and_labels_may_be_missing(tmp_path: Path) -> None:
    rows = [{"hypothesis": "Ice floats.", "premise": "Ice sinks.", "id": "7"}]
    path = write(tmp_path / "pairs.csv", rows)
    pairs = Pairs(path=path, claim="hypothesis", evidence="premise")
    assert pairs.pairs() == [Pair(claim="Ice floats.", evidence="Ice sinks.", label=None)]


def test_rows_without_a_claim_or_evidence_are_left_out(tmp_path: Path) -> None:
    rows = [{"claim": " ", "evidence": "Ice."}, {"claim": "Ice.", "evidence": ""}, ROWS[1]]
    path = write(tmp_path / "pairs.jsonl", rows)
    assert Pairs(path=path).pairs() == READ[1:2]


def test_labels_are_left_alone_where_none_are_wanted(tmp_path: Path) -> None:
    path = write(tmp_path / "pairs.jsonl", [{**ROWS[0], "label": "0"}])
    assert Pairs(path=path, label=None).pairs()[0].label is None


def test_an_unknown_label_is_named_with_what_to_do(tmp_path: Path) -> None:
    path = write(tmp_path / "pairs.jsonl", [*ROWS, {**ROWS[0], "label": "0"}])
    with pytest.raises(ValueError, match=r"label '0'; labels are supports.*workload.corpus.label"):
        Pairs(path=path).fingerprint()


def test_what_is_wrong_with_a_file_is_said_with_its_key(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"workload.corpus.path=nowhere.csv: there is no such"):
        Pairs(path="nowhere.csv").pairs()
    empty = write(tmp_path / "pairs.jsonl", [{"claim": "", "evidence": ""}])
    with pytest.raises(ValueError, match="holds no pair"):
        Pairs(path=empty).pairs()
    other = write(tmp_path / "other.csv", [{"a": "1", "b": "2"}])
    with pytest.raises(ValueError, match=r"workload.corpus.claim=claim: .* it has a, b"):
        Pairs(path=other).pairs()
    plain = tmp_path / "pairs.txt"
    plain.write_text("text")
    with pytest.raises(ValueError, match=r"must end in .csv, .tsv, .jsonl, .parquet"):
        Pairs(path=str(plain)).pairs()


def test_the_fingerprint_is_that_of_texts_and_labels(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"pairs.{suffix}", ROWS) for suffix in ("csv", "jsonl", "parquet")]
    (one,) = {Pairs(path=path).fingerprint() for path in paths}
    assert one != Pairs(path=paths[0], label=None).fingerprint()
    assert one != Pairs().fingerprint()
