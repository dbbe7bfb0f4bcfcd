from pathlib import Path

import pytest

from embprof.errors import RequestError
from embprof.workloads.sql.statements import setup_script
from embprof.workloads.sql.statements.lexer import Piece
from embprof.workloads.sql.statements.setup_script import Script
from embprof.workloads.sql.statements.source import Source

DUMP = r"""
\restrict x
SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);
CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA public;
COMMENT ON EXTENSION vector IS 'vectors';
CREATE SCHEMA app;
CREATE TABLE public."Berths" (i bigint NOT NULL, v public.vector(3));
ALTER TABLE public."Berths" OWNER TO nobody_here;
CREATE FUNCTION app.ships() RETURNS int LANGUAGE sql AS $$ TABLE public."Berths"; $$;
ALTER TABLE public."Berths" ALTER i ADD GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME public.n);
COPY public."Berths" (i) FROM stdin;
1
2;\\
public.n
\.

SELECT pg_catalog.setval('public.n', 2, true);
CREATE INDEX CONCURRENTLY ON public."Berths" (i);
GRANT SELECT ON public."Berths" TO nobody_here;
\unrestrict x
"""


def script(sql: str) -> Script:
    return Source(statements="verification", setup_sql=sql).setup()


def test_a_dump_is_made_in_one_schema_with_its_rows_and_without_owners_and_paths() -> None:
    found = script(DUMP)
    moved = [found.own.moved(one.sql, "ours") for one in found.steps]
    assert moved == [
        'CREATE TABLE ours."Berths" (i bigint NOT NULL, v public.vector(3))',
        'CREATE FUNCTION ours.ships() RETURNS int LANGUAGE sql AS $$ TABLE ours."Berths"; $$',
        'ALTER TABLE ours."Berths" ALTER i ADD GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME ours.n)',
        'COPY ours."Berths" (i) FROM stdin',
        "SELECT pg_catalog.setval('ours.n', 2, true)",
        'CREATE INDEX ON ours."Berths" (i)',
    ]
    assert [one.data for one in found.steps if one.data] == ["1\n2;\\\\\npublic.n\n"]
    assert [name for name, _ in found.extensions] == ["vector"]


@pytest.mark.parametrize(
    "sql",
    [
        *("BEGIN", "COMMIT", "SET search_path TO app, public", "SET ROLE x", "VACUUM"),
        *("CREATE DATABASE x", "ALTER DATABASE x SET work_mem = '1GB'", "CREATE ROLE x"),
        *("REVOKE ALL ON SCHEMA public FROM PUBLIC", "DROP SCHEMA app CASCADE", "\\connect x"),
        *("DROP EXTENSION vector", "ALTER FUNCTION f(a int) OWNER TO x", "CREATE PUBLICATION p"),
        *('ALTER TABLE public.t OWNER TO "my user"', "ALTER TABLE ONLY t OWNER TO CURRENT_USER"),
        *("ALTER AGGREGATE a(*) OWNER TO x", "ALTER OPERATOR CLASS o USING btree OWNER TO x"),
        'ALTER MATERIALIZED VIEW IF EXISTS "a b"."c d" SET SCHEMA "e f"',
        *("ALTER DEFAULT PRIVILEGES FOR ROLE x GRANT SELECT ON TABLES TO y", "CREATE USER x"),
        *(
            "SET SESSION AUTHORIZATION x",
            "SET transaction_timeout = 0",
            "COMMENT ON DATABASE x IS ''",
        ),
    ],
)
def test_what_would_lead_out_of_the_schema_or_says_who_may_do_what_is_passed_over(sql: str) -> None:
    assert script(f"{sql}\n;CREATE TABLE t ()").steps[0].sql == "CREATE TABLE t ()"


@pytest.mark.parametrize(
    "sql",
    [
        *("ALTER TABLE t RENAME COLUMN owner TO boss", "ALTER TABLE t RENAME owner TO boss"),
        *("ALTER TYPE t RENAME ATTRIBUTE owner TO boss", "SET role.level = 1"),
        *("ALTER TABLE t ADD COLUMN a int, OWNER TO x", "ALTER TABLE t ALTER a SET DEFAULT 1"),
        'CREATE TABLE t (a int, "x concurrently y" int)',
        r"INSERT INTO t VALUES (E'\';', ';--', '/*''', -1/2, 'E' || '\') /* ; */ RETURNING ';'",
        r"""INSERT INTO t VALUES ('\', E'''\';', $$;$$, "a;b") -- ;""" + "\n",
    ],
)
def test_what_only_looks_like_something_else_is_kept_as_it_stands(sql: str) -> None:
    assert [one.sql for one in script(f"{sql};SELECT 1").steps] == [sql.rstrip(), "SELECT 1"]


