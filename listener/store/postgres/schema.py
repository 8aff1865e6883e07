"""What makes the tables of the store in PostgreSQL: SQLite's, read and put over."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from listener.store.postgres.dialect import translate
from listener.store.postgres.keys import Table, read_table

# Look-ups that PostgreSQL has no name for. A NUL in JSON can be written and not be read.
FUNCTIONS = (
    """CREATE OR REPLACE FUNCTION digest_of(said text) RETURNS bytea
        LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
        RETURN sha256(convert_to(said, 'UTF8'))""",
    """CREATE OR REPLACE FUNCTION json_each(said text) RETURNS TABLE (key text, value jsonb)
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            WITH whole AS (SELECT replace(said, '\\u0000', '\\ufffd')::jsonb AS one)
            SELECT CAST(n - 1 AS text), element FROM whole, jsonb_array_elements(
                CASE jsonb_typeof(one) WHEN 'array' THEN one ELSE '[]' END)
                WITH ORDINALITY AS listed(element, n)
            UNION ALL SELECT member.key, member.value FROM whole, jsonb_each(
                CASE jsonb_typeof(one) WHEN 'object' THEN one ELSE '{}' END) AS member
        $$""",
)
SEARCH = (
    "CREATE TABLE IF NOT EXISTS mention_search"
    " (rowid BIGINT PRIMARY KEY REFERENCES mentions (id), words tsvector NOT NULL)",
    "CREATE INDEX IF NOT EXISTS mention_search_words ON mention_search USING gin (words)",
)
# A mention has a vector of each model that brands group it by; once it had one.
WIDENED = """DO $$ BEGIN
    IF (SELECT array_length(conkey, 1) FROM pg_constraint
        WHERE conrelid = 'vectors'::regclass AND contype = 'p') = 1 THEN
        ALTER TABLE vectors DROP CONSTRAINT vectors_pkey, ADD PRIMARY KEY (mention_id, model);
    END IF;
END $$"""


def tables_in(statements: Sequence[str]) -> dict[str, Table]:
    """The tables that SQLite's statements make, by name, in their order."""
    found = (read_table(statement) for statement in statements)
    return {table.name: table for table in found if table is not None}


def views(statements: Sequence[str], tables: Mapping[str, Table]) -> dict[str, str]:
    """The statements that make the views, by name."""
    return {
        one.split()[2]: translate(re.sub(r"\s+", " ", one), tables).text.replace("%%", "%")
        for one in statements
    }
