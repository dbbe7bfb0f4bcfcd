"""What the server knows of the tables that plans read, and of itself."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

TABLES = """
SELECT n.nspname AS schema, c.relname AS table,
       array_position(current_schemas(false), n.nspname) IS NOT NULL AS in_search_path,
       c.reltuples::bigint AS rows, pg_table_size(c.oid) AS bytes
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm') AND (n.nspname, c.relname) IN
    (SELECT * FROM unnest($1::text[], $2::text[]))
"""
COLUMNS = """
SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
       s.n_distinct AS distinct, s.null_frac AS null_fraction
FROM pg_attribute AS a
LEFT JOIN pg_stats AS s
    ON s.schemaname = $1 AND s.tablename = $2 AND s.attname = a.attname AND NOT s.inherited
WHERE a.attrelid = format('%I.%I', $1::text, $2::text)::regclass
    AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
"""
INDEXES = """
SELECT c.relname AS index, m.amname AS method, i.indisunique AS unique,
       i.indpred IS NOT NULL AS partial, pg_relation_size(i.indexrelid) AS bytes,
       ARRAY(SELECT pg_get_indexdef(i.indexrelid, k, true)
             FROM generate_series(1, i.indnkeyatts) AS k ORDER BY k) AS columns,
       pg_get_indexdef(i.indexrelid) AS definition
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
    connection: psycopg.Connection[Any], names: Collection[tuple[str, str]]
) -> list[dict[str, Any]]:
    """Sizes, columns and indexes of tables, given by schema and name; what is none is left out."""
    from psycopg import RawCursor
    from psycopg.rows import dict_row

    cursor = RawCursor(connection, row_factory=dict_row)
    wanted = [[schema for schema, _ in names], [table for _, table in names]]
    found = cursor.execute(TABLES, wanted).fetchall()
    for table in found:
        name = [table["schema"], table["table"]]
        columns = cursor.execute(COLUMNS, name).fetchall()
        table["columns"] = {column.pop("name"): column for column in columns}
        table["indexes"] = cursor.execute(INDEXES, name).fetchall()
    return sorted(found, key=lambda table: (table["schema"], table["table"]))


def settings(connection: psycopg.Connection[Any]) -> dict[str, str]:
    """What the server has set, of what decides plans and times."""
    found = connection.execute(
        "SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY(%s)", [list(SERVER)]
    ).fetchall()
    return {str(name): str(value) for name, value in sorted(found)}
