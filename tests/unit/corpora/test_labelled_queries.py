"""Labelled queries: the built-in ones, and folders in the layout of BEIR, right and wrong."""

import json
from pathlib import Path

import pytest

from embprof.corpora.labelled_queries import read

DOCUMENTS = (
    {"_id": "d1", "title": "Moon", "text": "It shines."},
    {"_id": "d2", "text": "A river."},
    {"_id": "d3", "title": "", "text": "A bridge.", "metadata": {"year": 1}},
)
QUERIES = (
    {"_id": "q1", "text": "what shines"},
    {"_id": "q2", "text": "what flows"},
    {"_id": "q3", "text": "what nobody knows"},
)
LABELS = ("query-id\tcorpus-id\tscore", "q1\td1\t2", "q1\td2\t0", "q2\td2\t1", "q3\td3\t0")


def folder(
    path: Path,
    documents: tuple[object, ...] = DOCUMENTS,
    queries: tuple[object, ...] = QUERIES,
    labels: tuple[str, ...] = LABELS,
    name: str = "test",
) -> str:
    (path / "qrels").mkdir(parents=True, exist_ok=True)
    for file, rows in (("corpus", documents), ("queries", queries)):
        lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
        (path / f"{file}.jsonl").write_text("\n".join(lines))
    (path / "qrels" / f"{name}.tsv").write_text("\n".join(labels) + "\n")
    return str(path)


def test_a_folder_is_read_as_beir_has_it(tmp_path: Path) -> None:
    found = read(folder(tmp_path))
    assert found.documents == {"d1": "Moon It shines.", "d2": "A river.", "d3": "A bridge."}
    assert found.queries == {"q1": "what shines", "q2": "what flows"}
    assert found.relevance == {"q1": {"d1": 2}, "q2": {"d2": 1}}
    assert found.unlabelled == 1


def test_test_is_taken_where_there_are_several_files_of_labels(tmp_path: Path) -> None:
    folder(tmp_path, labels=(LABELS[0], "q1\td3\t1"), name="dev")
    assert set(read(str(tmp_path)).queries) == {"q1"}
    folder(tmp_path)
    assert set(read(str(tmp_path)).queries) == {"q1", "q2"}
    (tmp_path / "qrels" / "test.tsv").rename(tmp_path / "qrels" / "train.tsv")
    with pytest.raises(ValueError, match=r"qrels has dev\.tsv, train\.tsv: name the one"):
        read(str(tmp_path))


def test_other_labels_have_another_fingerprint(tmp_path: Path) -> None:
    one = read(folder(tmp_path)).fingerprint()
    assert read(folder(tmp_path)).fingerprint() == one
    other = (*LABELS[:-1], "q3\td3\t1")
    assert read(folder(tmp_path, labels=other)).fingerprint() != one


def test_built_in_claims_are_answered_by_what_decides_them() -> None:
    found = read("builtin")
    assert (len(found.documents), len(found.queries), found.unlabelled) == (420, 104, 0)
    assert sum(map(len, found.relevance.values())) == 215
    assert all(found.relevance.values())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"documents": ("{",)}, r"corpus.jsonl, line 1: is not JSON"),
        ({"documents": ("[1]",)}, r"corpus.jsonl, line 1: a row must be an object"),
        ({"documents": ({"_id": "d1"},)}, r"corpus.jsonl, line 1: must have text, a text"),
        ({"documents": ({"_id": 7, "text": "a"},)}, r"corpus.jsonl, line 1: must have _id, a text"),
        (
            {"documents": ({"_id": "d1", "text": "a", "title": 3},)},
            r"corpus.jsonl, line 1: title must be a text",
        ),
        ({"queries": (QUERIES[0], QUERIES[0])}, r"queries.jsonl, line 2: _id 'q1' stands there"),
        ({"queries": ()}, r"queries.jsonl: holds no text"),
        ({"queries": ({"_id": "q1", "text": "\ud83d"},)}, r"line 1: holds half a character"),
        ({"labels": ("q1\td1\t1",)}, r"qrels/test.tsv, line 1: must be the header query-id"),
        ({"labels": (LABELS[0], "q1 d1 1")}, r"qrels/test.tsv, line 2: has 1 fields with tabs"),
        ({"labels": (LABELS[0], "q9\td1\t1")}, r"line 2: queries.jsonl has no _id 'q9'"),
        ({"labels": (LABELS[0], "q1\td9\t1")}, r"line 2: corpus.jsonl has no _id 'd9'"),
        ({"labels": (LABELS[0], "q1\td1\thigh")}, r"line 2: score 'high' is no whole number"),
        ({"labels": (LABELS[0], "q1\td1\t1", "q1\td1\t2")}, r"line 3: 'q1' and 'd1' stand there"),
        ({"labels": (LABELS[0], "q1\td1\t0")}, r"qrels/test.tsv: no query has a relevant document"),
    ],
)
def test_what_is_not_what_it_seems_is_named_with_its_line(
    tmp_path: Path, change: dict[str, tuple[object, ...]], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        read(folder(tmp_path, **change))  # type: ignore[arg-type]


@pytest.mark.parametrize("missing", ["corpus.jsonl", "queries.jsonl", "qrels/test.tsv"])
def test_what_is_missing_is_named(tmp_path: Path, missing: str) -> None:
    folder(tmp_path)
    (tmp_path / missing).unlink()
    with pytest.raises(ValueError, match=r"\.(jsonl|tsv): there is no such file"):
        read(str(tmp_path))


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there is no such folder"):
        read(str(tmp_path / "nothing"))
