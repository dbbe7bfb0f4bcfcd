"""What the server knows of the tables that plans read, and of itself."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

TABLES = """
SELECT n.nspname, c.relname, c.reltuples, pg_table_size(c.oid),
       array_position(current_schemas(false), n.nspname) IS NOT NULL
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm') AND (n.nspname, c.relname) IN
    (SELECT * FROM unnest($1::text[], $2::text[]))
"""
COLUMNS = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod), s.n_distinct, s.null_frac
FROM pg_attribute AS a
LEFT JOIN pg_stats AS s
    ON s.schemaname = $1 AND s.tablename = $2 AND s.attname = a.attname AND NOT s.inherited
WHERE a.attrelid = format('%I.%I', $1::text, $2::text)::regclass
    AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
"""
INDEXES = """
SELECT c.relname, m.amname, i.indisunique, i.indpred IS NOT NULL, pg_relation_size(i.indexrelid),
       ARRAY(SELECT pg_get_indexdef(i.indexrelid, k, true)
             FROM generate_series(1, i.indnkeyatts) AS k ORDER BY k),
       pg_get_indexdef(i.indexrelid)
FROM pg_index AS i
JOIN pg_class AS c ON c.oid = i.indexrelid
JOIN pg_am AS m ON m.oid = c.relam
WHERE i.indrelid = format('%I.%I', $1::text, $2::text)::regclass AND i.indisvalid
ORDER BY 1
"""
SERVER = (
    *("server_version", "work_mem", "shared_buffers", "effective_cache_size", "random_page_cost"),
    *("jit", "max_parallel_workers_per_gather", "plan_cache_mode"),
)
"""Settings that decide plans and times."""


def tables(
    connection: psycopg.Connection[Any], named: Collection[tuple[str, str]]
) -> list[dict[str, Any]]:
    """Sizes, columns and indexes of tables, given by schema and name; what is none is left out."""
    from psycopg import RawCursor

    cursor = RawCursor(connection)
    ordered = sorted(named)
    asked = [[schema for schema, _ in ordered], [table for _, table in ordered]]
    found = cursor.execute(TABLES, asked).fetchall()
    return [
        {
            "schema": schema,
            "table": table,
            "in_search_path": in_path,
            "rows": int(rows),
            "bytes": int(size),
            "columns": _columns(cursor, schema, table),
            "indexes": _indexes(cursor, schema, table),
        }
        for schema, table, rows, size, in_path in sorted(found)
    ]


def settings(connection: psycopg.Connection[Any]) -> dict[str, str]:
    """What the server has set, of what decides plans and times."""
    found = connection.execute(
        "SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY(%s)", [list(SERVER)]
    ).fetchall()
    return {str(name): str(value) for name, value in sorted(found)}


def _columns(cursor: psycopg.RawCursor[Any], schema: str, table: str) -> dict[str, Any]:
    found = cursor.execute(COLUMNS, [schema, table]).fetchall()
    return {
        column: {"type": kind, "distinct": distinct, "null_fraction": nulls}
        for column, kind, distinct, nulls in found
    }


def _indexes(cursor: psycopg.RawCursor[Any], schema: str, table: str) -> list[dict[str, Any]]:
    found = cursor.execute(INDEXES, [schema, table]).fetchall()
    return [
        {
            "index": index,
            "method": method,
            "unique": unique,
            "partial": partial,
            "bytes": int(size),
            "columns": list(keys),
            "definition": definition,
        }
        for index, method, unique, partial, size, keys, definition in found
    ]
