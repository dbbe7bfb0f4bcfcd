"""The user's own texts from every kind of file, and what is said of a bad one."""

import csv
import itertools
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from embprof.corpora.file import File
from embprof.corpora.lengths import Lengths

TEXTS = ["First, with a comma.", "Zweiter: über Grün.", 'Third "quoted" text.']
BLANKS = ["First, with a comma.", "", "  ", "Zweiter: über Grün.", 'Third "quoted" text.']

Writer = Callable[[Path, Sequence[str]], Path]


def write_txt(folder: Path, texts: Sequence[str]) -> Path:
    path = folder / "texts.txt"
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def write_csv(folder: Path, texts: Sequence[str]) -> Path:
    path = folder / "texts.csv"
    with path.open("w", newline="", encoding="utf-8") as lines:
        rows = csv.writer(lines)
        rows.writerow(["id", "text"])
        rows.writerows(enumerate(texts))
    return path


def write_jsonl(folder: Path, texts: Sequence[str]) -> Path:
    path = folder / "texts.jsonl"
    lines = [
        json.dumps({"id": n, "text": text}, ensure_ascii=False) for n, text in enumerate(texts)
    ]
    path.write_text("\n\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_parquet(folder: Path, texts: Sequence[str]) -> Path:
    path = folder / "texts.parquet"
    columns = {"id": list(range(len(texts))), "text": list(texts)}
    parquet.write_table(pa.table(columns), path)
    return path


WRITERS = (write_txt, write_csv, write_jsonl, write_parquet)
every_kind = pytest.mark.parametrize("write", WRITERS)


@every_kind
def test_texts_are_read_in_the_order_of_the_file(tmp_path: Path, write: Writer) -> None:
    assert File(path=str(write(tmp_path, TEXTS))).texts() == TEXTS


@every_kind
def test_blank_texts_are_left_out(tmp_path: Path, write: Writer) -> None:
    assert File(path=str(write(tmp_path, BLANKS))).texts() == TEXTS


@every_kind
def test_rows_that_are_no_text_of_their_own_are_counted(tmp_path: Path, write: Writer) -> None:
    file = File(path=str(write(tmp_path, TEXTS)))
    assert file.survey() == (file.fingerprint(), None)
    file = File(path=str(write(tmp_path, [*BLANKS, TEXTS[0]])))
    sha256, note = file.survey()
    assert sha256 == file.fingerprint()
    assert note == (
        f"corpus.path={file.path}: of 6 rows, 2 hold no text and are left out, 1 repeats another"
    )


@every_kind
def test_a_file_that_holds_no_text_is_an_error(tmp_path: Path, write: Writer) -> None:
    path = write(tmp_path, ["", " "])
    with pytest.raises(ValueError, match=f"corpus.path={path}: holds no text"):
        File(path=str(path)).texts()


def test_the_fingerprint_is_that_of_the_texts_whatever_file_holds_them(tmp_path: Path) -> None:
    found = {File(path=str(write(tmp_path, TEXTS))).fingerprint() for write in WRITERS}
    assert len(found) == 1
    other = File(path=str(write_txt(tmp_path, TEXTS[:2]))).fingerprint()
    assert other not in found


def test_another_column_may_be_named(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("text,body\nno,yes\n")
    assert File(path=str(tmp_path / "rows.csv"), column="body").texts() == ["yes"]


@pytest.mark.parametrize("write", WRITERS[1:])
def test_a_column_that_is_not_there_names_those_that_are(tmp_path: Path, write: Writer) -> None:
    path = write(tmp_path, TEXTS)
    with pytest.raises(ValueError, match=r"corpus\.column=txt: .* no such column.* id, text"):
        File(path=str(path), column="txt").texts()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("bad.jsonl", b'{"text": "one"}\n{"text": \n', "line 2 is not JSON"),
        ("bad.jsonl", b'["a list"]\n', "line 1 is a list, where a row is an object"),
        ("bad.jsonl", b'{"text": "a"}\n{"text": 5}\n', "line 2: text is a number, not a text: 5"),
        ("bad.jsonl", b'{"text": ["a"]}\n', "line 1: text is a list, not a text"),
        ("bad.jsonl", b'{"text": "a"}\n\n{"body": "b"}\n', "no such column in line 3; it has body"),
        ("bad.jsonl", b'{"text": "a \\ud83d"}\n', "line 1: text holds half a character"),
        ("bad.txt", b"a\nb\nGr\xfcn\n", "line 3 is not UTF-8 .*; save it as UTF-8"),
        ("bad.csv", b"text\na\nGr\xfcn\n", "line 3 is not UTF-8"),
        (
            "bad.csv",
            b"id,text\n1,one, two\n",
            r"line 2 has 3 fields, the header has 2 \(id, text\)",
        ),
        ("bad.csv", b"id,text\n1,one\n2\n", "line 3 has 1 field, .* with a comma in it stands in"),
        ("bad.csv", b"text\none, two\n", r"line 2 has 2 fields, the header has 1 \(text\)"),
        ("bad.csv", b"id;text\n1;one; two\n", "line 2 has 3 fields, .* with a semicolon in it"),
        ("bad.csv", b'id,text\n1,"one\ntwo"\n2,"x" y\n', "line 4: .*quote"),
        ("bad.csv", b'id,text\n1,a\n2,"never closed\n3,b\n', "line 3: .*quote"),
        ("bad.csv", b"text,text\na,b\n", "the column text more than once"),
        ("bad.txt", b"\xff\xfe\x00text", "cannot be read"),
        ("bad.csv", b"\xff\xfe\x00text", "cannot be read"),
        ("bad.parquet", b"not parquet at all", "cannot be read"),
        ("empty.csv", b"", "no such column"),
        ("empty.jsonl", b"", "holds no text"),
        ("texts.xlsx", b"", "must end in .txt, .csv, .tsv, .jsonl, .parquet"),
    ],
)
def test_a_bad_file_is_told_with_its_name_and_what_is_wrong(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=said) as caught:
        File(path=str(tmp_path / name)).texts()
    assert name in str(caught.value)
    assert str(caught.value).startswith("corpus.")


