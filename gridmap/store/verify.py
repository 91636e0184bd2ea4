"""Count where the database breaks a promise that the schema cannot hold by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb
import pandas as pd

from gridmap import errors, terms
from gridmap.store import areas, layers, tallies

if TYPE_CHECKING:
    from gridmap.store.database import Store


@dataclass(frozen=True)
class Broken:
    """A promise that does not hold: an English sentence, about what, and how often."""

    promise: str
    where: str
    times: int


def verify(self: Store) -> list[Broken]:
    """Check the whole database and give what is broken; an empty list means it is sound.

    Checked: every block of the file can be read (where one cannot, nothing else is looked at); watched references, unique
    incident and event ids, time order of incidents, the grids of every published version against the digest taken when it was
    drafted, crosswalk shares summing to 1, at most one version in force, grid and community agreeing, the tallies of incidents.
    """
    cursor = self.cursor()
    if torn := unreadable(cursor):
        return [Broken(errors.DAMAGED, table, 1) for table in torn]
    found: list[Broken] = []

    def count(promise: str, where: str, query: str) -> None:
        row = cursor.execute(query).fetchone()
        if row and row[0]:
            found.append(Broken(promise, where, int(row[0])))

    for table, column, parent, key in cursor.execute("SELECT * FROM watched_references ORDER BY ALL").fetchall():
        count(
            terms.key("A value refers to a row that is not there."),
            f"{table}.{column} -> {parent}.{key}",
            f'SELECT count(*) FROM (SELECT "{column}" AS k FROM {table} WHERE "{column}" IS NOT NULL) '
            f'ANTI JOIN (SELECT DISTINCT "{key}" AS k FROM {parent}) USING (k)',
        )
    for table, key in (("incidents", "incident_id"), ("incident_events", "event_id")):
        count(
            terms.key("An id occurs more than once."), f"{table}.{key}", f"SELECT count(*) - count(DISTINCT {key}) FROM {table}"
        )
    count(
        terms.key("The events of an incident are numbered twice."),
        "incident_events.seq",
        "SELECT count(*) FROM (SELECT 1 FROM incident_events GROUP BY incident_id, seq HAVING count(*) > 1)",
    )
    count(
        terms.key("A grid does not lie in the community that its code names."),
        "incidents.community_code",
        "SELECT count(*) FROM incidents WHERE grid_code IS NOT NULL AND NOT starts_with(grid_code, community_code)",
    )
    count(
        terms.key("More than one version is in force."),
        "grid_periods",
        "SELECT greatest(count(*) - 1, 0) FROM grid_periods WHERE valid_to IS NULL",
    )
    count(
        terms.key("The shares of an old grid do not sum to 1."),
        "grid_merge_map.share_of_dgrid",
        "SELECT count(*) FROM (SELECT 1 FROM grid_merge_map GROUP BY version, layer_key, dgrid_id "
        "HAVING abs(sum(share_of_dgrid) - 1) > 1e-6)",
    )
    for tally, times in tallies.wrong(cursor).items():
        found.append(Broken(terms.key("The counts kept of incidents are not those of the incidents themselves."), tally, times))
    for version, digest in cursor.execute("SELECT version, digest FROM grid_versions").fetchall():
        rows = areas.frame(
            cursor.execute("SELECT grid_code, ST_AsWKB(geom) AS geometry FROM grids_unified WHERE version = ?", [version])
        )
        if layers.digest_of(pd.Index(rows["grid_code"]), rows.geometry) != digest:
            found.append(Broken(terms.key("The grids of a version are not those that were drafted."), f"version {version}", 1))
    return found


def unreadable(cursor: duckdb.DuckDBPyConnection) -> list[str]:
    """Read every column of every table, as each block of the file is held against its checksum; name the tables that fail."""
    torn = []
    for (table,) in cursor.execute("SELECT table_name FROM duckdb_tables() WHERE NOT internal ORDER BY ALL").fetchall():
        try:
            cursor.execute(f'SELECT bit_xor(hash(COLUMNS(*))) FROM "{table}"').fetchall()
        except duckdb.Error as error:
            if not errors.is_damaged(error):
                raise
            torn.append(str(table))
    return torn
