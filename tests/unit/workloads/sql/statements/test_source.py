import hashlib
from pathlib import Path

import pytest

from embprof.errors import RequestError
from embprof.workloads.sql.statements import DATA
from embprof.workloads.sql.statements.source import Source, sets

TRACE = """\
-- What one request asked.
-- name: claim
SELECT * FROM claims WHERE id = 1;
SELECT * FROM evidence WHERE claim_id = 1;

-- operation: overview
SELECT count(*) FROM claims; -- all
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def source(statements: str, setup_sql: str | list[str] | None = None) -> Source:
    return Source(statements=statements, setup_sql=setup_sql)


@pytest.mark.parametrize("name", sets())
def test_every_set_that_comes_with_embprof_can_be_read(name: str) -> None:
    assert source(name).operations()
    assert source(name).problems() == []


def test_a_sql_file_is_one_operation_unless_its_comments_say_otherwise(folder: Path) -> None:
    (folder / "one-request.sql").write_text(TRACE)
    request, overview = source("one-request.sql").operations()
    assert request.name == "one_request"
    assert [one.name for one in request.statements] == ["claim", "statement_2"]
    assert [one.line for one in request.statements] == [3, 4]
    assert overview.name == "overview"
    assert [one.sql for one in overview.statements] == ["SELECT count(*) FROM claims"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("-- nothing\n", "has no statements"),
        ("SELECT :id", "line 1: :id has no value here"),
        ("\n-- name: a b\nSELECT 1", "line 3: -- name: a b: a name is made of"),
        ("-- name: a\nSELECT 1;\n-- name: a\nSELECT 2", "line 4: there are two statements a"),
        ("SELECT 1;\nCOMMIT;", "line 2: an operation is a transaction already"),
        ("SELECT 'a", "line 1: the string that begins here does not end"),
        ("SELECT 1;\n\\timing", "line 2: \\timing is a command of psql"),
        ("COPY a FROM stdin;\n1\n\\.\n", "line 1: COPY … FROM stdin has no data"),
    ],
)
def test_what_is_wrong_with_a_sql_file_is_told_with_its_line(
    folder: Path, text: str, said: str
) -> None:
    (folder / "a.sql").write_text(text)
    (problem,) = source("a.sql").problems()
    assert problem.startswith("workload.statements=a.sql")
    assert said in problem


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nothing", "there is no such set; there are verification, or a path"),
        ("nothing.yaml", "there is no such file"),
        ("nothing.txt", "must end in .yaml, .yml, .sql"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_a_file_that_is_not_there_is_told(name: str, said: str) -> None:
    (problem,) = source(name).problems()
    assert problem.startswith(f"workload.statements={name}: {said}")
    with pytest.raises(RequestError):
        source(name).fingerprint()


def test_setup_is_sql_or_the_paths_of_files_of_it(folder: Path) -> None:
    (folder / "a.sql").write_text("CREATE TABLE t (a int);\n-- and\nCREATE INDEX ON t (a);")
    steps = source("verification", ["a.sql", "ANALYZE t; ANALYZE u"]).setup().steps
    assert [(one.place, one.sql) for one in steps] == [
        ("workload.setup_sql=a.sql, line 1", "CREATE TABLE t (a int)"),
        ("workload.setup_sql=a.sql, line 3", "CREATE INDEX ON t (a)"),
        ("workload.setup_sql, line 1", "ANALYZE t"),
        ("workload.setup_sql, line 1", "ANALYZE u"),
    ]
    assert source("verification").setup().steps == ()


def test_statements_find_what_setup_makes_whatever_schema_they_name(folder: Path) -> None:
    (folder / "a.sql").write_text("SELECT app.ships.id FROM app.ships JOIN public.other ON true")
    setup = "CREATE SCHEMA app; CREATE TABLE app.ships (id int)"
    ((statement,),) = (one.statements for one in source("a.sql", setup).operations())
    assert statement.sql == "SELECT ships.id FROM ships JOIN public.other ON true"


def test_the_fingerprint_is_that_of_the_files_that_were_given(folder: Path) -> None:
    file = DATA / "verification.yaml"
    plain = source("verification").fingerprint()
    assert plain == hashlib.sha256(file.read_bytes()).hexdigest()
    assert source("verification", "ANALYZE").fingerprint() == plain
    seen = {plain}
    for text in ("ANALYZE", "VACUUM"):
        (folder / "a.sql").write_text(text)
        seen.add(source("verification", "a.sql").fingerprint())
    assert len(seen) == 3
