"""What the columns of a table refer to, and which of the words standing in them the other tables know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

    from gridmap.store.database import Store

_DIVISIONS = (
    "SELECT community_code AS code, name_zh FROM communities "
    "UNION ALL SELECT community_code, regexp_replace(name_zh, '社区$', '') FROM communities WHERE ends_with(name_zh, '社区') "
    "UNION ALL SELECT street_code, name_zh FROM streets UNION ALL SELECT district_code, name_zh FROM districts"
)
"""The divisions themselves are codes only; people write a community with or without the word for it."""


@dataclass(frozen=True)
class Reference:
    """One column's reference.

    codes: the key that each word stands for, a key for itself, a name for the one row that bears it; unknown words are not in
    it. must: the schema keeps no row that refers to nothing.
    """

    codes: dict[str, str]
    must: bool


def references(self: Store, table: str, words: Mapping[str, pa.Array]) -> dict[str, Reference]:
    """Look up the words that stand in the columns of a table, by column; columns that refer to nothing are left out."""
    with self.cursor() as cursor:
        listed = cursor.execute(
            "SELECT constraint_column_names[1], referenced_table, referenced_column_names[1], true FROM duckdb_constraints() "
            "WHERE table_name = $table AND constraint_type = 'FOREIGN KEY' AND len(constraint_column_names) = 1 "
            "AND database_name = current_database() "
            "UNION ALL SELECT column_name, parent_table, parent_column, false FROM watched_references "
            "WHERE table_name = $table",
            {"table": table},
        ).fetchall()
        return {
            column: Reference(_codes(cursor, parent, key, words[column]), must)
            for column, parent, key, must in listed
            if column in words
        }


def _codes(cursor: duckdb.DuckDBPyConnection, parent: str, key: str, words: pa.Array) -> dict[str, str]:
    cursor.register("words", pa.table({"word": words}))
    codes = dict(cursor.execute(f"SELECT word, word FROM words SEMI JOIN {parent} ON word = {key}").fetchall())
    own = f"SELECT {key} AS code, name_zh FROM {parent}"
    if parent == "divisions" or _has_names(cursor, parent):
        named = (
            f"SELECT word, any_value(code) FROM words JOIN ({_DIVISIONS if parent == 'divisions' else own}) ON word = name_zh "
            f"WHERE word NOT IN (SELECT {key} FROM {parent}) GROUP BY word HAVING count(DISTINCT code) = 1"
        )
        codes |= dict(cursor.execute(named).fetchall())
    cursor.unregister("words")
    return codes


def _has_names(cursor: duckdb.DuckDBPyConnection, table: str) -> bool:
    asked = "SELECT 1 FROM duckdb_columns() WHERE table_name = ? AND column_name = 'name_zh'"
    return cursor.execute(asked, [table]).fetchone() is not None