MAKES = """
CREATE EXTENSION vector WITH SCHEMA extensions;
CREATE SCHEMA "App";
CREATE TABLE "App".docs (id serial);
CREATE TABLE public.o2 (id int);
"""


@pytest.mark.parametrize(
    ("sql", "moved"),
    [
        ("INSERT INTO public.docs VALUES ('public.docs')", "INSERT INTO o.docs VALUES ('{}')"),
        ("UPDATE docs SET a = 'public.docs', b = $$public.docs$$", None),
        ("UPDATE docs SET a = $$see public.docs$$, b = my.nextval('public.docs')", None),
        ("SELECT pg_catalog.nextval('public.docs_id_seq')", "'o.docs_id_seq'"),
        ("SELECT setval('\"App\".docs_id_seq', 1)", "'o.docs_id_seq'"),
        ("SELECT pg_get_serial_sequence('public.docs', 'public.docs')", "('o.docs', '{}')"),
        ("SELECT 'public.docs' :: pg_catalog.regclass, 'public.docs'", "'o.docs' ::"),
        ("SELECT CAST('public.docs' AS regclass), 'public.docs' AS region", "'{}' AS region"),
        ("DO $$ BEGIN PERFORM a($q$public.docs$q$) FROM public.docs; END $$", "FROM o.docs;"),
        ('SELECT * FROM "App".docs WHERE a = 1 AND b = 2', "FROM o.docs WHERE a = 1 AND b = 2"),
        ("SELECT public.o2_key FROM public.o2 public", "SELECT public.o2_key FROM o.o2 public"),
        ("SELECT 1 FROM o2 JOIN x public ON public.o2_key = 1", None),
        ("DROP INDEX IF EXISTS public.o2_pkey, public.docs_a_idx", "EXISTS o.o2_pkey, o.docs_a_"),
        ("SELECT last_value FROM public.docs_id_seq", "FROM o.docs_id_seq"),
        ("CREATE TABLE x (e extensions.vector(3))", "(e vector(3))"),
        ("SELECT a OPERATOR(extensions.<=>) b FROM x.extensions.y", "(<=>) b FROM x.extensions.y"),
    ],
)
def test_names_are_moved_and_data_are_not(sql: str, moved: str | None) -> None:
    found = script(MAKES).own.moved(sql, "o")
    assert (sql if moved is None else moved.format("public.docs")) in found


def test_a_text_is_read_once_however_often_a_job_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def once(text: str) -> list[Piece]:
        read.append(text)
        return []

    monkeypatch.setattr(setup_script, "read", once)
    source = Source(statements="verification", setup_sql="CREATE TABLE read_once ()")
    assert source.problems() == []
    source.setup()
    assert read == ["CREATE TABLE read_once ()"]


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("CREATE TABLE users (); CREATE TABLE app.users ()", "users is made in public and in app"),
        ("CREATE TABLE t ();\n\\connect other\n", "line 2: \\connect .* a second database"),
        ("\\i other.sql\n", "line 1: \\i .* name that file too"),
        ("\\copy t FROM x", "line 1: \\copy .* write COPY"),
        ("\n\\gset", "line 2: \\gset is a command of psql; leave it out"),
        ("ROLLBACK;", "line 1: ROLLBACK: all is one transaction"),
        ("CREATE EVENT TRIGGER x", "CREATE EVENT TRIGGER makes nothing in a schema"),
        ("CREATE CAST (a AS b) WITH FUNCTION f", "CREATE CAST makes nothing in a schema"),
        ("ALTER SYSTEM SET a = 1", "ALTER SYSTEM makes nothing in a schema"),
        ("CREATE SCHEMA a CREATE TABLE t ()", "by statements of its own"),
        ("SET client_encoding = 'LATIN1'", "pg_dump --encoding=UTF8"),
        ("CREATE TABLE a.t (); CREATE VIEW b.t AS TABLE x", "t is made in a and in b"),
        ("COPY t FROM stdin;\n1\n", "line 1: the data of the COPY that begins here does not end"),
    ],
)
def test_what_cannot_be_done_in_a_schema_is_told_with_its_line(sql: str, said: str) -> None:
    with pytest.raises(RequestError, match=said.replace("\\", r"\\")):
        script(sql)


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"PGDMP\x01", "pg_restore --file=dump.sql"), (b"\x1f\x8b\x08", "gunzip it first")],
)
def test_a_dump_that_is_no_text_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.sql").write_bytes(content)
    with pytest.raises(RequestError, match=f"setup_sql=a.sql: .*{said}"):
        script("a.sql")