def test_a_file_that_is_not_there_tells_where_it_was_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="there is no such file") as caught:
        File(path="gone.txt").texts()
    assert "corpus.path=gone.txt" in str(caught.value)
    assert str(tmp_path) in str(caught.value)


def test_a_broken_line_of_jsonl_is_told_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"text": "one"}\n{"text": "two"}\n{"text": \n')
    with pytest.raises(ValueError, match="line 3"):
        File(path=str(path)).texts()


def test_a_byte_order_mark_is_no_part_of_the_first_column_or_text(tmp_path: Path) -> None:
    (tmp_path / "excel.csv").write_text("text,id\nhello,1\n", encoding="utf-8-sig")
    (tmp_path / "notepad.txt").write_text("hello\n", encoding="utf-8-sig")
    for name in ("excel.csv", "notepad.txt"):
        assert File(path=str(tmp_path / name)).texts() == ["hello"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_file_is_in_the_encoding_that_its_mark_tells(tmp_path: Path, encoding: str) -> None:
    content = "id;text\r\n1;Grün, 緑\r\n"
    (tmp_path / "rows.csv").write_bytes(content.encode(encoding))
    assert File(path=str(tmp_path / "rows.csv")).texts() == ["Grün, 緑"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("comma.csv", 'id,text\n1,"{0}"\n'),
        ("semicolon.csv", "id;text;lang\n1;{0};de\n"),
        ("tab.csv", "id\ttext\n1\t{0}\n"),
        ("tab.tsv", "text\tid\n{0}\t1\n"),
        ("bar.csv", "id|text\n1|{0}\n"),
        ("spaces.csv", 'id, text\n1,"{0}"\n'),
        ("excel.csv", "sep=;\nid;text\n1;{0}\n"),
        ("one.csv", 'text\n"{0}"\n'),
        ("blank_lines.csv", 'text,id\n\n"{0}",1\n\n'),
    ],
)
def test_fields_are_separated_as_the_header_is(tmp_path: Path, name: str, content: str) -> None:
    text = "The tram stops, then turns"
    (tmp_path / name).write_text(content.format(text))
    assert File(path=str(tmp_path / name)).texts() == [text]


def test_a_cell_may_be_long_and_have_lines(tmp_path: Path) -> None:
    long = "word " * 200_000 + "\nend"
    assert File(path=str(write_csv(tmp_path, [long]))).texts() == [long]


def test_a_column_of_numbers_is_no_column_of_texts(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"text": [1, 2]}), tmp_path / "rows.parquet")
    with pytest.raises(ValueError, match="row 1: text is a number, not a text: 1"):
        File(path=str(tmp_path / "rows.parquet")).texts()


def test_a_line_of_jsonl_ends_at_its_newline_alone(tmp_path: Path) -> None:
    text = "one\u2028line\u0085still"
    path = write_jsonl(tmp_path, [text])
    assert File(path=str(path)).texts() == [text]


def test_a_null_is_a_blank_text_in_every_kind_of_file(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"text": null}\n{"text": "kept"}\n')
    columns = {"text": [None, "kept"]}
    parquet.write_table(pa.table(columns), tmp_path / "rows.parquet")
    (tmp_path / "rows.csv").write_text("id,text\n1,\n2,kept\n")
    for name in ("rows.jsonl", "rows.parquet", "rows.csv"):
        assert File(path=str(tmp_path / name)).texts() == ["kept"]


def test_the_stream_gives_every_text_as_it_is_before_it_repeats_one(tmp_path: Path) -> None:
    corpus = File(path=str(write_txt(tmp_path, TEXTS)))
    drawn = list(itertools.islice(corpus.stream(Lengths.parse("own"), 0, len), 9))
    for start in (0, 3, 6):
        assert sorted(drawn[start : start + 3]) == sorted(TEXTS)


def test_the_stream_joins_and_cuts_texts_to_a_length_that_is_asked_for(tmp_path: Path) -> None:
    corpus = File(path=str(write_txt(tmp_path, TEXTS)))
    drawn = itertools.islice(corpus.stream(Lengths.parse(50), 0, len), 10)
    assert {len(text) for text in drawn} == {50}
